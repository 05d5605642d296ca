"""The form of a bulletin: what was typed, parsed, and the page that shows it with what will be said beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from broadcast.arrangement import Arrangement
from broadcast.bulletin import Bulletin, BulletinClass
from broadcast.deciding import hindrance_of
from broadcast.errors import BroadcastError
from broadcast.rights import Act
from broadcast.unit import Unit
from web.bulletins.arranging import heard_arrangement, typed_arrangement
from web.bulletins.comparing import Comparison
from web.bulletins.deciders import costs_of_writing, may_discard, sent_back
from web.bulletins.speaking import Shown, show_as_said, units_below, variables_offered
from web.bulletins.spoken import refuse_endless
from web.services import services
from web.shell.access import current_rights, db_reading, in_tree_order, scope, unit_choices
from web.shell.forms import Form

CLASSES = [(kind.value, kind.label) for kind in BulletinClass]
FIELDS = (
    "Thông báo chung", "Y tế", "Dịch vụ công", "An ninh trật tự", "Nông nghiệp", "Phòng chống thiên tai", "Giáo dục",
    "Môi trường", "Điện, nước", "Thuế, phí", "Văn hoá, thể thao", "Chính sách xã hội",
)  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What a form of a bulletin said, parsed."""

    title: str
    script: str
    bulletin_class: str
    field: str
    source: str
    valid_from: date | None
    valid_until: date | None
    answered: tuple[str, ...]
    """Keys of the questions that were ticked to be read as they are."""
    based_on: int | None
    replaces: bool = False
    """Whether `based_on` is what somebody else saved, which the person chose to replace."""
    arrangement: Arrangement | None = None
    """None where the form does not ask for it."""

    @property
    def text(self) -> str:
        """All that is to be read aloud."""
        return f"{self.script}\n{self.arrangement.closing}" if self.arrangement is not None else self.script


def read(form: Form) -> Typed:
    """Parses what was typed; mistakes are told on the form."""
    title = form.text("title", "tiêu đề", longest=300)
    script = form.value("script").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not script:
        form.fail("script", "Hãy viết nội dung bản tin.")
    elif any(ord(sign) < 32 and sign not in "\n\t" for sign in script):
        form.fail("script", "Nội dung có ký tự không đọc được. Hãy dán lại dưới dạng văn bản thuần.")
    try:
        refuse_endless(script)
    except BroadcastError as error:
        form.take(error)
    return replace(read_facts(form, title, script), arrangement=typed_arrangement(form))


def read_facts(form: Form, title: str | None = None, script: str = "") -> Typed:
    """All but the text; a recording has none."""
    title = form.text("title", "tiêu đề", longest=300) if title is None else title
    valid_from = form.day("valid_from", "ngày bắt đầu hiệu lực")
    valid_until = form.day("valid_until", "ngày hết hiệu lực")
    if valid_from and valid_until and valid_until < valid_from:
        form.fail("valid_until", "Ngày hết hiệu lực đứng trước ngày bắt đầu.")
    # Replacing what somebody else saved is asked for by its number: a third who was faster still is a conflict.
    replaced = form.value("replace")
    based_on = replaced or form.value("based_on")
    return Typed(
        title=title,
        script=script,
        bulletin_class=form.choice("class", "loại bản tin", set(BulletinClass)),
        field=form.text("field", "lĩnh vực", longest=100, required=False),
        source=form.text("source", "nguồn tin", longest=1000, required=False),
        valid_from=valid_from,
        valid_until=valid_until,
        answered=tuple(dict.fromkeys(form.values("as_is"))),
        based_on=int(based_on) if based_on.isascii() and based_on.isdigit() and len(based_on) < 7 else None,
        replaces=bool(replaced),
    )


def describe(bulletin: Bulletin, typed: Typed) -> None:
    bulletin.bulletin_class = typed.bulletin_class
    bulletin.field, bulletin.source = typed.field, typed.source
    bulletin.valid_from, bulletin.valid_until = typed.valid_from, typed.valid_until


def writable_units() -> list[tuple[Unit, int]]:
    return in_tree_order(current_rights().units(Act.WRITE))


def home_unit() -> Unit:
    """The unit a new bulletin belongs to unless another is chosen."""
    rights = current_rights()
    writable = rights.units(Act.WRITE)
    here = scope()
    return here if here.id in writable else in_tree_order(writable)[0][0]


def _unit_of_new(form: Form) -> Unit:
    """The one chosen in the form, where one may write there."""
    chosen = form.value("unit")
    return next((unit for unit, _ in writable_units() if unit.code == chosen), None) or home_unit()


def heard_as() -> int | None:
    """The unit as which the editor is asked to read (`noi`)."""
    noi = request.values.get("noi", "")
    return int(noi) if noi.isascii() and noi.isdigit() and len(noi) < 10 else None


def editor(
    form: Form, bulletin: Bulletin | None, *, compared: Comparison | None = None, status: int | None = None
) -> ResponseReturnValue:
    """`compared` is what somebody else saved meanwhile, beside what was typed."""
    session, script = db_reading(), form.value("script").replace("\r\n", "\n")
    unit = bulletin.unit if bulletin is not None else _unit_of_new(form)
    try:
        shown: Shown | None = show_as_said(
            session, script, unit.id, bulletin, heard_as(), heard_arrangement(form, bulletin), form.values("as_is")
        )
    except BroadcastError:
        shown = None
    page = render_template(
        "bulletins/editor.html",
        form=form,
        bulletin=bulletin,
        revision=bulletin.latest if bulletin is not None else None,
        shown=shown,
        variables=variables_offered(unit.id),
        home_name=unit.name,
        units_below=len(units_below(session, unit.id)),
        compared=compared,
        may_discard=bulletin is not None and may_discard(bulletin),
        hindrance=hindrance_of(bulletin.latest) if bulletin is not None else "",
        costs=costs_of_writing(session, unit.id, bulletin),
        sent_back=sent_back(bulletin) if bulletin is not None else None,
        units=unit_choices(Act.WRITE),
        classes=CLASSES,
        fields=FIELDS,
        longest_minutes=services().settings.longest_script_minutes,
    )
    return page, status or form.status
