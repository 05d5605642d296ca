"""`broadcast voice`: the voices there are, and taking in a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from audio.voices.neural.files import VoiceFile
from audio.voices.neural.installing import Installing, add, claimed, install
from audio.voices.order import is_set_by_operator, take_in, voice_order, voice_settings, voices_folder
from audio.voices.registry import all_offers
from broadcast.audit_event import Actor
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import VoiceError
from web.voices.arriving import WITHOUT_NETWORK, collection_of, welcome

Say = Callable[[str], None]

_HEAD = ("Tên", "Loại", "Ngôn ngữ", "Tình trạng", "Giấy phép")
_STEP_PERCENT = 10


def voice_table(settings: Settings) -> list[str]:
    """One line a voice under a head, those in use first."""
    order = voice_order(settings)
    there = all_offers(voice_settings(settings))
    listed = [name for name in order if name in there] + [name for name in there if name not in order]
    speaking = tuple(name for name in order if name in there and there[name].trouble_vi is None)
    rows = [_HEAD]
    for name in listed:
        offer = there[name]
        state = offer.trouble_vi or _place(speaking, name)
        rows.append((name, offer.kind_vi, offer.language or "mọi", state, offer.licence_vi))
    rows += [(name, "giọng máy học", "", "chưa cài", "") for name in order if name not in there]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]


def _place(order: tuple[str, ...], name: str) -> str:
    if name not in order:
        return "không dùng"
    place = order.index(name) + 1
    return "dùng trước tiên" if place == 1 else f"dự phòng thứ {place - 1}"


def install_voice(settings: Settings, name: str, now: datetime, say: Say) -> None:
    """Fetches and accepts a voice of the collection; see `audio.voices.neural.installing.install`."""
    folder = voices_folder(settings)
    with claimed(folder):
        try:
            file = install(name, folder=folder, collection=collection_of(settings), now=now, tell=_Teller(say))
        except VoiceError as failed:
            raise VoiceError(f"{failed.message_vi} {WITHOUT_NETWORK}") from failed
    _tell_arrived(settings, file, Actor("broadcast voice install"), now, say)


def add_voice(settings: Settings, path: Path, now: datetime, say: Say) -> None:
    """Takes in a voice file of the operator; see `audio.voices.neural.installing.add`."""
    say("đang kiểm tra và đọc thử …")
    file = add(path, folder=voices_folder(settings), now=now)
    _tell_arrived(settings, file, Actor("broadcast voice add"), now, say)


def _tell_arrived(settings: Settings, file: VoiceFile, actor: Actor, now: datetime, say: Say) -> None:
    again = 0
    with _transaction(settings) as session:
        if session is None:
            order = take_in(settings, file.name)
        else:
            arrived = welcome(session, settings, file, actor, now)
            order, again = arrived.order, arrived.again
    say(f"đã có giọng {file.name}; thứ tự dùng: {', '.join(order)}")
    if is_set_by_operator(settings) and order[0] != file.name:
        say("thứ tự đang theo BROADCAST_VOICE đã đặt; muốn dùng giọng này trước thì sửa cài đặt ấy")
    elif order[0] != file.name:
        say("giọng này đang là dự phòng; hãy nghe thử rồi cho đọc trước tiên ở trang Giọng đọc (/giong-doc)")
    if again:
        say(f"{again} bản tin chưa duyệt sẽ được dựng lại bằng giọng này")


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session | None]:
    """A writing session; None on a machine that has no database yet, where nothing waits and nothing is trailed."""
    database = Database(settings.database)
    try:
        if database.is_sqlite and not Path(database.url.database or "").exists():
            yield None
        else:
            with database.writing() as session:
                yield session
    finally:
        database.dispose()


class _Teller:
    """A line for each step and each tenth of the file."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._told: tuple[str, int] | None = None

    def __call__(self, state: Installing) -> None:
        tenth = 100 * state.done_bytes // state.total_bytes // _STEP_PERCENT if state.total_bytes else 0
        if self._told == (state.step, tenth):
            return
        self._told = (state.step, tenth)
        if state.step == "index":
            self._say("đang xem danh mục của bộ sưu tập …")
        elif state.step == "load":
            self._say(f"đã tải {_mb(state.done_bytes)} / {_mb(state.total_bytes)} MB ({tenth * _STEP_PERCENT} %)")
        elif state.step == "check":
            self._say("đang kiểm tra và đọc thử …")


def _mb(count: int) -> str:
    return f"{count / 1_000_000:.1f}".replace(".", ",")
