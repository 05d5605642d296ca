"""Finished sound, known by its hash, and the work of making it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.db import Base


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
    """The order to make sound for one revision: claimed by compare-and-set, made outside any transaction.

    `state`: wanted → rendering → ready | failed | cancelled. A claim that is older than its deadline is taken up again.
    """

    __tablename__ = "rendering"
    __table_args__ = (Index("ix_rendering_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
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

    audio: Mapped[AudioAsset | None] = relationship()
