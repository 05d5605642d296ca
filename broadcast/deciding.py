"""Deciding on a bulletin: handed over, approved with its sounds or sent back by a second person, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from broadcast.bulletin import Approval, Bulletin, Revision, State
from broadcast.errors import Conflict, Forbidden, Invalid
from broadcast.person import Person
from broadcast.writing import cancel_orders

_NOT_READY = "Âm thanh của bản tin chưa dựng xong. Hãy nghe thử rồi gửi duyệt."
_FAILED = "Không dựng được âm thanh nên chưa gửi duyệt được. Sửa chỗ đã báo rồi lưu, hoặc bấm Dựng lại."
_FAILED_FILE = "Không dựng được âm thanh nên chưa gửi duyệt được. Hãy chọn tệp khác."
_FAILED_FILE_AGAIN = "Không dựng được âm thanh nên chưa gửi duyệt được. Bấm Dựng lại, hoặc chọn tệp khác."
_HINDRANCES = (
    ("cancelled", "Việc dựng âm thanh đã dừng giữa chừng. Bấm Dựng lại, nghe thử rồi gửi duyệt."),
    ("wanted", _NOT_READY),
    ("rendering", _NOT_READY),
    ("lacking", "Có nơi chưa có giá trị cho biến trong lời. Điền giá trị, nghe thử rồi gửi duyệt."),
)


def lacks_own_sounds(revision: Revision) -> bool:
    """A text with variables of before there were sounds of communes: the one for everybody is not to be approved."""
    everybodys = any(rendering.unit_id is None for rendering in revision.newest_renderings)
    return bool(revision.variables) and everybodys and not revision.approvals


def hindrance_of(revision: Revision) -> str:
    """Why `revision` cannot be handed over as it is and what to do, in words; "" where nothing of its sound is."""
    if revision.state == State.APPROVED.value:
        return "Bản này đã được duyệt, không phải gửi lại. Sửa lời và lưu thì có bản mới để gửi duyệt."
    if revision.content == "relay":
        return ""
    if lacks_own_sounds(revision):
        return "Lời có biến mà mới có một bản chung. Bấm Dựng lại để dựng bản của từng nơi, nghe thử rồi gửi duyệt."
    states = {rendering.state for rendering in revision.newest_renderings}
    if told := next((words for state, words in _HINDRANCES if state in states), ""):
        return told
    if revision.audio is not None:
        return ""
    return _failed(revision) if states else _NOT_READY


def _failed(revision: Revision) -> str:
    """What to do, in the words of the buttons that the page has then."""
    if revision.upload is None:
        return _FAILED
    return _FAILED_FILE_AGAIN if any(each.attempts > 1 for each in revision.newest_renderings) else _FAILED_FILE


_IS_AUTHOR = "Người viết, đã sửa bản tin hoặc đã đổi cách đọc của nó không được tự phê duyệt. Cần một người thứ hai."


def submit(session: Session, bulletin: Bulletin, person: Person, now: datetime) -> Revision:
    """Hands the latest revision to an approver. Its sound must be ready: approval covers what was heard."""
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã thu hồi.")
    revision = bulletin.latest
    if hindrance := hindrance_of(revision):
        raise Conflict(hindrance)
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
    heard: Mapping[str, int] | None = None,
    via: str = "screen",
) -> list[Approval]:
    """`person`, not an author, approves exactly this revision with all the sounds it has.

    `audio_sha256` is the revision's `sound_key` as the page showed it, `heard_ms` how much was heard of the first
    sound, `heard` of each of the others by its hash. Returns one approval a sound, that of the first sound first.
    """
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã thu hồi.")
    if person.id in bulletin.author_ids:
        raise Forbidden(_IS_AUTHOR)
    revision = bulletin.latest
    key = revision.sound_key
    if revision.number != revision_number or key != audio_sha256:
        raise Conflict("Bản tin hoặc âm thanh đã thay đổi sau khi bạn mở trang này. Hãy xem và nghe lại.")
    if revision.content != "relay" and key is None:
        raise Conflict("Âm thanh của bản tin chưa sẵn sàng để nghe và duyệt.")
    revision.move(State.APPROVED)
    first = revision.sounds[0].audio_sha256 if revision.sounds else None
    return _bind(session, revision, person, now, {**(heard or {}), first or "": heard_ms}, via)


def approve_added(
    session: Session,
    bulletin: Bulletin,
    person: Person,
    now: datetime,
    *,
    revision_number: int,
    sound_key: str,
    heard: Mapping[str, int] | None = None,
    via: str = "screen",
) -> list[Approval]:
    """`person` approves the sounds of units that came after the approval of the revision that is on air.

    `heard`: how many milliseconds of each sound, by its hash.
    """
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã thu hồi.")
    revision = bulletin.airing_revision
    if revision is None or revision.number != revision_number or revision.sound_key != sound_key:
        raise Conflict("Bản tin hoặc âm thanh đã thay đổi sau khi bạn mở trang này. Hãy xem và nghe lại.")
    if person.id in bulletin.authors_up_to(revision):
        raise Forbidden(_IS_AUTHOR)
    if not revision.unapproved_sounds:
        raise Conflict("Không còn âm thanh nào của bản tin này chờ duyệt.")
    return _bind(session, revision, person, now, heard or {}, via)


def _bind(
    session: Session, revision: Revision, person: Person, now: datetime, heard: Mapping[str, int], via: str
) -> list[Approval]:
    """The approvals that cover what nobody approved yet: one for the same bytes, be it there already; one without a
    sound for a relay."""
    sounds = revision.unapproved_sounds
    there = {approval.audio_sha256: approval for approval in revision.approvals}
    wanted = dict.fromkeys(rendering.audio_sha256 for rendering in sounds) or {None: None}
    for sound in wanted.keys() - there.keys():
        there[sound] = Approval(
            text_sha256=revision.text_sha256,
            audio_sha256=sound,
            approved_by=person,
            approved_by_name=person.name,
            approved_at=now,
            via=via,
            heard_ms=heard.get(sound or "", 0),
        )
    bound = [there[sound] for sound in wanted]
    revision.approvals.extend(approval for approval in bound if approval not in revision.approvals)
    session.flush()
    for rendering in sounds:
        rendering.approval_id = there[rendering.audio_sha256].id
    session.flush()
    return bound


def send_back(session: Session, bulletin: Bulletin, person: Person, now: datetime, reason: str) -> Revision:
    """Returns the latest revision to its author with words that help."""
    if not reason.strip():
        raise Invalid("Hãy ghi lý do trả lại để người soạn biết cần sửa gì.", field="reason")
    revision = bulletin.latest
    revision.move(State.RETURNED)
    revision.returned_at, revision.returned_by_id, revision.returned_reason = now, person.id, reason.strip()
    session.flush()
    return revision


def put_away(session: Session, bulletin: Bulletin, person: Person, now: datetime) -> None:
    """One of those who wrote it gives up a draft that no approver has seen; it stays where it is, as withdrawn."""
    refuse_putting_away(bulletin, person)
    withdraw(session, bulletin, person, now)
    cancel_orders(session, bulletin.latest, now)


def refuse_putting_away(bulletin: Bulletin, person: Person) -> None:
    """Raises Forbidden for whoever did not write it, Conflict where it is no mere draft."""
    if person.id not in bulletin.author_ids:
        raise Forbidden("Chỉ người đã soạn mới bỏ được bản nháp này.")
    if not bulletin.is_only_draft:
        raise Conflict("Bản tin này đã từng được gửi duyệt nên không bỏ được nữa. Người phê duyệt thu hồi được nó.")


def withdraw(session: Session, bulletin: Bulletin, person: Person, now: datetime, reason: str = "") -> None:
    """Ends the bulletin: the next plan cancels what it still had to air."""
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã được thu hồi trước đó.")
    bulletin.withdrawn_at, bulletin.withdrawn_by_id = now, person.id
    bulletin.withdrawn_reason = reason.strip() or None
    session.flush()
