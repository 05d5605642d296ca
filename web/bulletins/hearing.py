"""How much of each sound was heard before it was approved, and asking once more where it was little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template

from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin
from web.shell.formats import vn_length
from web.shell.forms import Form

HEARD_PERCENT = 90
"""From this share on, a sound counts as heard; less and the page asks once more."""
OWN_PART_MS = 5_000
"""So much of a commune's sound has to be heard beside a whole one of another: the chime, and who speaks."""


def is_unheard(heard_ms: int, length_ms: int) -> bool:
    return length_ms > 0 and heard_ms * 100 < length_ms * HEARD_PERCENT


def heard_of(form: Form, sounds: Sequence[Rendering], first_ms: int = 0) -> dict[str, int]:
    """Hash → milliseconds as the page's players counted them (`hash:ms`), never more than there is of a sound.

    `first_ms`: how much of the first sound, which has a player of its own.
    """
    lengths = {each.audio.sha256: each.audio.duration_ms for each in sounds if each.audio is not None}
    heard = dict.fromkeys(lengths, 0)
    for told in form.values("heard_of"):
        sha256, _, ms = told.partition(":")
        if sha256 in lengths and ms.isascii() and ms.isdigit() and len(ms) < 10:
            heard[sha256] = max(heard[sha256], min(int(ms), lengths[sha256]))
    for sha256 in list(lengths)[:1]:
        heard[sha256] = max(heard[sha256], min(first_ms, lengths[sha256]))
    return heard


@dataclass(frozen=True, slots=True)
class SoundHeard:
    """How much of one sound was heard. `place` is whose sound it is, "" where there is one for everybody."""

    place: str
    heard_ms: int
    length_ms: int

    @property
    def is_whole(self) -> bool:
        return not is_unheard(self.heard_ms, self.length_ms)

    @property
    def is_hardly(self) -> bool:
        return not self.is_whole and self.heard_ms < OWN_PART_MS


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard of all the sounds that one click approves."""

    sounds: tuple[SoundHeard, ...]

    @property
    def is_lacking(self) -> bool:
        """Whether to ask once more: no sound was heard whole, or of some commune's not even who speaks.

        What all of them say counts as heard once it was heard in one.
        """
        return bool(self.sounds) and (
            not any(sound.is_whole for sound in self.sounds) or any(sound.is_hardly for sound in self.sounds)
        )

    @property
    def words(self) -> str:
        """What was heard and what was not, as a sentence to whoever is about to approve."""
        begun = [sound for sound in self.sounds if sound.heard_ms >= 1000]
        untouched = [sound.place for sound in self.sounds if sound.heard_ms < 1000]
        if len(self.sounds) == 1:
            heard = f"mới nghe {vn_length(begun[0].heard_ms)}" if begun else "chưa nghe giây nào"
            return f"Bạn {heard} của bản tin dài {vn_length(self.sounds[0].length_ms)}."
        if not begun:
            return f"Bạn chưa nghe giây nào của {len(untouched)} bản: {', '.join(untouched)}."
        told = ", ".join(
            f"{vn_length(sound.heard_ms)} / {vn_length(sound.length_ms)} của {sound.place}" for sound in begun
        )
        lacking = f"; chưa nghe bản của: {', '.join(untouched)}" if untouched else ""
        return f"Đã nghe {told}{lacking}."


def ask_once_more(bulletin: Bulletin, hearing: Hearing, form: Form, *, action: str, back: str) -> str:
    """The page that asks before `action` is posted again, now for sure."""
    return render_template(
        "approvals/ask.html", bulletin=bulletin, hearing=hearing, form=form, action=action, back=back
    )


def hearing_of(sounds: Sequence[Rendering], heard: Mapping[str, int]) -> Hearing:
    return Hearing(
        tuple(
            SoundHeard(
                each.unit.name if each.unit is not None else "",
                heard.get(each.audio.sha256, 0),
                each.audio.duration_ms,
            )
            for each in sounds
            if each.audio is not None
        )
    )
