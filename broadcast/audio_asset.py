"""Finished sound, known by its hash, and the work of making it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.db import Base
from broadcast.unit import Unit


class AudioAsset(Base):
    """Immutable. The bytes lie in the content-addressed store under the same hash."""

    __tablename__ = "audio_asset"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    bytes: Mapped[int]
    duration_ms: Mapped[int]
    lufs: Mapped[float]
    true_peak_db: Mapped[float]
    media_type: Mapped[str] = mapped_column(String(40))
    voice: Mapped[str] = mapped_column(String(60))
    sentence_voices: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class Rendering(Base):
    """The order to make one sound of a revision: claimed by compare-and-set, made outside any transaction.

    `state`: wanted → rendering → ready | failed | cancelled; `lacking` while the unit has no value for a variable of
    the script, until it has one and the order is given again. A claim that is older than its deadline is taken up
    again.
    """

    __tablename__ = "rendering"
    __table_args__ = (Index("ix_rendering_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), default=None, index=True)
    """The unit whose own sound it is, where the script has variables; None: everybody's."""
    state: Mapped[str] = mapped_column(String(12), default="wanted")
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    sentences_done: Mapped[int] = mapped_column(default=0)
    sentences_total: Mapped[int] = mapped_column(default=0)
    message_vi: Mapped[str | None] = mapped_column(Text, default=None)
    """Why it failed, for the people at the screen."""
    audio_sha256: Mapped[str | None] = mapped_column(ForeignKey("audio_asset.sha256"), default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    said: Mapped[list[str] | None] = mapped_column(default=None)
    """Every sentence as the voice was given it, lead-in first, closing last; None for a recording."""
    outdated_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when the lexicon or a unit's values would have it said otherwise."""
    ordered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    """Whoever made it sound otherwise than its text alone would, by an entry of the lexicon or a unit's value or name.
    None where nobody did: the editor's own save, another voice, a unit that came later."""
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"), default=None)
    """The approval that covers it: it was before that approver's eyes. Another sound of the same bytes was not."""

    unit: Mapped[Unit | None] = relationship()
    audio: Mapped[AudioAsset | None] = relationship()
