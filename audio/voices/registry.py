"""The voices there are, by name. A new voice is one file beside this one: whatever module of this package has a
function `offers` is asked for what it has (see `audio.voices.base.Offer`).
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import audio.voices
from audio.voices.base import Offer, Speech, Voice
from audio.voices.espeak import EspeakSettings, EspeakVoice
from audio.voices.gtts import GttsSettings
from audio.voices.piper import PiperSettings, label_of
from broadcast.errors import ConfigurationError, VoiceError

ALWAYS_THERE = EspeakVoice.name
# Names as the public Piper collection gives them: `vi_VN-vais1000-medium`.
_OF_A_COLLECTION = re.compile(r"[a-z]{2,3}_[A-Z]{2}-[A-Za-z0-9_]+-[a-z_]+")


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """The settings of all voices; they travel to a rendering child as JSON."""

    espeak: EspeakSettings = field(default_factory=EspeakSettings)
    gtts: GttsSettings = field(default_factory=GttsSettings)
    piper: PiperSettings = field(default_factory=PiperSettings)
    folder: str | None = None
    """Where voice files are, and what voices remember over restarts (`DATA_DIR/voices`)."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> VoiceSettings:
        """The opposite of `as_json`."""
        return cls(
            EspeakSettings(**values["espeak"]),
            GttsSettings(**values["gtts"]),
            PiperSettings(**values["piper"]),
            values["folder"],
        )


class AbsentVoice:
    """Stands for a voice file that an order names and that is not on this machine: its sentences go to the next."""

    worth_keeping = False
    settings = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.label_vi = label_of(name)

    def say(self, sentence: str) -> Speech:
        """Raises VoiceError."""
        raise VoiceError("Máy chủ này chưa có tệp giọng ấy.")

    def close(self) -> None:
        """Nothing is open."""


def all_offers(settings: VoiceSettings | None = None, *, state_dir: Path | None = None) -> dict[str, Offer]:
    """Every voice on this machine by its name. The first module to have a name keeps it."""
    made = settings or VoiceSettings()
    found: dict[str, Offer] = {}
    remembering = Path(made.folder) if made.folder else state_dir
    # The voices of the program first: no voice file may take their names.
    for name in sorted(_module_names(), key=lambda each: (each == "piper", each)):
        module = import_module(f"{audio.voices.__name__}.{name}")
        for offer in getattr(module, "offers", _nothing)(made, remembering):
            found.setdefault(offer.name, offer)
    return found


def voices_from(
    names: Sequence[str],
    *,
    settings: VoiceSettings | None = None,
    state_dir: Path | None = None,
    with_fallback: bool = True,
) -> tuple[Voice, ...]:
    """Voices in the order in which they are tried; the offline voice comes last if it is not named.

    `state_dir` is where voices remember things if the settings name no folder. Nothing is started before the
    first sentence; close them all at the end. Raises ConfigurationError for a name that no voice has; a voice
    file that is missing only fails at each sentence, because no voice is on the critical path.
    """
    wanted = list(dict.fromkeys(names))
    if with_fallback and ALWAYS_THERE not in wanted:
        wanted.append(ALWAYS_THERE)
    there = all_offers(settings, state_dir=state_dir)
    unknown = [name for name in wanted if name not in there and not _OF_A_COLLECTION.fullmatch(name)]
    if unknown:
        raise ConfigurationError(
            f"Không có giọng đọc “{unknown[0]}”. Các giọng hiện có: {', '.join(there)}.", field="voice"
        )
    return tuple(there[name].make() if name in there else AbsentVoice(name) for name in wanted)


def _module_names() -> list[str]:
    own = __name__.rpartition(".")[2]
    return [
        found.name
        for found in pkgutil.iter_modules(audio.voices.__path__)
        if not found.ispkg and found.name != own and not found.name.endswith("_child")
    ]


def _nothing(_settings: VoiceSettings, _state_dir: Path | None) -> tuple[Offer, ...]:
    return ()
