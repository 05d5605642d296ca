"""The buttons of the preview: each changes what is typed, and saves nothing."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from web.rules.choosing import turns_of
from web.rules.hours import times_in
from web.shell.forms import Form

NAME = "de-nghi"


def take_offer(form: Form) -> Form:
    """The form with the pressed button heeded; one that fits nothing any more changes nothing.

    `gio=05:30>06:15` asks at another time, `sau=25` airs after what is there with so much patience, `truoc=X1,X2` goes
    before others of its class in these units, `luan=BT2` puts a bulletin one turn earlier.
    """
    source = form.source
    kind, _, value = form.value(NAME).partition("=")
    if source is None or kind not in _ACTS:
        return form
    typed: MultiDict[str, str] = MultiDict(source)
    typed.poplist(NAME)
    changed = Form(typed)
    _ACTS[kind](changed, typed, value)
    return changed


def _another_time(form: Form, typed: MultiDict[str, str], value: str) -> None:
    asked, _, instead = value.partition(">")
    walls, fresh = times_in(form.value("times")), times_in(instead)
    if asked in walls and len(fresh) == 1:
        typed["times"] = ", ".join(sorted({*(wall for wall in walls if wall != asked), *fresh}))


def _after(form: Form, typed: MultiDict[str, str], value: str) -> None:
    if value.isascii() and value.isdigit() and len(value) < 4:
        typed["on_collision"], typed["shift_minutes"] = "after", value


def _first(form: Form, typed: MultiDict[str, str], value: str) -> None:
    typed.setlist("first", list(dict.fromkeys([*form.values("first"), *value.split(",")])))


def _earlier_turn(form: Form, typed: MultiDict[str, str], value: str) -> None:
    turns = turns_of(form)
    if value in turns[1:]:
        place = turns.index(value)
        turns[place - 1 : place + 1] = [turns[place], turns[place - 1]]
        typed["turns"] = ",".join(turns)


_ACTS = {"gio": _another_time, "sau": _after, "truoc": _first, "luan": _earlier_turn}
