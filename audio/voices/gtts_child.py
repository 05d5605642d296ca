"""One request to Google's unofficial speech service, in a process that can be killed.

gTTS sends with `verify=False`, waits without limit between two bytes and takes a page without sound for silence.
Here certificates are verified, redirects (sign-in pages) refused, the answer is limited in size and must decode.

Request: JSON `{text, address, ca_file, quiet_s}`, text of at most 100 characters. Result: u32 sample rate,
then mono 16-bit samples. Raises VoiceError, and TooMany where the service answers 429.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import requests
import soundfile
from gtts import gTTS

from audio.child import Tell, serve
from broadcast.errors import TooMany, VoiceError

_LARGEST_ANSWER = 4 * 1024 * 1024  # 100 characters are about 60 kB
_PIECE = 16 * 1024


class VerifiedGTTS(gTTS):  # type: ignore[misc]
    """gTTS's way of asking, with our way of sending."""

    def __init__(self, text: str, address: str, ca_file: str | None, quiet_s: float) -> None:
        super().__init__(text, lang="vi", lang_check=False, pre_processor_funcs=[], timeout=quiet_s)
        self._address = address
        self._ca_file = ca_file

    def stream(self) -> Iterator[bytes]:
        """The MP3 of the text. Raises VoiceError and TooMany."""
        with requests.Session() as session:
            # Proxies and the company's own certificates come from the environment; verification is never
            # switched off.
            how = session.merge_environment_settings(self._address, {}, True, self._ca_file or True, None)
            if how["verify"] is False:
                how["verify"] = True
            asked = requests.Request(
                "POST", self._address, data=self._package_rpc(self.text), headers=self.GOOGLE_TTS_HEADERS
            ).prepare()
            try:
                answer = session.send(asked, timeout=self.timeout, allow_redirects=False, **how)
                with answer:
                    yield _sound_in(_body_of(answer))
            except requests.exceptions.SSLError as failed:
                raise VoiceError("Chứng chỉ của dịch vụ giọng đọc trực tuyến không hợp lệ, đã từ chối.") from failed
            except requests.exceptions.RequestException as failed:
                raise VoiceError("Không kết nối được dịch vụ giọng đọc trực tuyến.") from failed


def _body_of(answer: requests.Response) -> bytes:
    if answer.status_code == 429:
        raise TooMany("Dịch vụ giọng đọc trực tuyến báo đã hỏi quá nhiều lần.")
    if answer.status_code != 200:
        raise VoiceError(f"Dịch vụ giọng đọc trực tuyến trả lời mã {answer.status_code}.")
    body = bytearray()
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise VoiceError("Dịch vụ giọng đọc trực tuyến trả lời quá dài, đã dừng.")
    return bytes(body)


def _sound_in(body: bytes) -> bytes:
    """The MP3 in an answer: JSON lines, one of them `[["wrb.fr", "jQ1olc", "[\\"<base64>\\"]", …`."""
    for line in body.decode("utf-8", "replace").splitlines():
        if gTTS.GOOGLE_TTS_RPC not in line:
            continue
        try:
            said: Any = json.loads(json.loads(line)[0][2])[0]
            sound = base64.b64decode(said, validate=True)
        except (ValueError, TypeError, IndexError, KeyError, binascii.Error) as failed:
            raise VoiceError("Dịch vụ giọng đọc trực tuyến trả lời không có âm thanh.") from failed
        if sound:
            return sound
    raise VoiceError("Dịch vụ giọng đọc trực tuyến trả lời không có âm thanh (có thể là trang đăng nhập mạng).")


def _decoded(mp3: bytes) -> bytes:
    try:
        samples, sample_rate = soundfile.read(io.BytesIO(mp3), dtype="int16", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError) as failed:
        raise VoiceError("Âm thanh từ dịch vụ trực tuyến không giải mã được.") from failed
    return struct.pack("<I", sample_rate) + np.ascontiguousarray(samples[:, 0], "<i2").tobytes()


def _answer(request: bytes, _tell: Tell) -> bytes:
    return _decoded(b"".join(VerifiedGTTS(**json.loads(request)).stream()))


if __name__ == "__main__":
    serve(_answer)
