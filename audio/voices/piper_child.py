"""One voice file, spoken by Piper in a process of its own (`python -m audio.voices.piper_child`).

Request: JSON `{text, onnx, config, files, threads, length_scale}`; `files` are the digests of both files as they are
now: a voice that was loaded from others is loaded anew. Result: u32 sample rate, then mono 16-bit samples.
Raises VoiceError for files that cannot be used and for sound that is none.
"""

from __future__ import annotations

import contextlib
import json
import logging
import struct
from pathlib import Path
from typing import Any

import numpy as np

from audio.child import Tell, serve
from audio.voices.neural.config import read_config
from broadcast.errors import Invalid, VoiceError

_MOST_MEMORY = 3 * 1024**3  # bytes of address space; a real voice needs a third of it
_PAUSE_BETWEEN_SENTENCES_S = 0.45
_MOST_UNKNOWN = 0.1  # of the phonemes; a config that fits its voice knows them all


def _limit_memory() -> None:
    """A broken model may ask for any amount; here that ends this child and not the machine's other work."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limit on Windows, or a lower one already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


class Engine:
    """One loaded voice file. Raises VoiceError where it, or its config, cannot be used."""

    def __init__(self, onnx: str, config: str, threads: int) -> None:
        try:
            import onnxruntime
            from onnxruntime.capi import onnxruntime_pybind11_state as faults
            from piper import PiperVoice
            from piper.config import PiperConfig
        except ImportError as missing:
            raise VoiceError("Máy chủ này chưa có gói piper-tts, nên chưa dùng được giọng máy học.") from missing
        logging.getLogger("piper").setLevel(logging.ERROR)
        # onnxruntime has no common ancestor for what it raises.
        self._faults = tuple(
            kind for kind in vars(faults).values() if isinstance(kind, type) and issubclass(kind, Exception)
        )
        try:
            settings = read_config(Path(config))
        except Invalid as failed:
            raise VoiceError(failed.message_vi) from failed
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(onnx, sess_options=options, providers=["CPUExecutionProvider"])
        except self._faults as failed:
            raise VoiceError("Tệp giọng hỏng hoặc bị cắt, không mở được.") from failed
        wanted = {"input", "input_lengths", "scales"} | ({"sid"} if settings["num_speakers"] > 1 else set())
        if {each.name for each in session.get_inputs()} != wanted:
            raise VoiceError("Tệp giọng không phải là một giọng Piper, hoặc không khớp tệp cấu hình.")
        self._voice = PiperVoice(session=session, config=PiperConfig.from_dict(settings))
        self.sample_rate: int = settings["audio"]["sample_rate"]

    def say(self, text: str, length_scale: float | None) -> bytes:
        """`text` as samples. Raises VoiceError."""
        from piper.config import SynthesisConfig

        how = SynthesisConfig(length_scale=length_scale)
        pause = np.zeros(round(_PAUSE_BETWEEN_SENTENCES_S * self.sample_rate), np.float32)
        heard: list[Any] = []
        for phonemes in filter(None, self._voice.phonemize(text)):
            self._check_known(phonemes)
            try:
                sound = self._voice.phoneme_ids_to_audio(self._voice.phonemes_to_ids(phonemes), how)
            except self._faults as failed:
                raise VoiceError("Tệp giọng không đọc được câu này, hoặc không khớp tệp cấu hình.") from failed
            heard += [*([pause] if heard else []), np.atleast_1d(np.asarray(sound, np.float32))]
        if not heard or any(sound.ndim != 1 or not sound.size for sound in heard):
            raise VoiceError("Tệp giọng không trả về âm thanh nào.")
        whole = np.concatenate(heard)
        # Looked at before clipping, which would turn an endless number into a loud one.
        if not np.isfinite(whole).all():
            raise VoiceError("Tệp giọng trả về âm thanh hỏng.")
        return bytes(np.round(np.clip(whole, -1.0, 1.0) * 32767).astype("<i2").tobytes())

    def _check_known(self, phonemes: list[str]) -> None:
        known = self._voice.config.phoneme_id_map
        unknown = sum(phoneme not in known for phoneme in phonemes)
        if unknown > _MOST_UNKNOWN * len(phonemes):
            raise VoiceError("Tệp cấu hình không biết nhiều âm của câu này: nó không khớp tệp giọng.")


def main() -> None:
    """Answer requests until the parent is gone; the voice stays loaded between them."""
    _limit_memory()
    loaded: dict[tuple[object, ...], Engine] = {}

    def answer(request: bytes, _tell: Tell) -> bytes:
        asked = json.loads(request)
        made_of = (asked["onnx"], asked["config"], asked["threads"])
        wanted = (*made_of, *asked["files"])
        if wanted not in loaded:
            loaded.clear()
            loaded[wanted] = Engine(*made_of)
        engine = loaded[wanted]
        return struct.pack("<I", engine.sample_rate) + engine.say(asked["text"], asked["length_scale"])

    serve(answer)


if __name__ == "__main__":
    main()
