"""A change of the lexicon: what waits sounds anew, what was approved airs as it was and is flagged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from audio.jobs import said_by, said_of, speech_job
from audio.lexicon_changes import Change, Impact, carry_out, flag_changed_readings, newly_said, touched_by
from audio.speaker import speaker_of
from broadcast.arrangement import Arrangement
from broadcast.bulletin import Bulletin
from broadcast.config import Settings
from broadcast.deciding import approve, send_back, submit, withdraw
from broadcast.errors import Forbidden
from broadcast.lexicon_entry import EVERYWHERE, Held, Kind, LexiconEntry, Place
from broadcast.lexicon_writing import add_entry, end_entry
from broadcast.person import Role
from broadcast.upload import Upload
from broadcast.writing import revise
from tests.district import District

SAYS_VNEN = "Kính thưa bà con. Trường học dạy theo chương trình VNEN."


@dataclass
class Desk:
    session: Session
    settings: Settings
    now: datetime
    district: District

    def held(self, written: str, spoken: str, place: Place = EVERYWHERE, kind: Kind = Kind.TERM) -> Held:
        return Held(0, written, spoken, kind.value, place)

    def touched(self, added: Held | None = None, ended: LexiconEntry | None = None, most: int | None = None) -> Impact:
        change = Change(added, ended.held if ended is not None else None)
        return touched_by(self.session, self.settings, self.now, change, most)

    def add(self, written: str, spoken: str, place: Place = EVERYWHERE, kind: Kind = Kind.TERM) -> LexiconEntry:
        """As an edge does it: looked at, written, carried out."""
        impact = self.touched(self.held(written, spoken, place, kind))
        entry = add_entry(
            self.session, self.district.author, self.now, written=written, spoken=spoken, kind=kind, place=place
        )
        carry_out(self.session, impact, self.now, by_id=self.district.author.id)
        return entry

    def end(self, entry: LexiconEntry) -> None:
        impact = self.touched(ended=entry)
        end_entry(self.session, entry, self.district.author, self.now)
        carry_out(self.session, impact, self.now, by_id=self.district.author.id)

    def sound(self, bulletin: Bulletin) -> None:
        """The orders of the latest revision are worked: what each unit says is noted beside its sound."""
        for rendering in bulletin.latest.newest_renderings:
            speaker = speaker_of(self.session, rendering.unit_id or bulletin.unit_id, bulletin.id, self.now)
            job = speech_job(self.settings, bulletin.latest.script, speaker, bulletin.latest.arrangement)
            rendering.said, rendering.state = said_by(job), "ready"
            rendering.audio = self.district.sound(f"{bulletin.code}/{rendering.id}")
        self.session.flush()

    def written(self, code: str, script: str = SAYS_VNEN, state: str = "approved") -> Bulletin:
        bulletin = self.district.draft(code, script)
        self.sound(bulletin)
        if state != "draft":
            submit(self.session, bulletin, self.district.author, self.now)
        if state == "returned":
            send_back(self.session, bulletin, self.district.approver, self.now, "Sửa lại.")
        if state == "approved":
            self.approve(bulletin)
        return bulletin

    def approve(self, bulletin: Bulletin) -> None:
        revision = bulletin.latest
        approve(
            self.session, bulletin, self.district.approver, self.now,
            revision_number=revision.number, audio_sha256=revision.sound_key,
        )  # fmt: skip

    def is_flagged(self, bulletin: Bulletin) -> bool:
        revision = bulletin.airing_revision
        return revision is not None and any(each.outdated_at for each in revision.newest_renderings)


@pytest.fixture
def desk(session: Session, settings: Settings, now: datetime) -> Desk:
    return Desk(session, settings, now, District(session, now))


def codes(touched: list) -> set[str]:
    return {each.bulletin.code for each in touched}


def test_a_change_touches_what_waits_and_what_airs_and_nothing_that_reads_the_same(desk: Desk) -> None:
    for code, state in (("D", "draft"), ("S", "submitted"), ("R", "returned"), ("A", "approved")):
        desk.written(code, state=state)
    desk.written("O", "Kính thưa bà con. Ngày mai họp thôn.")
    desk.written("N", "Nhóm avnena họp.")  # the letters stand in it, but not as a word
    gone, over = desk.written("W"), desk.written("E")
    withdraw(desk.session, gone, desk.district.approver, desk.now)
    over.valid_until = (desk.now - timedelta(days=2)).date()
    impact = desk.touched(desk.held("VNEN", "vê nen"))
    assert codes(impact.waiting) == {"D", "S", "R"}
    assert codes(impact.outdated) == {"A"}
    assert impact.mended == []
    told = impact.outdated[0]
    assert told.before == told.revision.sounds[0].said[-1] != told.after
    assert told.after == "Trường học dạy theo chương trình vê nen."
    as_it_is = told.before.removeprefix("Trường học dạy theo chương trình ").rstrip(".")
    assert desk.touched(desk.held("VNEN", as_it_is)).touched == ()


def test_approved_sound_is_flagged_stays_what_airs_and_loses_its_flag_when_the_entry_ends(desk: Desk) -> None:
    bulletin = desk.written("A")
    sound = bulletin.airing_revision.sounds[0]
    heard = (sound.audio_sha256, sound.state, list(sound.said))
    entry = desk.add("VNEN", "vê nen")
    assert sound.outdated_at == desk.now
    assert bulletin.airing_revision.number == 1
    assert (sound.audio_sha256, sound.state, list(sound.said)) == heard
    assert desk.touched(ended=entry).mended[0].bulletin is bulletin
    desk.end(entry)
    assert sound.outdated_at is None


def test_a_submitted_text_gets_new_sound_on_the_same_revision_and_must_be_heard_anew(desk: Desk) -> None:
    bulletin = desk.written("S", state="submitted")
    key, number = bulletin.latest.sound_key, bulletin.latest.number
    desk.add("VNEN", "vê nen")
    assert bulletin.latest.number == number
    assert bulletin.latest.state == "submitted"
    assert bulletin.latest.rendering.state == "wanted"
    assert bulletin.latest.sound_key is None
    desk.sound(bulletin)
    assert bulletin.latest.sound_key not in {None, key}
    assert "Trường học dạy theo chương trình vê nen." in bulletin.latest.rendering.said
    desk.approve(bulletin)
    assert not desk.is_flagged(bulletin)


def test_while_a_new_revision_waits_the_old_approved_one_is_flagged_and_the_new_one_sounds_anew(desk: Desk) -> None:
    bulletin = desk.written("A")
    revise(desk.session, bulletin, desk.district.author, desk.now, title="Mới", script=SAYS_VNEN + " Xin cảm ơn.")
    desk.sound(bulletin)
    impact = desk.touched(desk.held("VNEN", "vê nen"))
    assert [(each.revision.number, each.airs) for each in impact.touched] == [(1, True), (2, False)]
    desk.add("VNEN", "vê nen")
    assert desk.is_flagged(bulletin)
    assert bulletin.latest.rendering.state == "wanted"


def test_an_entry_reaches_the_units_it_holds_for_and_no_other(desk: Desk) -> None:
    ours = desk.written("A")
    other = desk.district.unit("Z")
    assert desk.touched(desk.held("VNEN", "vê nen", Place(other.id))).touched == ()
    assert desk.touched(desk.held("VNEN", "vê nen", Place(desk.district.commune.id))).touched == ()
    assert codes(desk.touched(desk.held("VNEN", "vê nen", Place(desk.district.top.id))).outdated) == {"A"}
    own = desk.written("B")
    assert codes(desk.touched(desk.held("VNEN", "vê nen", Place(bulletin_id=own.id))).outdated) == {"B"}
    desk.add("VNEN", "vê nen", Place(bulletin_id=ours.id))
    # What the bulletin has of its own wins: another reading for all does nothing to it.
    assert codes(desk.touched(desk.held("VNEN", "vê ne")).outdated) == {"B"}


def test_of_a_script_with_variables_the_commune_s_own_entry_touches_that_commune_s_sound_only(desk: Desk) -> None:
    district = desk.district
    beside = district.unit("Y", parent=district.top)
    for code, unit in (("S1", district.commune), ("S2", beside)):
        district.station(code, unit)
    bulletin = desk.written("A", "Tại {xã}, trường dạy theo VNEN.")
    sounds = {each.unit_id: each for each in bulletin.airing_revision.newest_renderings}
    assert set(sounds) == {district.commune.id, beside.id}
    desk.add("VNEN", "vê nen", Place(beside.id))
    assert sounds[beside.id].outdated_at == desk.now
    assert sounds[district.commune.id].outdated_at is None
    entry = desk.add("VNEN", "vê ne")  # for all: the commune beside it keeps its own
    assert sounds[district.commune.id].outdated_at == desk.now
    desk.end(entry)
    assert sounds[district.commune.id].outdated_at is None
    assert sounds[beside.id].outdated_at == desk.now


def test_the_name_of_the_unit_is_looked_at_too_since_every_bulletin_begins_with_it(desk: Desk) -> None:
    desk.district.top.name = "xã Đắk R'Lấp"
    desk.written("A", "Ngày mai họp thôn.")
    impact = desk.touched(desk.held("Đắk R'Lấp", "đắc rờ lấp", kind=Kind.NAME))
    assert impact.outdated[0].after == "Đây là Đài truyền thanh xã đắc rờ lấp."


def test_a_value_that_has_the_word_is_looked_at_too(desk: Desk) -> None:
    desk.district.top.variables = {"khẩu hiệu": "Học theo VNEN"}
    desk.written("A", "Bà con nhớ: {khẩu hiệu}.")
    assert codes(desk.touched(desk.held("VNEN", "vê nen")).outdated) == {"A"}


def test_words_that_stand_together_once_the_kind_of_unit_is_said_only_once_are_found(desk: Desk) -> None:
    desk.district.top.name = "xã Đắk R'Lấp"
    desk.written("A", "Mời đến Công an xã {xã}.")
    assert codes(desk.touched(desk.held("Công an xã Đắk R'Lấp", "công an đắc rờ lấp")).outdated) == {"A"}


@pytest.mark.parametrize("script", ["Trường V\u200bNEN.", "Trường\nVNEN", "Phòng LĐTBXH và VNEN.", "TRƯỜNG VNEN"])
def test_a_written_form_is_found_however_the_text_was_typed(desk: Desk, script: str) -> None:
    desk.written("A", script)
    assert codes(desk.touched(desk.held("VNEN", "vê nen")).outdated) == {"A"}


def test_a_short_form_is_found_without_its_marks_as_the_reader_finds_it(desk: Desk) -> None:
    desk.written("A", "Mời chị ở phòng LĐ-TBXHX và Phòng LĐTBXH họp.")
    assert codes(desk.touched(desk.held("LĐ-TB&XH", "lao động")).outdated) <= {"A"}
    assert codes(desk.touched(desk.held("LĐTBXH", "lao động")).outdated) == {"A"}


def test_a_text_that_cannot_sound_for_lack_of_a_value_is_left_alone(desk: Desk) -> None:
    desk.district.draft("D", "VNEN: gọi {điện thoại}.")
    assert desk.touched(desk.held("VNEN", "vê nen")).touched == ()


def test_more_texts_than_are_to_be_looked_at_are_counted(desk: Desk) -> None:
    for number in range(4):
        desk.written(f"A{number}")
    impact = desk.touched(desk.held("VNEN", "vê nen"), most=3)
    assert (len(impact.touched), impact.uncounted) == (3, 1)


def test_what_was_approved_between_the_look_and_the_act_is_flagged(desk: Desk) -> None:
    bulletin = desk.written("S", state="submitted")
    impact = desk.touched(desk.held("VNEN", "vê nen"))
    desk.approve(bulletin)
    done = carry_out(desk.session, impact, desk.now, by_id=desk.district.author.id)
    assert (done.sounding_anew, done.flagged) == ((), 1)
    assert desk.is_flagged(bulletin)


def test_whoever_changes_how_a_waiting_text_is_read_is_an_author_of_its_sound(desk: Desk) -> None:
    bulletin = desk.written("S", state="submitted")
    impact = desk.touched(desk.held("VNEN", "vê nen"))
    carry_out(desk.session, impact, desk.now, by_id=desk.district.approver.id)
    desk.sound(bulletin)
    with pytest.raises(Forbidden, match="đổi cách đọc"):
        desk.approve(bulletin)
    another = desk.district.person("ba", "Ba", Role.APPROVER)
    revision = bulletin.latest
    (approval,) = approve(
        desk.session, bulletin, another, desk.now,
        revision_number=revision.number, audio_sha256=revision.sound_key,
    )  # fmt: skip
    assert approval.holds
    # After that approval a new revision owes nothing to the change of before.
    revise(desk.session, bulletin, desk.district.author, desk.now, title=bulletin.title, script=f"{SAYS_VNEN} Hết.")
    assert bulletin.author_ids == {desk.district.author.id}


def test_values_and_names_that_change_flag_what_airs_and_clear_it_again(desk: Desk) -> None:
    district = desk.district
    district.top.variables = {"điện thoại": "0276 3 123 456"}
    district.station("S1", district.commune)
    told, plain = desk.written("A", "Xin gọi {điện thoại}."), desk.written("B", "Ngày mai họp thôn.")

    def flag(unit_ids: set[int] | None = None) -> int:
        return flag_changed_readings(desk.session, desk.settings, desk.now, unit_ids)

    assert flag() == 0
    district.top.variables = {"điện thoại": "0276 3 999 999"}
    assert flag({district.unit("Z").id}) == 0
    assert flag({district.top.id}) == 1, "the commune below says it, and has the value from above"
    assert desk.is_flagged(told)
    assert not desk.is_flagged(plain)
    assert flag() == 0, "it is flagged already"
    revision = told.airing_revision
    assert "chín chín chín" in newly_said(desk.session, desk.settings, desk.now, revision, revision.sounds[0])[1]
    district.top.variables = {"điện thoại": "0276 3 123 456"}
    assert flag({district.top.id}) == 0
    assert not desk.is_flagged(told)
    district.top.name = "xã Bình An"
    assert flag({district.top.id}) == 1, "what the unit says itself begins with its name"
    assert desk.is_flagged(plain)


def test_a_recording_and_a_sound_of_unknown_words_are_never_flagged_for_values(desk: Desk) -> None:
    bulletin = desk.written("A")
    bulletin.airing_revision.newest_renderings[0].said = None
    desk.district.top.name = "xã Bình An"
    assert flag_changed_readings(desk.session, desk.settings, desk.now) == 0


def test_looking_at_many_bulletins_takes_no_more_queries_than_looking_at_a_few(desk: Desk) -> None:
    for number in range(12):
        desk.written(f"A{number}")
    desk.session.flush()
    asked: list[str] = []
    event.listen(desk.session.get_bind().engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def queries(most: int) -> int:
        desk.session.expunge_all()
        asked.clear()
        assert len(desk.touched(desk.held("VNEN", "vê nen"), most=most).outdated) == most
        return len(asked)

    assert queries(12) == queries(3) > 0


def recorded(desk: Desk, code: str, closing: str, *, upload: bool = True) -> Bulletin:
    """A recording that is made to sound: only its closing words were said by a voice."""
    bulletin = desk.district.draft(code, "Mời bà con đi họp.")
    file = None
    if upload:
        file = Upload(
            unit_id=bulletin.unit_id, sha256=hashlib.sha256(code.encode()).hexdigest(), name=f"{code}.mp3", bytes=1,
            uploaded_at=desk.now, uploaded_by_id=desk.district.author.id,
        )  # fmt: skip
        desk.session.add(file)
        desk.session.flush()
    around = Arrangement("none", closing=closing)
    finished = None if upload else desk.district.sound(f"{code} finished").sha256
    revise(
        desk.session, bulletin, desk.district.author, desk.now,
        title=code, content="recording", upload=file, recording_sha256=finished, arrangement=around,
    )  # fmt: skip
    for rendering in bulletin.latest.newest_renderings:
        speaker = speaker_of(desk.session, bulletin.unit_id, bulletin.id, desk.now)
        rendering.said = said_of(desk.settings, bulletin.latest, speaker) or None
        rendering.state, rendering.audio = "ready", desk.district.sound(code)
    desk.session.flush()
    return bulletin


def test_closing_words_of_a_recording_follow_the_lexicon_like_a_text(desk: Desk) -> None:
    waits, airs = recorded(desk, "W", "Xin hỏi nhóm VNEN."), recorded(desk, "A", "Xin hỏi nhóm VNEN.")
    submit(desk.session, airs, desk.district.author, desk.now)
    desk.approve(airs)
    silent, other = recorded(desk, "S", ""), recorded(desk, "O", "Xin cảm ơn bà con.")
    impact = desk.touched(desk.held("VNEN", "vê nen"))
    assert (codes(impact.waiting), codes(impact.outdated)) == ({"W"}, {"A"})
    assert impact.outdated[0].after == "Xin hỏi nhóm vê nen."
    desk.add("VNEN", "vê nen")
    assert waits.latest.newest_renderings[0].state == "wanted"
    assert desk.is_flagged(airs)
    assert [each.latest.newest_renderings[0].state for each in (silent, other, airs)] == ["ready"] * 3


def test_a_finished_recording_that_waits_has_no_file_to_be_made_anew_from_and_stays(desk: Desk) -> None:
    waits = recorded(desk, "W", "Xin hỏi nhóm VNEN.", upload=False)
    desk.add("VNEN", "vê nen")
    assert [each.state for each in waits.latest.renderings] == ["ready"]
