"""A new voice is there: it comes into the order, the trail says who brought it, what waits is rendered again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from audio.voices.neural.collection import Collection
from audio.voices.neural.files import OF_A_FILE, VoiceFile
from audio.voices.order import speaks_first, take_in
from broadcast.audit_event import Actor, record
from broadcast.config import Settings
from web.voices.again import render_waiting_again

WITHOUT_NETWORK = (
    "Máy chủ không có mạng thì chép hai tệp .onnx và .onnx.json của giọng sang, rồi chạy lệnh broadcast voice add TỆP."
)


@dataclass(frozen=True)
class Arrived:
    """What became of it: the order that holds now, and how many waiting bulletins are rendered again."""

    order: tuple[str, ...]
    again: int


def collection_of(settings: Settings) -> Collection:
    """The collection that this server installs voices from."""
    return Collection(settings.voice_collection)


def welcome(session: Session, settings: Settings, file: VoiceFile, actor: Actor, now: datetime) -> Arrived:
    """`file` was accepted. Where the operator set the order, that order stays."""
    order = take_in(settings, file.name)
    record(session, actor, "install_voice", "voice", file.name, file.name, now=now, detail={"from": _source(file)})
    leads = speaks_first(settings, order) == file.name
    again = render_waiting_again(session, now, first=file.name, by=actor) if leads else 0
    return Arrived(order, again)


def _source(file: VoiceFile) -> str:
    return "tệp của người quản trị" if file.about is None or file.about.source == OF_A_FILE else file.about.source
