"""Which voice speaks first: the operator's setting where there is one, else what an administrator chose.

The choice lies in `DATA_DIR/voices/order.json` and is read anew for each sound. Where nobody chose, a recommended
voice that was accepted comes before the offline voice by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from audio.store import read_json, storage_errors, write_whole
from audio.voices.neural.files import RECOMMENDED
from audio.voices.registry import ALWAYS_THERE, VoiceSettings, all_offers
from broadcast.errors import Forbidden, Invalid

if TYPE_CHECKING:  # a rendering child looks through all voices and needs no settings
    from broadcast.config import Settings

FILE = "order.json"


@dataclass(frozen=True, slots=True)
class Choice:
    """What administrators chose. `abroad_by` and `abroad_at` (ISO 8601) say who let texts leave the country."""

    names: tuple[str, ...] | None = None
    abroad_by: str | None = None
    abroad_at: str | None = None


def voices_folder(settings: Settings) -> Path:
    """`DATA_DIR/voices`: voice files, the order, what voices remember."""
    return settings.data_dir / "voices"


def voice_settings(settings: Settings) -> VoiceSettings:
    """For `SpeechJob.voice_settings`: what voices need to know of this server."""
    return VoiceSettings(folder=str(voices_folder(settings)))


def is_set_by_operator(settings: Settings) -> bool:
    """Whether `BROADCAST_VOICE` was given; then nothing chosen on screen counts."""
    return "voice" in settings.model_fields_set


def voice_order(settings: Settings) -> tuple[str, ...]:
    """For `SpeechJob.voices`: names in the order of trying, the offline voice always among them."""
    return settings.voices if is_set_by_operator(settings) else _order_on_screen(settings)


def _order_on_screen(settings: Settings) -> tuple[str, ...]:
    there = all_offers(voice_settings(settings))
    choice = chosen(settings)
    names = choice.names
    if names is None:
        names = (*(offer.name for offer in there.values() if offer.recommended), *settings.voices)
    allowed = [
        name for name in names if name in there and (not there[name].leaves_country or choice.abroad_by is not None)
    ]
    return tuple(dict.fromkeys([*allowed, ALWAYS_THERE]))


def refuse_unanswered(settings: Settings, names: Sequence[str]) -> None:
    """Raises Forbidden where one of `names` sends texts abroad and nobody of this server answers for it.

    Who answers: an administrator on screen, or the operator whose `BROADCAST_VOICE` names that very voice.
    """
    there = all_offers(voice_settings(settings))
    abroad = [name for name in names if name in there and there[name].leaves_country]
    by_operator = settings.voices if is_set_by_operator(settings) else ()
    for name in abroad:
        if name not in by_operator and chosen(settings).abroad_by is None:
            raise Forbidden(
                f"Giọng {name} gửi lời bản tin ra nước ngoài, mà máy chủ này chưa ai đồng ý. Người quản trị xác nhận ở "
                f"trang Giọng đọc (/giong-doc), hoặc người giữ máy chủ đặt BROADCAST_VOICE={name}.",
                field="voice",
            )


def chosen(settings: Settings) -> Choice:
    """What the file says; nothing chosen where there is none or it cannot be read."""
    try:
        kept = read_json(voices_folder(settings) / FILE)
        names = kept["names"]
        if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
            return Choice()
        return Choice(None if names is None else tuple(names), kept["abroad_by"], kept["abroad_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return Choice()


def choose(
    settings: Settings, names: Sequence[str], *, abroad_by: str | None = None, abroad_at: str | None = None
) -> tuple[str, ...]:
    """Keeps `names` as the order. `abroad_by` and `abroad_at` are noted where a voice sends texts abroad.

    Returns the order that holds now. Raises Invalid for a name that no voice has or one that cannot speak, and for
    an online voice that nobody answers for; StorageError.
    """
    there = all_offers(voice_settings(settings))
    before = chosen(settings)
    by, at = (abroad_by, abroad_at) if abroad_by else (before.abroad_by, before.abroad_at)
    for name in names:
        offer = there.get(name)
        if offer is None:
            raise Invalid("Máy chủ này không có giọng đọc ấy.", field="name")
        if offer.leaves_country and by is None:
            raise Invalid("Giọng này gửi lời bản tin ra nước ngoài: cần người quản trị xác nhận trước.", field="abroad")
    if not any(there[name].leaves_country for name in names):
        by = at = None  # chosen again later, it is to be answered for again
    _keep(settings, Choice(tuple(dict.fromkeys(names)), by, at))
    return voice_order(settings)


def take_in(settings: Settings, name: str) -> tuple[str, ...]:
    """`name`, a new voice, into the order; the order that holds now, which is the operator's where one is set.

    A recommended voice comes first. Any other comes second, until an administrator has heard it and puts it first.
    One that an administrator gave a place, and that is installed again, keeps it.
    """
    _keep(settings, replace(chosen(settings), names=_with(settings, name)))
    return voice_order(settings)


def place_of_new(settings: Settings, name: str) -> int | None:
    """The place, from 1, that `name` would have among those that can speak, once it is installed.

    None where the operator's order has none for it.
    """
    order = settings.voices if is_set_by_operator(settings) else _with(settings, name)
    can_speak = _speaking(settings, order)
    ranked = [each for each in order if each == name or each in can_speak]
    return ranked.index(name) + 1 if name in ranked else None


def speaks_first(settings: Settings, order: Sequence[str]) -> str:
    """The first of `order` that can speak now: before it stand only voices that are not there or are damaged."""
    return next(iter(_speaking(settings, order)), ALWAYS_THERE)


def _speaking(settings: Settings, order: Sequence[str]) -> list[str]:
    there = all_offers(voice_settings(settings))
    return [name for name in order if name in there and there[name].trouble_vi is None]


def _with(settings: Settings, name: str) -> tuple[str, ...]:
    choice = chosen(settings)
    if choice.names is not None and name in choice.names:
        return tuple(dict.fromkeys((*choice.names, ALWAYS_THERE)))
    before = choice.names if choice.names is not None else _order_on_screen(settings)
    others = [each for each in dict.fromkeys((*before, ALWAYS_THERE)) if each != name]
    others.insert(0 if name in RECOMMENDED else 1, name)
    return tuple(others)


def _keep(settings: Settings, choice: Choice) -> None:
    folder = voices_folder(settings)
    with storage_errors(folder):
        write_whole(folder / FILE, json.dumps(asdict(choice), ensure_ascii=False).encode())
