"""The online voice: Google's, through gTTS, hardened.

The text leaves the country, so an administrator must choose it knowingly.
Each request runs in a child that is killed at its deadline. Texts are packed into as few requests as the
service's 100 characters allow, requests keep their distance, and a 429 silences this voice for an hour,
over restarts too.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from audio.pauses import PAUSE_S
from audio.store import write_whole
from audio.supervised import ChildDied, ChildHung, SupervisedChild
from audio.voices.base import Offer, Speech, joined, speakable, speech_in
from broadcast import clock
from broadcast.addresses import is_safe
from broadcast.errors import ConfigurationError, TooMany, VoiceError

if TYPE_CHECKING:
    from audio.voices.registry import VoiceSettings

log = logging.getLogger(__name__)

ADDRESS = "https://translate.google.com/_/TranslateWebserverUi/data/batchexecute"
CHARACTERS_AT_ONCE = 100
SILENT_AFTER_429 = timedelta(hours=1)
_PAUSE_WITHIN_S = 0.06  # where a text was cut between two words
_asked_at: dict[str, float] = {}  # address → when it was last asked, by whichever voice of this process


@dataclass(frozen=True, slots=True)
class GttsSettings:
    """How the service is asked. `deadline_s` is for a whole sentence, `quiet_s` for the wait between two bytes."""

    address: str = ADDRESS
    ca_file: str | None = None  # certificates to trust instead of the usual ones
    deadline_s: float = 60.0
    quiet_s: float = 10.0
    between_requests_s: float = 0.75


class GttsVoice:
    """See `audio.voices.base.Voice`."""

    name = "gtts"
    label_vi = "Google trực tuyến (văn bản được gửi ra nước ngoài)"
    worth_keeping = True

    def __init__(
        self,
        settings: GttsSettings | None = None,
        *,
        state_dir: Path | None = None,
        now: Callable[[], datetime] = clock.now,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`state_dir` keeps the hour of silence over restarts. Raises ConfigurationError for an address without TLS."""
        self._settings = settings or GttsSettings()
        _check_address(self._settings.address)
        self._state = state_dir / "gtts-silent-until" if state_dir else None
        self._now, self._wait = now, wait
        self._silent_until: datetime | None = None
        self.child = SupervisedChild("audio.voices.gtts_child")

    @property
    def settings(self) -> str:
        """The service speaks in one way only; another address is another service."""
        return f"vi {self._settings.address}"

    def say(self, sentence: str) -> Speech:
        """`sentence` from as few requests as possible. Raises VoiceError."""
        text = speakable(sentence)
        if self._is_silent():
            raise VoiceError("Dịch vụ giọng đọc trực tuyến đã báo quá tải, tạm nghỉ một giờ.")
        ends = time.monotonic() + self._settings.deadline_s
        parts: list[tuple[Speech, float]] = []
        for part in packed(text):
            self._keep_distance()
            heard = speech_in(self._ask(part, ends - time.monotonic()), part, self.label_vi)
            if parts and heard.sample_rate != parts[0][0].sample_rate:
                raise VoiceError("Dịch vụ giọng đọc trực tuyến trả lời không đồng nhất.")
            parts.append((heard, PAUSE_S.get(part[-1], _PAUSE_WITHIN_S)))
        return joined(parts)

    def close(self) -> None:
        """End the child process."""
        self.child.close()

    def _ask(self, part: str, within_s: float) -> bytes:
        asked = {
            "text": part,
            "address": self._settings.address,
            "ca_file": self._settings.ca_file,
            "quiet_s": self._settings.quiet_s,
        }
        try:
            return self.child.ask(json.dumps(asked).encode(), within_s=within_s)
        except TooMany as refused:
            self._fall_silent()
            raise VoiceError(refused.message_vi) from refused
        except ChildHung as hung:
            raise VoiceError("Dịch vụ giọng đọc trực tuyến trả lời quá chậm, đã dừng.") from hung
        except ChildDied as died:
            raise VoiceError("Bộ phận giọng đọc trực tuyến dừng đột ngột.") from died
        finally:
            _asked_at[self._settings.address] = time.monotonic()

    def _keep_distance(self) -> None:
        asked_at = _asked_at.get(self._settings.address)
        if asked_at is None:
            return
        left_s = asked_at + self._settings.between_requests_s - time.monotonic()
        if left_s > 0:
            self._wait(left_s)

    def _is_silent(self) -> bool:
        """Another process may have been refused since this voice was made: the file is looked at each time."""
        known = [until for until in (self._silent_until, self._remembered()) if until is not None]
        # No longer than an hour from now: a clock that was wrong must not silence the voice for years.
        return any(self._now() < until <= self._now() + SILENT_AFTER_429 for until in known)

    def _fall_silent(self) -> None:
        self._silent_until = self._now() + SILENT_AFTER_429
        if self._state is None:
            return
        try:
            write_whole(self._state, self._silent_until.isoformat().encode())
        except OSError as failed:
            log.warning("gtts: the hour of silence could not be written down: %s", failed)

    def _remembered(self) -> datetime | None:
        if self._state is None:
            return None
        try:
            return clock.parse_instant(self._state.read_text("utf-8"))
        except (OSError, ValueError):
            return None


def packed(text: str) -> list[str]:
    """`text` in parts of at most 100 characters.

    Cut at the last mark in the second half of a part; where there is none, between two words.
    """
    parts: list[str] = []
    rest = text
    while len(rest) > CHARACTERS_AT_ONCE:
        head = rest[: CHARACTERS_AT_ONCE + 1]
        cut = max(head.rfind(f"{mark} ") + 1 for mark in PAUSE_S)
        if cut < CHARACTERS_AT_ONCE // 2:
            cut = head.rfind(" ")
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*parts, rest] if rest else parts


def offers(settings: VoiceSettings, state_dir: Path | None) -> Iterator[Offer]:
    """See `audio.voices.base.Offer`."""
    yield Offer(
        name=GttsVoice.name,
        label_vi=GttsVoice.label_vi,
        kind_vi="giọng trực tuyến",
        language="vi-VN",
        quality_vi=(
            "Nghe khá, nhưng cần mạng, gửi lời bản tin tới máy chủ của Google ở nước ngoài, và dịch vụ này không có "
            "cam kết nào: có lúc chậm, có lúc từ chối."
        ),
        licence_vi="dịch vụ của Google, không có cam kết",
        make=lambda: GttsVoice(settings.gtts, state_dir=state_dir),
        leaves_country=True,
    )


def _check_address(address: str) -> None:
    """Plain HTTP lets anyone on the way put words on public loudspeakers; on this machine itself there is no way."""
    if not is_safe(address):
        raise ConfigurationError(
            "Địa chỉ dịch vụ giọng đọc trực tuyến phải bắt đầu bằng https://.", field="gtts_address"
        )
