"""Giọng đọc: the voices with honest words, their order, a click that installs one, a sentence to hear of each.

Voices serve every unit of this server, so only whoever administers a unit at the top of the tree may change them.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from audio.voices.base import Offer
from audio.voices.neural import files
from audio.voices.neural.installing import cancel, state_of
from audio.voices.order import Choice, chosen, is_set_by_operator, place_of_new, voice_order, voices_folder
from audio.voices.piper import label_of
from audio.voices.registry import ALWAYS_THERE
from broadcast.errors import Conflict, Invalid, NotFound
from broadcast.rights import Act
from web.services import services
from web.shell.access import actor, db_reading, let_go, needs, now, reaches_top
from web.shell.forms import Form
from web.voices import ordering
from web.voices.again import number_waiting
from web.voices.arriving import WITHOUT_NETWORK
from web.voices.background import begin
from web.voices.ordering import offers, require_top
from web.voices.samples import sample

blueprint = Blueprint("voices", __name__)

RECOMMENDED = files.RECOMMENDED[0]
ordering.add_to(blueprint)


@dataclass(frozen=True)
class Arriving:
    """What will be once a voice is installed: its place among those that speak, how many bulletins it makes anew."""

    place: int | None
    waiting: int


@dataclass(frozen=True)
class Listed:
    """A voice as the page shows it. `place` in the order counts from 1; None where it is not used."""

    offer: Offer
    place: int | None
    speaks: int | None
    """Its place among those of the order that can speak."""
    can_be_heard: bool
    has_files: bool
    again: Arriving | None
    """Where it is damaged and can be fetched once more."""


@blueprint.get("/giong-doc")
@needs(Act.ADMINISTER)
def index() -> ResponseReturnValue:
    return render_template("voices/index.html", **_shown())


@blueprint.get("/giong-doc/tinh-hinh")
@needs(Act.ADMINISTER)
def part() -> ResponseReturnValue:
    """The part of the page that changes while a voice is being installed."""
    return render_template("voices/_voices.html", **_shown())


@blueprint.post("/giong-doc/cai")
@needs(Act.ADMINISTER)
def install_submit() -> ResponseReturnValue:
    """A second click, or another administrator's, finds the first one at work and starts nothing."""
    require_top()
    name = Form(request.form).value("name") or RECOMMENDED
    if name != RECOMMENDED and name not in _to_fetch_again():
        raise Invalid("Chỉ cài lại được giọng của bộ sưu tập đã có trên máy chủ này mà tệp bị hỏng.")
    begin(services(), name, actor())
    return redirect(url_for("voices.index"))


@blueprint.post("/giong-doc/dung-cai")
@needs(Act.ADMINISTER)
def cancel_submit() -> ResponseReturnValue:
    require_top()
    folder = voices_folder(services().settings)
    state = state_of(folder)
    if state is None or not state.is_running:
        raise Conflict("Không có giọng nào đang được cài.")
    cancel(folder)
    flash("Đang dừng. Phần đã tải được giữ lại cho lần sau.", "plain")
    return redirect(url_for("voices.index"))


@blueprint.get("/giong-doc/<name>/nghe-thu.wav")
@needs(Act.ADMINISTER)
def hear(name: str) -> Response:
    """The test sentence. An online voice is heard only after somebody agreed to send texts abroad."""
    settings = services().settings
    offer = offers().get(name)
    if offer is None:
        raise NotFound("Máy chủ này không có giọng đọc ấy.")
    if offer.trouble_vi is not None:
        raise Conflict(f"{offer.label_vi} đang không dùng được: {offer.trouble_vi}")
    if not _can_be_heard(offer, chosen(settings)):
        raise Invalid("Giọng này gửi lời ra nước ngoài: chỉ nghe thử được sau khi đã xác nhận.")
    let_go()
    sound = sample(settings, name)
    etag = hashlib.sha256(sound).hexdigest()
    answer = send_file(io.BytesIO(sound), mimetype="audio/wav", conditional=True, etag=etag, max_age=0)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _shown() -> dict[str, Any]:
    settings = services().settings
    order, there, choice = voice_order(settings), offers(), chosen(settings)
    names = [*order, *(name for name in there if name not in order)]
    speaking = [name for name in order if name in there and there[name].trouble_vi is None]
    reads_now = speaking[0] if speaking else ALWAYS_THERE
    again = {name: _arriving(name) for name in _to_fetch_again()}
    state = state_of(voices_folder(settings))
    removable = {file.name for file in files.voice_files(voices_folder(settings))}
    listed = [
        Listed(
            there[name],
            order.index(name) + 1 if name in order else None,
            speaking.index(name) + 1 if name in speaking else None,
            _can_be_heard(there[name], choice),
            name in removable,
            again.get(name),
        )
        for name in names
        if name in there and (name in order or not there[name].for_tests)
    ]
    return {
        "listed": listed,
        "absent": [label_of(name) for name in order if name not in there],
        "installing": state,
        "is_still_wanted": state is not None and not _is_whole(there.get(state.name)),
        "recommended": None if RECOMMENDED in again or _is_whole(there.get(RECOMMENDED)) else RECOMMENDED,
        "arriving": _arriving(RECOMMENDED),
        "reads_now": there[reads_now].label_vi,
        "reads_at": order.index(reads_now) + 1 if reads_now in order else len(order) + 1,
        "without_network": WITHOUT_NETWORK,
        "used": sum(each.place is not None for each in listed),
        "label_of": label_of,
        "fixed": is_set_by_operator(settings),
        "may_change": reaches_top(Act.ADMINISTER),
        "choice": choice,
        "always": ALWAYS_THERE,
    }


def _is_whole(offer: Offer | None) -> bool:
    return offer is not None and offer.trouble_vi is None


def _to_fetch_again() -> list[str]:
    """Voices of a collection whose files are damaged."""
    return [
        file.name
        for file in files.voice_files(voices_folder(services().settings))
        if file.trouble_vi is not None and file.about is not None and file.about.source != files.OF_A_FILE
    ]


def _arriving(name: str) -> Arriving:
    place = place_of_new(services().settings, name)
    return Arriving(place, number_waiting(db_reading(), now(), name) if place == 1 else 0)


def _can_be_heard(offer: Offer, choice: Choice) -> bool:
    return offer.trouble_vi is None and (
        not offer.leaves_country or choice.abroad_by is not None or offer.name in voice_order(services().settings)
    )
