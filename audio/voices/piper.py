"""Piper, the neural voice: an operator's voice file, spoken in a supervised child on one thread.

VOICE.md: seconds of work a second of audio 0.06 on one core, 330 MB. A whole sentence at once sounds best; long
ones are cut at their marks, because memory grows with length.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audio.pauses import PAUSE_S
from audio.supervised import ChildDied, ChildHung, SupervisedChild
from audio.voices.base import Offer, Speech, checked, joined, speakable, speech_in, syllables
from audio.voices.espeak import clauses_of
from audio.voices.neural.files import (
    OF_A_FILE,
    RECOMMENDED,
    VoiceFile,
    config_path,
    digest_of,
    voice_file,
    voice_files,
)
from broadcast.errors import VoiceError

if TYPE_CHECKING:
    from audio.voices.registry import VoiceSettings

_LONGEST_PIECE = 300  # characters; about twenty seconds
_MOST_SECONDS_A_SYLLABLE = 2.0  # a model that lost its way goes on and on
_QUALITIES = {"x_low": "bản rất nhẹ", "low": "bản nhẹ", "medium": "bản vừa", "high": "bản kỹ"}
_ENDS_SENTENCE = ".?!"


@dataclass(frozen=True, slots=True)
class PiperSettings:
    """How a voice file is spoken. `time_limit_s` is for one piece of at most 300 characters, loading included."""

    threads: int = 1
    length_scale: float | None = None  # above 1 is slower; None as the voice's own settings say
    time_limit_s: float = 60.0


class PiperVoice:
    """See `audio.voices.base.Voice`."""

    worth_keeping = True

    def __init__(
        self,
        name: str,
        onnx: Path,
        settings: PiperSettings | None = None,
        *,
        config: Path | None = None,
        trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`config` where it is not beside the voice file. `trouble` says before each sentence why it must not speak.

        A child that loaded the voice while its files were whole could go on after they were damaged; a voice that
        lists call unusable is to be silent all the same.
        """
        self.name = name
        self.label_vi = label_of(name)
        self._onnx = onnx
        self._config = config or config_path(onnx)
        self._settings = settings or PiperSettings()
        self._trouble = trouble
        self.child = SupervisedChild("audio.voices.piper_child")

    @property
    def settings(self) -> str:
        """Everything that shapes the sound: the very files, the speed, the pauses between pieces."""
        shape = {**asdict(self._settings), "files": self._digests(), "pauses": list(PAUSE_S.values())}
        del shape["time_limit_s"], shape["threads"]
        return json.dumps(shape, sort_keys=True)

    def _digests(self) -> list[str]:
        try:
            return [digest_of(self._onnx), digest_of(self._config)]
        except OSError:
            return []

    def say(self, sentence: str) -> Speech:
        """`sentence`, whole where it is not too long. Raises VoiceError."""
        text = speakable(sentence)
        if (trouble := self._trouble()) is not None:
            raise VoiceError(trouble)
        said = joined((self._piece(piece), PAUSE_S.get(piece[-1], 0.1)) for piece in pieces_of(text))
        return checked(said, text, self.label_vi)

    def close(self) -> None:
        """End the child process."""
        self.child.close()

    def _piece(self, text: str) -> Speech:
        speech = speech_in(self._asked(text), text, self.label_vi)
        if speech.duration_s > _MOST_SECONDS_A_SYLLABLE * (syllables(text) + 1):
            raise VoiceError(f"{self.label_vi} trả về âm thanh dài bất thường so với câu cần đọc.")
        return speech

    def _asked(self, text: str) -> bytes:
        asked = {
            "text": text,
            "onnx": str(self._onnx),
            "config": str(self._config),
            "files": self._digests(),
            "threads": self._settings.threads,
            "length_scale": self._settings.length_scale,
        }
        try:
            return self.child.ask_twice(json.dumps(asked).encode(), within_s=self._settings.time_limit_s)
        except ChildHung as hung:
            raise VoiceError(f"{self.label_vi} không trả lời đúng hạn, đã dừng.") from hung
        except ChildDied as died:
            raise VoiceError(f"{self.label_vi} dừng đột ngột ở câu này.") from died


def label_of(name: str) -> str:
    """`vi_VN-vais1000-medium` in words; another name as it is."""
    parts = name.split("-")
    if len(parts) == 3 and parts[2] in _QUALITIES:
        return f"Giọng máy học {parts[1]} ({_QUALITIES[parts[2]]})"
    return f"Giọng máy học {name}"


def pieces_of(text: str) -> list[str]:
    """Clean `text` in pieces that end where a sentence does, or at a mark before they grow too long."""
    pieces = [""]
    for clause, mark in clauses_of(text):
        if pieces[-1] and (pieces[-1][-1] in _ENDS_SENTENCE or len(pieces[-1]) + len(clause) > _LONGEST_PIECE):
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {clause}{mark}".strip()
    return pieces


def offers(settings: VoiceSettings, _state_dir: Path | None) -> Iterator[Offer]:
    """See `audio.voices.base.Offer`: one for each voice file of the operator."""
    for file in voice_files(Path(settings.folder) if settings.folder else None):
        yield Offer(
            name=file.name,
            label_vi=label_of(file.name),
            kind_vi="giọng máy học",
            language=file.language,
            quality_vi=f"{_quality_of(file)} Chạy trên máy chủ này, không cần mạng.",
            licence_vi=(file.about.licence if file.about else "") or "theo nơi cung cấp tệp giọng",
            make=_maker(file.name, file.onnx, settings.piper),
            trouble_vi=file.trouble_vi,
            recommended=file.name in RECOMMENDED and file.about is not None and file.trouble_vi is None,
        )


def _quality_of(file: VoiceFile) -> str:
    """Honest words: of a file that nobody of this project heard, only where it comes from."""
    if file.name in RECOMMENDED:
        return "Nên dùng: gần giọng người nhất trong các giọng máy."
    if file.about is None or file.about.source == OF_A_FILE:
        return "Tệp giọng của đơn vị. Hãy nghe thử trước khi cho đọc."
    return "Giọng của bộ sưu tập công cộng. Hãy nghe thử trước khi cho đọc."


def _maker(name: str, onnx: Path, settings: PiperSettings) -> Callable[[], PiperVoice]:
    def trouble() -> str | None:
        try:
            return voice_file(name, onnx).trouble_vi
        except FileNotFoundError:
            return "Máy chủ này không còn tệp giọng ấy."

    return lambda: PiperVoice(name, onnx, settings, trouble=trouble)
