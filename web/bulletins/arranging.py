"""Cách dàn dựng: what stands around the text and how often it is read, as the editor offers and reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.chime import LABELS_VI
from audio.profiles import profiles
from broadcast.arrangement import (
    LONGEST_GAP_S,
    MOST_READINGS,
    NO_CHIME,
    Arrangement,
    closing_fault,
    recording_closing_fault,
    usual_arrangement,
)
from broadcast.bulletin import Bulletin, Revision
from broadcast.errors import BroadcastError, Invalid
from broadcast.rights import Act
from broadcast.upload import Chime
from web.listening.voices import voice_words
from web.services import services
from web.shell.access import current_rights, db_reading
from web.shell.forms import Form

LONGEST_CLOSING = 500


@dataclass(frozen=True, slots=True)
class Offered:
    """What the panel lets one choose from: pairs of value and words."""

    chimes: list[tuple[str, str]]
    profiles: list[tuple[str, str]]
    readings: list[tuple[str, str]]
    longest_gap_s: int
    longest_closing: int
    is_usual: bool
    """Whether nothing was changed: the panel may stay folded."""


def arranging(form: Form, bulletin: Bulletin | None, content: str = "text") -> Offered:
    """For the panel; on the first showing `form` gets what holds now, or what a new one with that `content` has."""
    usual = usual_arrangement(content)
    now_is = bulletin.latest.arrangement if bulletin is not None else usual
    if not form.submitted:
        form.defaults = fields_of(now_is) | form.defaults
    unit_ids = {bulletin.unit_id} if bulletin is not None else current_rights().units(Act.WRITE)
    return Offered(
        chimes=chime_choices(db_reading(), unit_ids, form.value("chime")),
        profiles=profile_choices(),
        readings=[(str(number), f"{number} lần") for number in range(1, MOST_READINGS + 1)],
        longest_gap_s=LONGEST_GAP_S,
        longest_closing=LONGEST_CLOSING,
        is_usual=all(form.value(name) == value for name, value in fields_of(usual).items()),
    )


def fields_of(arrangement: Arrangement) -> dict[str, Any]:
    """As the form has it."""
    return {
        "chime": arrangement.chime,
        "readings": str(arrangement.readings),
        "gap_s": str(arrangement.gap_s),
        "closing": arrangement.closing,
        "profile": arrangement.profile or "",
    }


def chime_choices(session: Session, unit_ids: set[int], chosen: str = "") -> list[tuple[str, str]]:
    """Those made by code, those of the units and of what lies above them, none; `chosen` stays even where retired."""
    made = [(name, words) for name, words in LABELS_VI.items() if name != NO_CHIME]
    own = [(chime.sha256, f"{chime.name} ({chime.unit.name})") for chime in chimes_for(session, unit_ids)]
    offered = dict([*made, *own, (NO_CHIME, LABELS_VI[NO_CHIME])])
    if chosen and chosen not in offered:
        retired = session.scalar(select(Chime).where(Chime.sha256 == chosen).order_by(Chime.id.desc()).limit(1))
        if retired is not None:
            offered[chosen] = f"{retired.name} (đã ngừng dùng)"
    return list(offered.items())


def chimes_for(session: Session, unit_ids: set[int], *, retired: bool = False) -> list[Chime]:
    """The chimes that bulletins of these units may begin with: their own and those from above, by name."""
    tree = current_rights().tree
    path = {above for unit in unit_ids for above in tree.path(unit)}
    wanted = select(Chime).where(Chime.unit_id.in_(path)).order_by(Chime.name, Chime.id)
    return list(session.scalars(wanted if retired else wanted.where(Chime.retired_at.is_(None))))


def profile_sides() -> list[tuple[str, str]]:
    """Those that can be listened to side by side."""
    return [(name, _bare(profile.label_vi)) for name, profile in profiles().items()]


def profile_choices() -> list[tuple[str, str]]:
    """The settings' own first."""
    usual = _bare(profiles()[services().settings.sound_profile].label_vi)
    return [("", f"Như cài đặt ({usual})"), *profile_sides()]


def arranged_in_words(session: Session, revision: Revision) -> list[str]:
    """What stands around the body of `revision`, and who speaks, for those who decide: in the words of the panel."""
    if revision.content == "relay":
        return []
    around = revision.arrangement
    chimes = dict(chime_choices(session, {revision.bulletin.unit_id}, around.chime))
    name = chimes.get(around.chime, "đã chọn")
    gap = f", nghỉ {around.gap_s} giây" if around.readings > 1 else ""
    profile = dict(profile_choices())[around.profile or ""]
    voices = dict.fromkeys(voice_words(each.audio.voice) for each in revision.sounds if each.audio is not None)
    return [
        name if around.chime == NO_CHIME else f"nhạc hiệu {name}",
        f"đọc {around.readings} lần{gap}",
        "có lời kết" if around.closing.strip() else "không lời kết",
        f"hồ sơ âm thanh: {profile}",
        *voices,
    ]


def _bare(label: str) -> str:
    """Without what it says in brackets: which one is usual is a setting."""
    return label.partition(" (")[0]


def typed_arrangement(form: Form, fault_of: Callable[[str], str | None] = closing_fault) -> Arrangement | None:
    """What was chosen; None where the form has no such panel. Mistakes are told on the form; `fault_of` says what is
    wrong with closing words."""
    if "chime" not in (form.defaults if form.source is None else form.source):
        return None
    profile = _profile(form)
    closing = form.text("closing", "lời kết", longest=LONGEST_CLOSING, required=False).replace("\r\n", "\n")
    if fault := fault_of(closing):
        form.fail("closing", f"{fault[:1].upper()}{fault[1:]}.")
    readings = form.whole("readings", "số lần đọc", 1, MOST_READINGS)
    gap_s = form.whole("gap_s", "khoảng nghỉ giữa hai lần đọc", 0, LONGEST_GAP_S)
    try:
        return Arrangement(form.value("chime")[:64], readings, gap_s, closing, profile)
    except BroadcastError as error:
        form.take(error)
        return None


def heard_arrangement(form: Form, bulletin: Bulletin | None) -> Arrangement:
    """What is typed, for listening and reading along: where that is no arrangement yet, the one that holds."""
    aside = Form(form.source, **form.defaults)
    typed = typed_arrangement(aside)
    if typed is not None and not aside.errors:
        return typed
    return bulletin.latest.arrangement if bulletin is not None else Arrangement()


def check_chime(form: Form, arrangement: Arrangement | None, unit_id: int, before: Arrangement | None = None) -> None:
    """Tells on the form a chime that bulletins of the unit may not begin with; one that they had already may stay."""
    if arrangement is None or (before is not None and arrangement.chime == before.chime):
        return
    if arrangement.chime in LABELS_VI:
        return
    if arrangement.chime not in {chime.sha256 for chime in chimes_for(db_reading(), {unit_id})}:
        form.take(Invalid("Hãy chọn một nhạc hiệu đơn vị này dùng được.", field="chime"))


def recording_arrangement(form: Form, bulletin: Bulletin | None) -> Arrangement:
    """What was chosen for a recording; where the form has no panel, what holds. Mistakes are told on the form."""
    before = bulletin.latest.arrangement if bulletin is not None else usual_arrangement("recording")
    typed = typed_arrangement(form, recording_closing_fault)
    if typed is None and "profile" in (form.source or ()):
        return replace(before, profile=_profile(form))
    return typed or before


def _profile(form: Form) -> str | None:
    return form.choice("profile", "hồ sơ âm thanh", {"", *profiles()}) or None if form.value("profile") else None
