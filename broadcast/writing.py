"""Writing a bulletin: its next revision, and the orders for the sounds that go with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from broadcast.arrangement import Arrangement, usual_arrangement
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, Revision, State
from broadcast.clock import local_day
from broadcast.commune_sounds import wanted_units
from broadcast.errors import Conflict, Invalid
from broadcast.person import Person
from broadcast.unit import UnitTree
from broadcast.upload import Upload
from broadcast.variables import values_of


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
    answered: Iterable[str] | None = None,
    recording_sha256: str | None = None,
    upload: Upload | None = None,
    arrangement: Arrangement | None = None,
    relay_url: str | None = None,
    relay_minutes: int | None = None,
    relay_fallback_sha256: str | None = None,
    based_on: int | None = None,
    again: bool = False,
) -> Revision:
    """Adds the next revision and orders its sound. Saving what is already there adds nothing, unless its approval no
    longer holds because the class changed, or `again` asks for new sound of the same text, to be approved anew.

    Without an `arrangement` it stays as it was, and so do the questions that are `answered` (their keys).

    `based_on` is the number of the revision the author had before their eyes; Conflict where someone else was faster.
    """
    if bulletin.withdrawn_at is not None:
        raise Conflict("Bản tin đã thu hồi, không sửa được nữa. Hãy soạn bản tin mới từ bản này.")
    if not title.strip():
        raise Invalid("Hãy đặt tiêu đề cho bản tin.", field="title")
    latest = bulletin.revisions[-1] if bulletin.revisions else None
    if based_on is not None and latest is not None and latest.number != based_on:
        raise Conflict(f"{latest.author.name} vừa lưu một bản sửa khác. Hãy mở lại để xem trước khi sửa tiếp.")
    around = arrangement or (latest.arrangement if latest is not None else usual_arrangement(content))
    revision = Revision(
        number=latest.number + 1 if latest else 1,
        title=title.strip(),
        content=content,
        script=script,
        read_as_is=read_as_is,
        answered=list(answered) if answered is not None else list(latest.answered) if latest is not None else [],
        recording_sha256=recording_sha256,
        upload_id=upload.id if upload is not None else None,
        chime=around.chime,
        readings=around.readings,
        reading_gap_s=around.gap_s,
        closing=around.closing,
        sound_profile=around.profile,
        relay_url=relay_url,
        relay_minutes=relay_minutes,
        relay_fallback_sha256=relay_fallback_sha256,
        author_id=author.id,
        created_at=now,
        state=State.DRAFT.value,
    )
    if (
        not again
        and latest is not None
        and latest.says_the_same(revision)
        and all(each.holds for each in latest.approvals)
    ):
        return latest
    bulletin.revisions.append(revision)
    bulletin.title = revision.title
    session.flush()
    order_sound(session, revision, now)
    return revision


def order_sound(session: Session, revision: Revision, now: datetime) -> list[Rendering]:
    """Puts the sounds of `revision` on the list of work; orders for older revisions are no longer wanted, but for the
    one that is on air: communes that came after its approval still wait for their sounds of it.

    One for everybody; one for each unit below that has a station where the script has variables. A recording that is
    finished already is ready at once; a relay needs none.
    """
    on_air = revision.bulletin.airing_revision
    for older in revision.bulletin.revisions:
        if older is on_air and older is not revision:
            continue
        for rendering in older.renderings:
            if rendering.state in {"wanted", "rendering"}:
                rendering.state = "cancelled"
    if revision.content == "relay":
        return []
    units: list[int | None] = [None]
    if revision.variables:
        units = [*wanted_units(session, revision.bulletin.unit_id, now)]
        _drop_all_but(session, revision, units)
    ordered = _order(session, revision, units, now)
    if revision.content == "recording" and revision.recording_sha256 is not None:
        ordered[0].state, ordered[0].finished_at = "ready", now
        ordered[0].audio_sha256 = revision.recording_sha256
        session.flush()
    return ordered


def _drop_all_but(session: Session, revision: Revision, units: list[int | None]) -> None:
    """Whoever lost their last station meanwhile is not to be heard and approved any more."""
    for rendering in list(revision.renderings):
        if rendering.unit_id not in units and rendering.approval_id is None:
            revision.renderings.remove(rendering)
            session.delete(rendering)


def _order(session: Session, revision: Revision, units: Collection[int | None], now: datetime) -> list[Rendering]:
    lacking = _lacking(session, revision, units, now)
    ordered = [
        Rendering(
            revision_id=revision.id,
            unit_id=unit,
            due_at=now,
            state="lacking" if unit in lacking else "wanted",
            message_vi=f"Chờ điền {', '.join(f'{{{name}}}' for name in lacking[unit])}." if unit in lacking else None,
        )
        for unit in units
    ]
    revision.renderings.extend(ordered)
    session.flush()
    return ordered


def _lacking(
    session: Session, revision: Revision, units: Iterable[int | None], now: datetime
) -> dict[int | None, list[str]]:
    """Unit → the variables of the script it has no value for: its sound would fail."""
    if not revision.variables:
        return {}
    tree = UnitTree.on(session, local_day(now))
    lacking: dict[int | None, list[str]] = {}
    for unit in units:
        values = values_of(tree, revision.bulletin.unit_id if unit is None else unit)
        if missing := [name for name in revision.variables if name not in values]:
            lacking[unit] = missing
    return lacking


def order_again(
    session: Session, revision: Revision, units: Collection[int | None], now: datetime, *, by_id: int | None = None
) -> list[Rendering]:
    """New orders for the sounds of these units alone (None: everybody's); older ones for them are taken back.

    `by_id`: the person who changed how the text is read, and may not approve it.
    """
    for rendering in revision.renderings:
        if rendering.unit_id in units and rendering.state in {"wanted", "rendering"}:
            rendering.state = "cancelled"
    ordered = _order(session, revision, units, now)
    for rendering in ordered:
        rendering.ordered_by_id = by_id
    session.flush()
    return ordered


def cancel_orders(session: Session, revision: Revision, now: datetime) -> bool:
    """Takes back the orders of `revision` that are not ready; False where there is none. A renderer at work notices
    before its next sentence."""
    cancelled = session.execute(
        update(Rendering)
        .where(Rendering.revision_id == revision.id, Rendering.state.in_(("wanted", "rendering")))
        .values(state="cancelled", finished_at=now)
    )
    return bool(cancelled.rowcount)  # type: ignore[attr-defined]


def order_missing_sounds(session: Session, revision: Revision, now: datetime) -> list[Rendering]:
    """Orders what units that came later still lack of the sounds of `revision`."""
    if not revision.variables:
        return []
    there = {rendering.unit_id for rendering in revision.renderings}
    units = wanted_units(session, revision.bulletin.unit_id, now)
    return _order(session, revision, [unit for unit in units if unit not in there], now)
