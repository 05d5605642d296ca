"""Bản tin: what is to be said, its revisions, and who approved which text with which sound.

A bulletin that waits for a new approval goes on airing its last approved revision; withdrawal ends that.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.db import Base
from broadcast.dispatch import Dispatch
from broadcast.errors import Conflict, Forbidden, Invalid
from broadcast.person import Person
from broadcast.unit import Unit


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

    def state_on(self, day: date) -> State:
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        if self.valid_until is not None and self.valid_until < day:
            return State.EXPIRED
        return State(self.latest.state)

    @property
    def author_ids(self) -> set[int]:
        """Whoever wrote since the last approval: none of them may approve."""
        approved = max((revision.number for revision in self.revisions if revision.approvals), default=0)
        return {revision.author_id for revision in self.revisions if revision.number > approved}


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
    """Staff saw the reader's open questions and chose to have it read as it is."""
    recording_sha256: Mapped[str | None] = mapped_column(ForeignKey("audio_asset.sha256"), default=None)
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
            )
        )

    @property
    def rendering(self) -> Rendering | None:
        """The newest order for its sound."""
        return self.renderings[-1] if self.renderings else None

    @property
    def audio(self) -> AudioAsset | None:
        """The sound to be heard and approved, when it is ready."""
        rendering = self.rendering
        return rendering.audio if rendering is not None and rendering.state == "ready" else None

    def move(self, to: State) -> None:
        """Raises Conflict where the table of moves has no such step."""
        if to not in _MOVES[State(self.state)]:
            raise Conflict(
                f"Bản tin đang ở trạng thái “{State(self.state).label}”, không chuyển sang “{to.label}” được."
            )
        self.state = to.value


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


def revise(
    session: Session,
    bulletin: Bulletin,
    author: Person,
    now: datetime,
    *,
    title: str,
    script: str = "",
    content: str = "text",
    read_as_is: bool = False,
    recording_sha256: str | None = None,
    relay_url: str | None = None,
    relay_minutes: int | None = None,
    relay_fallback_sha256: str | None = None,
    based_on: int | None = None,
) -> Revision:
    """Adds the next revision and orders its sound. Saving what is already there adds nothing, unless its approval no
    longer holds because the class changed.

    `based_on` is the number of the revision the author had before their eyes; Conflict where someone else was faster.
    """
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã thu hồi, không sửa được nữa. Hãy soạn bản tin mới từ bản này.")
    if not title.strip():
        raise Invalid("Hãy đặt tiêu đề cho bản tin.", field="title")
    latest = bulletin.revisions[-1] if bulletin.revisions else None
    if based_on is not None and latest is not None and latest.number != based_on:
        raise Conflict(f"{latest.author.name} vừa lưu một bản sửa khác. Hãy mở lại để xem trước khi sửa tiếp.")
    revision = Revision(
        number=latest.number + 1 if latest else 1,
        title=title.strip(),
        content=content,
        script=script,
        read_as_is=read_as_is,
        recording_sha256=recording_sha256,
        relay_url=relay_url,
        relay_minutes=relay_minutes,
        relay_fallback_sha256=relay_fallback_sha256,
        author_id=author.id,
        created_at=now,
        state=State.DRAFT.value,
    )
    if latest is not None and latest.says_the_same(revision) and all(each.holds for each in latest.approvals):
        return latest
    bulletin.revisions.append(revision)
    bulletin.title = revision.title
    session.flush()
    order_sound(session, revision, now)
    return revision


def order_sound(session: Session, revision: Revision, now: datetime) -> Rendering | None:
    """Puts the sound of `revision` on the list of work; orders for older revisions are no longer wanted.

    A recording has its sound already; a relay needs none (None).
    """
    for older in revision.bulletin.revisions:
        for rendering in older.renderings:
            if rendering.state in {"wanted", "rendering"}:
                rendering.state = "cancelled"
    if revision.content == "relay":
        return None
    rendering = Rendering(revision_id=revision.id, due_at=now, state="wanted")
    if revision.content == "recording":
        rendering.state, rendering.audio_sha256, rendering.finished_at = (
            "ready",
            revision.recording_sha256,
            now,
        )
    revision.renderings.append(rendering)
    session.flush()
    return rendering


def submit(session: Session, bulletin: Bulletin, person: Person, now: datetime) -> Revision:
    """Hands the latest revision to an approver. Its sound must be ready: approval covers what was heard."""
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã thu hồi.")
    revision = bulletin.latest
    if revision.content != "relay" and revision.audio is None:
        raise Conflict("Âm thanh của bản tin chưa dựng xong. Hãy nghe thử rồi gửi duyệt.")
    revision.move(State.SUBMITTED)
    revision.submitted_at, revision.submitted_by_id = now, person.id
    session.flush()
    return revision


def approve(
    session: Session,
    bulletin: Bulletin,
    person: Person,
    now: datetime,
    *,
    revision_number: int,
    audio_sha256: str | None,
    heard_ms: int = 0,
    via: str = "screen",
) -> Approval:
    """`person`, not an author, approves exactly this revision with exactly this sound."""
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã thu hồi.")
    if person.id in bulletin.author_ids:
        raise Forbidden("Người viết hoặc đã sửa bản tin không được tự phê duyệt. Cần một người thứ hai.")
    revision = bulletin.latest
    sound = revision.audio.sha256 if revision.audio is not None else None
    if revision.number != revision_number or sound != audio_sha256:
        raise Conflict("Bản tin hoặc âm thanh đã thay đổi sau khi bạn mở trang này. Hãy xem và nghe lại.")
    if revision.content != "relay" and sound is None:
        raise Conflict("Âm thanh của bản tin chưa sẵn sàng để nghe và duyệt.")
    revision.move(State.APPROVED)
    approval = Approval(
        text_sha256=revision.text_sha256,
        audio_sha256=sound,
        approved_by=person,
        approved_by_name=person.name,
        approved_at=now,
        via=via,
        heard_ms=heard_ms,
    )
    revision.approvals.append(approval)
    session.flush()
    return approval


def send_back(session: Session, bulletin: Bulletin, person: Person, now: datetime, reason: str) -> Revision:
    """Returns the latest revision to its author with words that help."""
    if not reason.strip():
        raise Invalid("Hãy ghi lý do trả lại để người soạn biết cần sửa gì.", field="reason")
    revision = bulletin.latest
    revision.move(State.RETURNED)
    revision.returned_at, revision.returned_by_id, revision.returned_reason = now, person.id, reason.strip()
    session.flush()
    return revision


def withdraw(session: Session, bulletin: Bulletin, person: Person, now: datetime, reason: str = "") -> None:
    """Ends the bulletin: the next plan cancels what it still had to air."""
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã được thu hồi trước đó.")
    bulletin.withdrawn_at, bulletin.withdrawn_by_id = now, person.id
    bulletin.withdrawn_reason = reason.strip() or None
    session.flush()
