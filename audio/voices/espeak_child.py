"""eSpeak NG in a process of its own (`python -m audio.voices.espeak_child`): it may crash here and nothing else does.

Request: JSON `{text, voice, words_a_minute, amplitude}`. Result: u32 sample rate, then mono 16-bit samples,
little-endian. Constants are those of eSpeak NG's `speak_lib.h`.
"""

from __future__ import annotations

import ctypes
import json
import struct
from typing import Any

from audio.child import Tell, serve
from broadcast.errors import VoiceError

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_RATE, _VOLUME = 1, 2
_POSITION_CHARACTER = 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Engine:
    """The library, loaded once. Its state is global: one Engine a process."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self.sample_rate: int = self._library.espeak_Initialize(
            _AUDIO_OUTPUT_SYNCHRONOUS, 0, data, _INITIALIZE_DONT_EXIT
        )
        if self.sample_rate <= 0:
            raise VoiceError("Không khởi động được bộ đọc eSpeak NG.")
        self._heard = bytearray()
        # The library keeps only a C pointer; without this reference the callback would be collected and the
        # next call crash.
        self._callback = _CALLBACK(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]

    def _hear(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._heard += ctypes.string_at(samples, count * 2)
        return 0

    def say(self, text: str, voice: str, words_a_minute: int, amplitude: int) -> bytes:
        """`text` as samples. Raises VoiceError where the library refuses."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise VoiceError(f"eSpeak NG không có giọng “{voice}”.")
        self._library.espeak_SetParameter(_RATE, words_a_minute, 0)
        self._library.espeak_SetParameter(_VOLUME, amplitude, 0)
        self._heard.clear()
        spoken = text.encode() + b"\0"
        failed = self._library.espeak_Synth(spoken, len(spoken), 0, _POSITION_CHARACTER, 0, _CHARS_UTF8, None, None)
        if failed:
            raise VoiceError("eSpeak NG không đọc được câu này.")
        return bytes(self._heard)


def main() -> None:
    """Answer requests until the parent is gone."""
    engines: list[Engine] = []

    def answer(request: bytes, _tell: Tell) -> bytes:
        if not engines:
            engines.append(Engine())
        engine = engines[0]
        return struct.pack("<I", engine.sample_rate) + engine.say(**json.loads(request))

    serve(answer)


if __name__ == "__main__":
    main()
