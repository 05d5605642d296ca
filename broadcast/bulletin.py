"""Bản tin: what is to be said, its revisions, and who approved which text with which sound.

A bulletin that waits for a new approval goes on airing its last approved revision; withdrawal ends that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.arrangement import Arrangement
from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.db import Base
from broadcast.dispatch import Dispatch
from broadcast.errors import Conflict
from broadcast.person import Person
from broadcast.unit import Unit
from broadcast.upload import Upload
from broadcast.variables import variables_in


class BulletinClass(StrEnum):
    """The statutory three (Thông tư 39/2020/TT-BTTTT)."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"

    @property
    def label(self) -> str:
        return {"normal": "thông thường", "priority": "ưu tiên", "emergency": "khẩn cấp"}[self.value]


class State(StrEnum):
    """Where a revision stands. `withdrawn` and `expired` belong to the bulletin and are derived."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        return {
            "draft": "nháp",
            "submitted": "chờ duyệt",
            "returned": "trả lại",
            "approved": "đã duyệt",
            "withdrawn": "đã thu hồi",
            "expired": "hết hạn",
        }[self.value]


_PRESSING = ("failed", "lacking", "rendering", "wanted", "cancelled", "ready")
_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.APPROVED, State.RETURNED, State.DRAFT}),
    State.RETURNED: frozenset({State.SUBMITTED}),
    State.APPROVED: frozenset(),
}


class Bulletin(Base):
    __tablename__ = "bulletin"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    bulletin_class: Mapped[str] = mapped_column("class", String(12), default=BulletinClass.NORMAL.value)
    language: Mapped[str] = mapped_column(String(12), default="vi")
    field: Mapped[str] = mapped_column(String(100), default="")
    campaign: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(Text, default="")
    """Where its facts come from: a dispatch's number, a ministry's page."""
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch.id"), default=None)
    template: Mapped[str | None] = mapped_column(String(64), default=None)
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text, default=None)

    unit: Mapped[Unit] = relationship()
    dispatch: Mapped[Dispatch | None] = relationship()
    revisions: Mapped[list[Revision]] = relationship(
        back_populates="bulletin", order_by="Revision.number", cascade="save-update, merge"
    )

    @property
    def latest(self) -> Revision:
        return self.revisions[-1]

    @property
    def airing_revision(self) -> Revision | None:
        """The newest approved revision: what rules put on air."""
        return next((revision for revision in reversed(self.revisions) if revision.approvals), None)

    @property
    def is_only_draft(self) -> bool:
        """Nobody but those who wrote it has had to do with it: never with an approver, but for what was taken back."""
        return all(
            revision.state == State.DRAFT.value and revision.submitted_at is None and not revision.approvals
            for revision in self.revisions
        )

    @property
    def is_put_away(self) -> bool:
        """Given up before any approver saw it: withdrawn in all that follows, by another word for people."""
        return self.withdrawn_at is not None and self.is_only_draft

    def state_on(self, day: date) -> State:
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        if self.valid_until is not None and self.valid_until < day:
            return State.EXPIRED
        return State(self.latest.state)

    @property
    def author_ids(self) -> set[int]:
        """Whoever wrote since the last approval, or changed how that is read: none of them may approve."""
        return self._authors_of(self.revisions)

    def authors_up_to(self, revision: Revision) -> set[int]:
        """Whoever wrote what `revision` says since the approval before it, or changed how it is read: none of them may
        approve its sounds."""
        return self._authors_of([each for each in self.revisions if each.number <= revision.number], revision)

    @staticmethod
    def _authors_of(revisions: Sequence[Revision], deciding: Revision | None = None) -> set[int]:
        approved = max((each.number for each in revisions if each.approvals and each is not deciding), default=0)
        since = [each for each in revisions if each.number > approved]
        return {each.author_id for each in since}.union(*(each.changed_reading_ids for each in since))


class Revision(Base):
    """One edit. Content is text to be spoken, a recording, or the relay of a stream for N minutes."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("bulletin_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    content: Mapped[str] = mapped_column(String(12))  # "text" | "recording" | "relay"
    script: Mapped[str] = mapped_column(Text, default="")
    read_as_is: Mapped[bool] = mapped_column(default=False)
    """Whoever wrote the set-up file chose to have it all read as it is, whatever the reader asks."""
    answered: Mapped[list[str]] = mapped_column(default=list)
    """Keys of the reader's questions that staff saw, one by one, and chose to have read as they are."""
    recording_sha256: Mapped[str | None] = mapped_column(ForeignKey("audio_asset.sha256"), default=None)
    """A recording whose finished sound was there when it was written; one from a screen has an `upload`."""
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"), default=None)
    chime: Mapped[str] = mapped_column(String(64), default="gong")
    readings: Mapped[int] = mapped_column(default=1)
    reading_gap_s: Mapped[int] = mapped_column(default=2)
    closing: Mapped[str] = mapped_column(Text, default="")
    sound_profile: Mapped[str | None] = mapped_column(String(40), default=None)
    relay_url: Mapped[str | None] = mapped_column(Text, default=None)
    relay_minutes: Mapped[int | None] = mapped_column(default=None)
    relay_fallback_sha256: Mapped[str | None] = mapped_column(ForeignKey("audio_asset.sha256"), default=None)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default=State.DRAFT.value)
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    returned_at: Mapped[datetime | None] = mapped_column(default=None)
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    returned_reason: Mapped[str | None] = mapped_column(Text, default=None)

    bulletin: Mapped[Bulletin] = relationship(back_populates="revisions")
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    returned_by: Mapped[Person | None] = relationship(foreign_keys=[returned_by_id])
    approvals: Mapped[list[Approval]] = relationship(back_populates="revision", order_by="Approval.id")
    renderings: Mapped[list[Rendering]] = relationship(order_by="Rendering.id")
    upload: Mapped[Upload | None] = relationship()

    @property
    def arrangement(self) -> Arrangement:
        return Arrangement(self.chime, self.readings, self.reading_gap_s, self.closing, self.sound_profile)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of its script; with any it has a sound for each unit."""
        return variables_in(f"{self.script}\n{self.closing}") if self.content == "text" else ()

    @property
    def is_read_aloud(self) -> bool:
        """Whether a voice says any of it: a text, or the closing words after a recording."""
        return self.content == "text" or (self.content == "recording" and bool(self.closing))

    def has_answered(self, question: str) -> bool:
        """Whether the reader's question with this key needs no look any more."""
        return self.read_as_is or question in self.answered

    @property
    def text_sha256(self) -> str:
        """Of all that is approved besides the sound: class, title, text, a relay's address, minutes, fallback."""
        bound = [
            self.bulletin.bulletin_class,
            self.title,
            self.content,
            self.script,
            self.relay_url,
            self.relay_minutes,
            self.relay_fallback_sha256,
        ]
        if self.closing:  # only then, so that what was approved before there were closings still is
            bound.append(self.closing)
        return hashlib.sha256(json.dumps(bound, ensure_ascii=False).encode()).hexdigest()

    def says_the_same(self, other: Revision) -> bool:
        """What was typed into both is equal."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in (
                "title",
                "content",
                "script",
                "read_as_is",
                "recording_sha256",
                "relay_url",
                "relay_minutes",
                "relay_fallback_sha256",
                "upload_id",
                "arrangement",
            )
        )

    @property
    def changed_reading_ids(self) -> set[int]:
        """Whoever changed how it sounds without writing it: an entry of the lexicon, a unit's value or name."""
        return {each.ordered_by_id for each in self.renderings if each.ordered_by_id is not None}

    @property
    def newest_renderings(self) -> list[Rendering]:
        """The newest order for each of its sounds: one for everybody, or one a unit."""
        newest = {rendering.unit_id: rendering for rendering in self.renderings}
        return sorted(newest.values(), key=lambda rendering: rendering.unit_id or 0)

    @property
    def rendering(self) -> Rendering | None:
        """The order that needs a look: the one that failed, else the one the rest wait for."""
        return min(self.newest_renderings, key=lambda rendering: _PRESSING.index(rendering.state), default=None)

    @property
    def sounds(self) -> list[Rendering]:
        """Those that are ready to be heard, the bulletin's own unit first."""
        ready = [each for each in self.newest_renderings if each.state == "ready" and each.audio is not None]
        return sorted(ready, key=lambda rendering: rendering.unit_id != self.bulletin.unit_id)

    @property
    def audio(self) -> AudioAsset | None:
        """The sound to be heard and approved, or the first of them, once none is still being made."""
        if any(rendering.state in {"wanted", "rendering"} for rendering in self.newest_renderings):
            return None
        return next((rendering.audio for rendering in self.sounds), None)

    @property
    def sound_key(self) -> str | None:
        """What a page shows of the sounds, so that its answer covers no others: the hash, or the hash of all."""
        sounds = self.sounds if self.audio is not None else []
        if not sounds or sounds[0].unit_id is None:
            return sounds[0].audio_sha256 if sounds else None
        told = sorted(f"{rendering.unit_id}:{rendering.audio_sha256}" for rendering in sounds)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    @property
    def unapproved_sounds(self) -> list[Rendering]:
        """Ready, and covered by no approval: all before the approval, those of units that came later after it."""
        return [rendering for rendering in self.sounds if rendering.approval_id is None]

    @property
    def approved_sounds(self) -> list[tuple[Rendering, Approval]]:
        """Each sound that was before an approver's eyes with its approval, the older first. A row that was changed
        behind our back is not what was approved, and not among them."""
        holding = {approval.id: approval for approval in self.approvals if approval.holds}
        covered = [(each, holding[each.approval_id]) for each in self.renderings if each.approval_id in holding]
        return [(each, approval) for each, approval in covered if each.audio_sha256 == approval.audio_sha256]

    def move(self, to: State) -> None:
        """Raises Conflict where the table of moves has no such step."""
        if to not in _MOVES[State(self.state)]:
            raise Conflict(
                f"Bản tin đang ở trạng thái “{State(self.state).label}”, không chuyển sang “{to.label}” được."
            )
        self.state = to.value


def has_closing_words() -> ColumnElement[bool]:
    """Of revisions in a query: a recording after which a voice says something."""
    return (Revision.content == "recording") & (Revision.closing != "")


class Approval(Base):
    """Binds the hash of the text and of the audio that was heard. One row for each (revision, audio)."""

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("revision_id", "audio_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    audio_sha256: Mapped[str | None] = mapped_column(ForeignKey("audio_asset.sha256"), default=None)
    """None for a relay, which has no hash: text_sha256 binds its address, minutes and fallback."""
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_by_name: Mapped[str] = mapped_column(String(200))
    approved_at: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(12), default="screen")  # "screen" | "load"
    heard_ms: Mapped[int] = mapped_column(default=0)

    revision: Mapped[Revision] = relationship(back_populates="approvals")
    audio: Mapped[AudioAsset | None] = relationship()
    approved_by: Mapped[Person] = relationship()

    @property
    def holds(self) -> bool:
        """False where the row in the database no longer is what was approved."""
        return self.text_sha256 == self.revision.text_sha256
