"""Which voice speaks first: moved by buttons, asked about where waiting bulletins are made anew; files that go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from audio.voices.base import Offer
from audio.voices.neural.files import remove_voice, voice_files
from audio.voices.neural.installing import claimed
from audio.voices.order import (
    choose,
    chosen,
    is_set_by_operator,
    speaks_first,
    voice_order,
    voice_settings,
    voices_folder,
)
from audio.voices.piper import label_of
from audio.voices.registry import ALWAYS_THERE, all_offers
from broadcast.audit_event import record
from broadcast.errors import Conflict, Forbidden, Invalid
from broadcast.rights import Act
from web.services import services
from web.shell.access import actor, db_reading, db_writing, needs, now, reaches_top
from web.shell.forms import Form
from web.voices.again import number_waiting, render_waiting_again

_MOVES = ("first", "up", "down", "last", "out")
_MOVES_OF_DAMAGED = ("down", "out")


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/giong-doc/thu-tu", view_func=order_submit, methods=["POST"])
    blueprint.add_url_rule("/giong-doc/ra-nuoc-ngoai", view_func=consent)
    blueprint.add_url_rule("/giong-doc/ra-nuoc-ngoai", view_func=consent_submit, methods=["POST"])
    blueprint.add_url_rule("/giong-doc/<name>/xoa-tep", view_func=remove)
    blueprint.add_url_rule("/giong-doc/<name>/xoa-tep", view_func=remove_submit, methods=["POST"])


@needs(Act.ADMINISTER)
def order_submit() -> ResponseReturnValue:
    """Moves one voice; asks first (`sure`) where that makes waiting bulletins anew."""
    require_top()
    form = Form(request.form)
    name, move = form.value("name"), form.value("move")
    if name not in offers() or move not in _MOVES:
        raise Invalid("Hãy chọn một giọng và việc cần làm với giọng ấy.")
    if move == "out" and name == ALWAYS_THERE:
        raise Invalid("Giọng ngoại tuyến luôn có trong thứ tự, để không bản tin nào thiếu giọng đọc.")
    before = voice_order(services().settings)
    if offers()[name].leaves_country and name not in before and chosen(services().settings).abroad_by is None:
        raise Invalid("Giọng này gửi lời bản tin ra nước ngoài: cần người quản trị xác nhận trước.")
    if offers()[name].trouble_vi is not None and move not in _MOVES_OF_DAMAGED:
        raise Conflict(f"{_labels([name])[0]} đang không dùng được: {offers()[name].trouble_vi}")
    names = _moved(before, name, move)
    _refuse_fixed()
    first = _speaks_anew(before, names)
    again = number_waiting(db_reading(), now(), first) if first is not None else 0
    if first is not None and again and not form.ticked("sure"):
        return _asked(first, again, name, move)
    _choose(names)
    return redirect(url_for("voices.index"))


def _moved(order: Sequence[str], name: str, move: str) -> list[str]:
    at = order.index(name) if name in order else len(order)
    rest = [each for each in order if each != name]
    if move != "out":
        place = {"first": 0, "up": max(0, at - 1), "down": at + 1, "last": len(rest)}[move]
        rest.insert(place, name)
    return rest


def _speaks_anew(before: Sequence[str], after: Sequence[str]) -> str | None:
    """Who speaks first once the order is `after`; None where the same voice did before. A damaged one never does."""
    first = speaks_first(services().settings, after)
    return first if first != speaks_first(services().settings, before) else None


def _asked(first: str, again: int, name: str, move: str) -> ResponseReturnValue:
    label = _labels([first])[0]
    return render_template(
        "confirm.html",
        title=f"Cho {label} đọc trước tiên?",
        sentences=[
            f"{again} bản tin chưa duyệt sẽ được dựng lại bằng giọng này; người duyệt nghe âm thanh mới.",
            "Bản tin đã duyệt giữ nguyên âm thanh đã duyệt.",
        ],
        action=url_for("voices.order_submit"),
        fields={"name": name, "move": move, "sure": "1"},
        button="Đổi thứ tự và dựng lại",
        danger=False,
        back=url_for("voices.index"),
    )


@needs(Act.ADMINISTER)
def consent() -> ResponseReturnValue:
    require_top()
    return _consent_page(Form())


@needs(Act.ADMINISTER)
def consent_submit() -> ResponseReturnValue:
    """An online voice is taken only by somebody who said, by a tick of their own, that they know what it means."""
    require_top()
    form = Form(request.form)
    if not form.ticked("known"):
        form.fail("known", "Hãy đánh dấu để xác nhận, hoặc quay lại nếu không đồng ý.")
        return _consent_page(form)
    _choose(_with_online(), abroad=True)
    return redirect(url_for("voices.index"))


def _consent_page(form: Form) -> ResponseReturnValue:
    names, before = _with_online(), voice_order(services().settings)
    first = _speaks_anew(before, names)
    again = number_waiting(db_reading(), now(), first) if first is not None else 0
    return render_template("voices/consent.html", form=form, again=again), form.status


def _with_online() -> list[str]:
    """The order with the online voices before the one that always works, where that is the last."""
    online = [name for name, offer in offers().items() if offer.leaves_country]
    order = [name for name in voice_order(services().settings) if name not in online]
    return [*order[:-1], *online, *order[-1:]] if order[-1] == ALWAYS_THERE else [*order, *online]


# ---- files that go


@needs(Act.ADMINISTER)
def remove(name: str) -> ResponseReturnValue:
    require_top()
    _refuse_to_remove(name)
    is_used = name in voice_order(services().settings)
    return render_template(
        "confirm.html",
        title=f"Gỡ {label_of(name)}?" if is_used else f"Xoá tệp của {label_of(name)}?",
        sentences=[
            "Tệp giọng bị xoá khỏi máy chủ; muốn dùng lại thì phải cài hoặc chép sang lần nữa.",
            *([_without(name)] if is_used else []),
            "Âm thanh đã dựng bằng giọng này vẫn còn nguyên.",
        ],
        action=url_for("voices.remove_submit", name=name),
        button="Gỡ giọng này" if is_used else "Xoá tệp giọng",
        back=url_for("voices.index"),
    )


def _without(name: str) -> str:
    """What becomes of the order without a damaged voice."""
    settings = services().settings
    (first,) = _labels([speaks_first(settings, voice_order(settings))])
    return f"Giọng này ra khỏi thứ tự đọc. {first} vẫn đọc trước tiên như bây giờ; không bản tin nào dựng lại."


@needs(Act.ADMINISTER)
def remove_submit(name: str) -> ResponseReturnValue:
    require_top()
    folder = voices_folder(services().settings)
    _refuse_to_remove(name)
    with claimed(folder):
        _refuse_to_remove(name)
        order = voice_order(services().settings)
        with db_writing() as session:
            record(session, actor(), "remove_voice", "voice", name, label_of(name), now=now())
            if name in order:
                _note_order(session, choose(services().settings, [each for each in order if each != name]), order)
            remove_voice(folder, name)
    flash(f"Đã xoá tệp của {label_of(name)}.", "good")
    return redirect(url_for("voices.index"))


def _refuse_to_remove(name: str) -> None:
    """A voice that may speak is taken out of the order first, knowingly; a damaged one goes out with its files."""
    files = {file.name: file for file in voice_files(voices_folder(services().settings))}
    if name not in files:
        raise Invalid("Máy chủ này không có tệp giọng ấy.")
    if name in voice_order(services().settings):
        _refuse_fixed()
        if files[name].trouble_vi is None:
            raise Conflict(f"{label_of(name)} đang có trong thứ tự đọc. Hãy chọn “Không dùng nữa” trước khi xoá tệp.")


# ---- what both do


def _refuse_fixed() -> None:
    if is_set_by_operator(services().settings):
        raise Conflict("Thứ tự giọng đọc được đặt trong cài đặt của máy chủ; muốn đổi thì sửa ở đó.")


def _choose(names: list[str], *, abroad: bool = False) -> None:
    """Keeps the order, writes the trail, and renders what waits again where another voice speaks first now."""
    _refuse_fixed()
    settings = services().settings
    before = voice_order(settings)
    with db_writing() as session:
        by = actor()
        # Before the commit: what is ordered here is made by the order that holds when its turn comes.
        order = choose(
            settings, names, abroad_by=by.name if abroad else None, abroad_at=now().isoformat() if abroad else None
        )
        if abroad:
            _trail(session, "accept_abroad", {})
        if order != before:
            _note_order(session, order, before)
        # A voice that was damaged spoke no more before it was moved: what it said while it could is left as it is.
        first = _speaks_anew(before, order)
        again = render_waiting_again(session, now(), first=first, by=by) if first is not None else 0
    told = f" {again} bản tin chưa duyệt đang được dựng lại." if again else ""
    flash(f"Đã lưu thứ tự giọng đọc.{told}", "good")


def _note_order(session: Session, order: Sequence[str], before: Sequence[str]) -> None:
    _trail(session, "order_voices", {"order": _labels(order), "before": {"order": _labels(before)}})


def _trail(session: Session, act: str, detail: dict[str, Any]) -> None:
    record(session, actor(), act, "voice", "order", "giọng trực tuyến", now=now(), detail=detail)


def offers() -> dict[str, Offer]:
    """Every voice on this server by its name."""
    return all_offers(voice_settings(services().settings))


def _labels(names: Sequence[str]) -> list[str]:
    there = offers()
    return [there[name].label_vi if name in there else label_of(name) for name in names]


def require_top() -> None:
    """Raises Forbidden for everybody else."""
    if not reaches_top(Act.ADMINISTER):
        raise Forbidden("Giọng đọc dùng chung cho cả máy chủ: chỉ người quản trị ở đơn vị cao nhất được đổi.")
