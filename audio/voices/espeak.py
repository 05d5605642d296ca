"""eSpeak NG, the voice that always works: offline, in a supervised child, with pauses of our own.

VOICE.md: 120 words a minute (166 syllables) in the northern voice was the most intelligible; the library
crashes on clauses that begin with a punctuation mark, so it gets one clean clause at a time and we make the
pauses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audio.pauses import PAUSE_S
from audio.supervised import ChildDied, ChildHung, SupervisedChild
from audio.voices.base import Offer, Speech, checked, joined, speakable, speech_in
from broadcast.errors import VoiceError

if TYPE_CHECKING:
    from audio.voices.registry import VoiceSettings

_CLAUSE = re.compile(r"[^,.;:?!]+[,.;:?!]*")
_LONGEST_CLAUSE = 60  # words; longer ones are cut between words, since nobody speaks them in one breath


@dataclass(frozen=True, slots=True)
class EspeakSettings:
    """How eSpeak NG speaks. `time_limit_s` is for one clause, which normally takes some hundredths of a second."""

    voice: str = "vi"
    words_a_minute: int = 120
    amplitude: int = 100
    time_limit_s: float = 15.0


class EspeakVoice:
    """See `audio.voices.base.Voice`."""

    name = "espeak"
    label_vi = "eSpeak NG (giọng máy, không cần mạng)"
    worth_keeping = True

    def __init__(self, settings: EspeakSettings | None = None) -> None:
        self._settings = settings or EspeakSettings()
        self.child = SupervisedChild("audio.voices.espeak_child")

    @property
    def settings(self) -> str:
        """Everything that shapes the sound, and the pauses' version."""
        shape = asdict(self._settings)
        del shape["time_limit_s"]
        return json.dumps({**shape, "pauses": list(PAUSE_S.values())}, sort_keys=True)

    def say(self, sentence: str) -> Speech:
        """`sentence`, clause by clause, with pauses between. Raises VoiceError."""
        text = speakable(sentence)
        said = joined((self._clause(clause + mark), PAUSE_S.get(mark, 0.1)) for clause, mark in clauses_of(text))
        return checked(said, text, self.label_vi)

    def close(self) -> None:
        """End the child process."""
        self.child.close()

    def _clause(self, text: str) -> Speech:
        request = json.dumps(
            {
                "text": text,
                "voice": self._settings.voice,
                "words_a_minute": self._settings.words_a_minute,
                "amplitude": self._settings.amplitude,
            }
        ).encode()
        try:
            answer = self.child.ask_twice(request, within_s=self._settings.time_limit_s)
        except ChildHung as hung:
            raise VoiceError("Bộ đọc eSpeak NG không trả lời đúng hạn, đã dừng.") from hung
        except ChildDied as died:
            raise VoiceError("Bộ đọc eSpeak NG dừng đột ngột ở câu này.") from died
        return speech_in(answer, text, self.label_vi)


def offers(settings: VoiceSettings, _state_dir: Path | None) -> Iterator[Offer]:
    """See `audio.voices.base.Offer`."""
    yield Offer(
        name=EspeakVoice.name,
        label_vi=EspeakVoice.label_vi,
        kind_vi="giọng máy",
        language="vi-VN",
        quality_vi="Luôn dùng được, không cần mạng. Là giọng máy: rõ từng tiếng nhưng khô, nghe lâu mệt.",
        licence_vi="GPL-3.0, đi kèm phần mềm",
        make=lambda: EspeakVoice(settings.espeak),
    )


def clauses_of(text: str) -> list[tuple[str, str]]:
    """Clauses of clean `text`, each with its last mark: `,` where it was cut for length, "" where it has none."""
    found: list[tuple[str, str]] = []
    for match in _CLAUSE.finditer(text):
        clause = match.group().strip()
        words = clause.rstrip(",.;:?!").split()
        mark = clause[-1] if clause and clause[-1] in PAUSE_S else ""
        if not words:
            continue
        for start in range(0, len(words), _LONGEST_CLAUSE):
            last = start + _LONGEST_CLAUSE >= len(words)
            found.append((" ".join(words[start : start + _LONGEST_CLAUSE]), mark if last else ","))
    return found
