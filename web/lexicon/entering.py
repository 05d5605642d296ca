"""Adding, changing, ending an entry and bringing one back: what it touches is shown before it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from audio.lexicon_changes import Change
from broadcast.errors import Conflict
from broadcast.lexicon_entry import Held, Kind, LexiconEntry
from broadcast.lexicon_writing import bring_back, end_entry
from broadcast.rights import Act
from web import limiter
from web.bulletins.acting import me
from web.bulletins.forms import home_unit
from web.lexicon.changing import carry, impact_of, readable
from web.lexicon.listing import is_built_in
from web.lexicon.places import UNIT, choices, entry_of, fields_of, in_words
from web.lexicon.typing import example, likely_kind, read, said_now, take
from web.shell.access import db_reading, needs, now, per_person, unit_choices
from web.shell.forms import Form

KINDS = [(kind.value, kind.label[:1].upper() + kind.label[1:]) for kind in Kind]
NAMES = ("viet", "doc", "loai", "pham-vi", "don_vi", "ban_tin")


def add_to(blueprint: Blueprint) -> None:
    one = "/tu-dien/<int:number>"
    blueprint.add_url_rule("/tu-dien/them", view_func=create)
    blueprint.add_url_rule("/tu-dien/them", view_func=create_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/sua", view_func=edit)
    blueprint.add_url_rule(f"{one}/sua", view_func=edit_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/thoi", view_func=end)
    blueprint.add_url_rule(f"{one}/thoi", view_func=end_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/dung-lai", view_func=restore)
    blueprint.add_url_rule(f"{one}/dung-lai", view_func=restore_submit, methods=["POST"])
    blueprint.add_url_rule("/tu-dien/doc-thu", view_func=try_out, methods=["POST"])


# ---- the form


@needs(Act.WRITE)
def create() -> ResponseReturnValue:
    """Empty, or with what a link gives: a written form (`viet`), a reading (`doc`), a place."""
    given = {name: request.args.get(name, "")[:400] for name in NAMES}
    given["pham-vi"] = given["pham-vi"] or ("ban-tin" if given["ban_tin"] else UNIT)
    given["don_vi"] = given["don_vi"] or home_unit().code
    given["loai"] = given["loai"] or likely_kind(given["viet"]).value
    return _form(Form(None, **given))


@needs(Act.WRITE)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = read(db_reading(), form)
    if typed is None or form.value("act") == "back":
        return _form(form)
    wording = typed.wording
    if is_built_in(wording.written, wording.spoken) and _same(said_now(db_reading(), form), wording.spoken):
        form.fail("doc", f"“{wording.written}” đã được đọc như vậy sẵn, không cần thêm.")
        return _form(form)
    change = Change(added=typed.held())
    if (asked := _asked_first(form, change)) is not None:
        return asked
    return _saved(form, change, "add", typed.written, f"Đã thêm “{wording.written}”.")


@needs(Act.WRITE)
def edit(number: int) -> ResponseReturnValue:
    entry = entry_of(db_reading(), number, to_change=True)
    if entry.ended_at is not None:
        flash(f"Mục “{entry.written}” không còn được dùng nên không sửa được nữa.", "warn")
        return redirect(url_for("lexicon.index", muc="da-thoi", tim=entry.written))
    return _form(Form(None, viet=entry.written, doc=entry.spoken, loai=entry.kind, **fields_of(entry)), entry)


@needs(Act.WRITE)
def edit_submit(number: int) -> ResponseReturnValue:
    form = Form(request.form)
    entry = entry_of(db_reading(), number, to_change=True)
    typed = read(db_reading(), form, entry)
    if typed is None or form.value("act") == "back":
        return _form(form, entry)
    change = Change(added=typed.held(entry.id), ended=entry.held)
    if change.added == change.ended and entry.ended_at is None:
        flash("Không có gì thay đổi.", "plain")
        return redirect(url_for("lexicon.index"))
    if (asked := _asked_first(form, change, entry)) is not None:
        return asked
    write = partial(typed.written, instead_of=entry)
    return _saved(form, change, "change", write, f"Đã lưu “{typed.wording.written}”.", entry)


def _same(one: str, other: str) -> bool:
    return one.casefold().strip(" .?!") == other.casefold().strip(" .?!")


def _asked_first(form: Form, change: Change, entry: LexiconEntry | None = None) -> ResponseReturnValue | None:
    """The page that shows what the change does, where it does something and nobody has seen that yet."""
    if form.ticked("sure"):
        return None
    impact = impact_of(change)
    if not impact.touched and not impact.uncounted:
        return None
    return render_template(
        "lexicon/confirm.html",
        title=f"Đổi cách đọc “{form.value('viet').strip()}”?"
        if entry
        else f"Thêm cách đọc “{form.value('viet').strip()}”?",
        change=change,
        impact=impact,
        readable=readable,
        action=request.path,
        fields={name: form.value(name) for name in (*NAMES, "cau")},
        button="Lưu và áp dụng",
        can_go_back=True,
        back=url_for("lexicon.index"),
    )


def _saved(
    form: Form,
    change: Change,
    act: str,
    write: Callable[[Session], LexiconEntry],
    sentence: str,
    entry: LexiconEntry | None = None,
) -> ResponseReturnValue:
    try:
        done = carry(change, act, write)
    except Conflict as error:  # somebody was faster: what was typed stays, what they did is told
        take(form, error)
        return _form(form, entry, status=409)
    flash(f"{sentence} {done}", "good")
    return redirect(url_for("lexicon.index"))


def _form(form: Form, entry: LexiconEntry | None = None, status: int | None = None) -> ResponseReturnValue:
    page = render_template(
        "lexicon/form.html",
        form=form,
        entry=entry,
        kinds=KINDS,
        places=choices(),
        units=unit_choices(Act.WRITE),
        example=example(db_reading(), form),
    )
    return page, status or form.status


@limiter.limit("300 per minute", key_func=per_person)
@needs(Act.WRITE)
def try_out() -> ResponseReturnValue:
    """A part of the form: how a sentence with the written form is said now, and how it would be."""
    form = Form(request.form)
    return render_template("lexicon/_example.html", example=example(db_reading(), form))


# ---- ending, and back again


@needs(Act.WRITE)
def end(number: int) -> ResponseReturnValue:
    entry = entry_of(db_reading(), number, to_change=True)
    change = Change(ended=entry.held)
    return _sure(
        f"Thôi dùng cách đọc “{entry.written}”?",
        f"“{entry.written}” ({in_words(entry.unit, entry.bulletin)}) sẽ không còn được đọc là “{entry.spoken}”. "
        "Mục này vẫn nằm trong phần đã thôi dùng và dùng lại được.",
        change,
        "Thôi dùng",
    )


@needs(Act.WRITE)
def end_submit(number: int) -> ResponseReturnValue:
    entry = entry_of(db_reading(), number, to_change=True)

    def write(session: Session) -> LexiconEntry:
        found = entry_of(session, number, to_change=True)
        end_entry(session, found, me(session), now())
        return found

    done = carry(Change(ended=entry.held), "end", write)
    flash(f"Đã thôi dùng “{entry.written}”. {done}", "good")
    return redirect(url_for("lexicon.index"))


@needs(Act.WRITE)
def restore(number: int) -> ResponseReturnValue:
    entry = entry_of(db_reading(), number, to_change=True)
    return _sure(
        f"Dùng lại cách đọc “{entry.written}”?",
        f"“{entry.written}” ({in_words(entry.unit, entry.bulletin)}) sẽ lại được đọc là “{entry.spoken}”.",
        Change(added=_anew(entry)),
        "Dùng lại",
    )


@needs(Act.WRITE)
def restore_submit(number: int) -> ResponseReturnValue:
    entry = entry_of(db_reading(), number, to_change=True)

    def write(session: Session) -> LexiconEntry:
        return bring_back(session, entry_of(session, number, to_change=True), me(session), now())

    done = carry(Change(added=_anew(entry)), "bring_back", write)
    flash(f"Đã dùng lại “{entry.written}”. {done}", "good")
    return redirect(url_for("lexicon.index"))


def _anew(entry: LexiconEntry) -> Held:
    held = entry.held
    return Held(0, held.written, held.spoken, held.kind, held.place)


def _sure(title: str, sentence: str, change: Change, button: str) -> ResponseReturnValue:
    return render_template(
        "lexicon/confirm.html",
        title=title,
        sentence=sentence,
        change=change,
        impact=impact_of(change),
        readable=readable,
        action=request.path,
        fields={},
        button=button,
        back=url_for("lexicon.index"),
    )
