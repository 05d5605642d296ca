"""Mending how a sentence sounds from where it is written: a part of the editor, a page of its own without scripts.

GET and POST /tu-dien/sua-nhanh with `viet`, `ban_tin`, `don_vi`; 201 is the answer to what was saved, all else is the
form again: 422 with mistakes, 200 where it is asked whether others are to sound otherwise too.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from audio.lexicon_changes import Change, Impact
from broadcast.errors import Conflict
from broadcast.lexicon_entry import LexiconEntry
from broadcast.lexicon_writing import in_the_way
from broadcast.rights import Act
from web.bulletins.forms import home_unit
from web.lexicon.changing import carry, impact_of, readable
from web.lexicon.entering import KINDS
from web.lexicon.places import BULLETIN, UNIT, choices
from web.lexicon.typing import Typed, example, likely_kind, parse, said_now, take
from web.shell import lookups
from web.shell.access import db_reading, needs, unit_choices
from web.shell.error_pages import is_fragment
from web.shell.forms import Form


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/tu-dien/sua-nhanh", view_func=mend)
    blueprint.add_url_rule("/tu-dien/sua-nhanh", view_func=mend_submit, methods=["POST"])


@needs(Act.WRITE)
def mend() -> ResponseReturnValue:
    """The form for one word or phrase; it begins with how that is said now."""
    written, code = " ".join(request.args.get("viet", "").split())[:200], request.args.get("ban_tin", "")
    if code:
        lookups.bulletin(db_reading(), code, Act.WRITE)
    given = {
        "viet": written,
        "loai": likely_kind(written).value,
        "pham-vi": BULLETIN if code else UNIT,
        "ban_tin": code,
        "don_vi": request.args.get("don_vi", "") or home_unit().code,
    }
    said = said_now(db_reading(), Form(None, **given)) if written else ""
    return _part(Form(None, doc=said, **given))


@needs(Act.WRITE)
def mend_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = parse(db_reading(), form)
    if typed is None:
        return _part(form)
    there = in_the_way(db_reading(), typed.held())
    if there is not None and form.value("thay") != str(there.id):
        form.fail(
            "viet", f"Ở phạm vi này “{there.written}” đang được đọc là “{there.spoken}”. Bấm Lưu lần nữa để thay."
        )
        return _part(form, replaced=there)
    change = Change(typed.held(there.id if there is not None else 0), there.held if there is not None else None)
    if change.added == change.ended:
        return _done(form, typed, "Cách đọc này đã có từ trước.")
    impact = impact_of(change)
    if _reaches_others(impact, form) and not form.ticked("sure"):
        return _part(form, impact=impact, replaced=there)
    try:
        done = carry(change, "change" if there is not None else "add", partial(typed.written, instead_of=there))
    except Conflict as error:  # somebody was faster
        take(form, error)
        return _part(form)
    return _done(form, typed, done)


def _reaches_others(impact: Impact, form: Form) -> bool:
    """Whether more than the bulletin that is being mended is touched."""
    return bool(impact.uncounted) or any(each.bulletin.code != form.value("ban_tin") for each in impact.touched)


def _done(form: Form, typed: Typed, told: str) -> ResponseReturnValue:
    if is_fragment():
        return jsonify(written=typed.wording.written, spoken=typed.wording.spoken, message=told), 201
    flash(f"Đã lưu cách đọc “{typed.wording.written}”. {told}", "good")
    code = form.value("ban_tin").strip()
    return redirect(url_for("bulletins.edit", code=code) if code else url_for("lexicon.index"))


def _part(form: Form, impact: Impact | None = None, replaced: LexiconEntry | None = None) -> ResponseReturnValue:
    page = render_template(
        "lexicon/_quick.html" if is_fragment() else "lexicon/quick.html",
        form=form,
        impact=impact,
        readable=readable,
        replaced=replaced,
        kinds=KINDS,
        places=choices("Chỉ bản tin này" if form.value("ban_tin") else ""),
        units=unit_choices(Act.WRITE),
        example=example(db_reading(), form),
    )
    return page, form.status
