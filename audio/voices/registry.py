"""The voices there are, by name. A new voice is one file beside this one and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from audio.voices.base import Voice
from audio.voices.espeak import EspeakSettings, EspeakVoice
from audio.voices.gtts import GttsSettings, GttsVoice
from audio.voices.tone import ToneVoice
from broadcast.errors import ConfigurationError

ALWAYS_THERE = EspeakVoice.name


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """The settings of all voices; they travel to a rendering child as JSON."""

    espeak: EspeakSettings = field(default_factory=EspeakSettings)
    gtts: GttsSettings = field(default_factory=GttsSettings)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> VoiceSettings:
        """The opposite of `as_json`."""
        return cls(EspeakSettings(**values["espeak"]), GttsSettings(**values["gtts"]))


_VOICES: dict[str, Callable[[VoiceSettings, Path | None], Voice]] = {
    EspeakVoice.name: lambda settings, _: EspeakVoice(settings.espeak),
    GttsVoice.name: lambda settings, state_dir: GttsVoice(settings.gtts, state_dir=state_dir),
    ToneVoice.name: lambda _, __: ToneVoice(),
}

LABELS_VI = {voice.name: voice.label_vi for voice in (EspeakVoice, GttsVoice, ToneVoice)}


def voices_from(
    names: Sequence[str],
    *,
    settings: VoiceSettings | None = None,
    state_dir: Path | None = None,
    with_fallback: bool = True,
) -> tuple[Voice, ...]:
    """Voices in the order in which they are tried; the offline voice comes last if it is not named.

    `state_dir` is where voices remember things (`DATA_DIR/speech`). Nothing is started before the first
    sentence; close them all at the end. Raises ConfigurationError for a name that no voice has.
    """
    wanted = list(dict.fromkeys(names))
    if with_fallback and ALWAYS_THERE not in wanted:
        wanted.append(ALWAYS_THERE)
    unknown = [name for name in wanted if name not in _VOICES]
    if unknown:
        raise ConfigurationError(
            f"Không có giọng đọc “{unknown[0]}”. Các giọng hiện có: {', '.join(_VOICES)}.", field="voice"
        )
    made = settings or VoiceSettings()
    return tuple(_VOICES[name](made, state_dir) for name in wanted)
