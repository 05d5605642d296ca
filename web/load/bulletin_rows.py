"""The bulletins of a set-up file: their revisions, the sounds that were made for them, and their approvals."""

from __future__ import annotations

from audio.jobs import SaidSound
from audio.orders import keep_asset
from broadcast.bulletin import Bulletin, Revision, State
from broadcast.deciding import approve, approve_added
from broadcast.person import Person, person_by_login
from broadcast.unit import Unit
from broadcast.writing import order_again, revise
from web.load.check import author_unit
from web.load.made import arrangement_of
from web.load.setup_file import BulletinTable
from web.load.writing import Writing


def write_bulletin(to: Writing, table: BulletinTable) -> None:
    author = person_by_login(to.session, table.author)
    assert author is not None  # checked
    unit = to.by_code(Unit, table.unit or author_unit(to.session, to.setup, table))
    values = {
        "unit_id": unit.id,
        "bulletin_class": table.bulletin_class,
        "field": table.field,
        "source": table.source,
        "valid_from": table.valid_from,
        "valid_until": table.valid_until,
    }
    bulletin = to.by_code(Bulletin, table.code)
    if bulletin is None:
        bulletin = Bulletin(code=table.code, title=table.title, created_at=to.now, created_by_id=author.id, **values)
        to.session.add(bulletin)
        to.session.flush()
        to.note("bulletin", table.code, added=True)
    else:
        to.set(bulletin, "bulletin", table.code, **values)
    before = bulletin.revisions[-1].number if bulletin.revisions else 0
    revision = _revision(to, bulletin, author, table)
    if before and revision.number != before:
        to.note("bulletin", table.code, added=False)
    if table.approver is not None:
        _approve(to, bulletin, revision, table)


def _revision(to: Writing, bulletin: Bulletin, author: Person, table: BulletinTable) -> Revision:
    made = to.sounds.of(table.code)
    for said in made.values():
        keep_asset(to.session, said.sound, to.now)
    revision = revise(
        to.session,
        bulletin,
        author,
        to.now,
        title=table.title,
        script=(table.script or ""),
        content="text" if table.script is not None else "recording" if table.sound is not None else "relay",
        read_as_is=table.read_as_is,
        recording_sha256=made[None].sound.sha256 if table.sound is not None else None,
        arrangement=arrangement_of(table, bulletin.latest if bulletin.revisions else None),
        relay_url=table.relay.url if table.relay else None,
        relay_minutes=table.relay.minutes if table.relay else None,
        again=table.code in to.sounds.again,
    )
    if table.sound is not None:
        revision.newest_renderings[-1].said = made[None].said
    return revision


def _approve(to: Writing, bulletin: Bulletin, revision: Revision, table: BulletinTable) -> None:
    """The first time with all its sounds; later those of units that got their first station since."""
    made = to.sounds.of(table.code) if table.script is not None else {}
    if revision.approvals and not made:
        return
    approver = person_by_login(to.session, table.approver or "")
    assert approver is not None  # checked
    _take_in(to, revision, made)
    number, key = revision.number, revision.sound_key
    if revision.approvals:
        if revision.unapproved_sounds:
            approve_added(
                to.session, bulletin, approver, to.now, revision_number=number, sound_key=key or "", via="load"
            )
    else:
        if revision.state != State.SUBMITTED:
            revision.move(State.SUBMITTED)
            revision.submitted_at, revision.submitted_by_id = to.now, revision.author_id
        approve(to.session, bulletin, approver, to.now, revision_number=number, audio_sha256=key, via="load")
    if table.code not in to.loaded.added.get("bulletin", ()):
        to.note("bulletin", table.code, added=False)


def _take_in(to: Writing, revision: Revision, made: dict[str | None, SaidSound]) -> None:
    """The orders of these units are worked already."""
    units = {code: to.by_code(Unit, code).id if code is not None else None for code in made}
    waiting = {each.unit_id: each for each in revision.newest_renderings if each.state == "wanted"}
    lacking = [unit for unit in units.values() if unit not in waiting]
    waiting |= {each.unit_id: each for each in order_again(to.session, revision, lacking, to.now)}
    for code, said in made.items():
        rendering = waiting[units[code]]
        rendering.state, rendering.audio_sha256, rendering.finished_at = "ready", said.sound.sha256, to.now
        rendering.said = said.said
        rendering.sentences_done = rendering.sentences_total = len(said.sound.sentence_voices)
        to.session.flush()
        to.session.refresh(rendering)
