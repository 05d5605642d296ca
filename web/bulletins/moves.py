"""What becomes of a written bulletin: handed over, taken back, withdrawn, put away; and how its text came to be."""

from __future__ import annotations

from difflib import SequenceMatcher

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcast.airing import Airing
from broadcast.bulletin import State
from broadcast.deciding import put_away, refuse_putting_away, withdraw
from broadcast.replanning import bulletin_changed
from broadcast.rights import Act
from web.bulletins.acting import bulletin_to_change, me, note
from web.bulletins.comparing import changed_words
from web.bulletins.handing_over import hand_over
from web.bulletins.listing import coming
from web.shell import lookups
from web.shell.access import current_person, db_reading, db_writing, needs, now, today


def add_to(blueprint: Blueprint) -> None:
    one = "/ban-tin/<code>"
    blueprint.add_url_rule(f"{one}/gui-duyet", view_func=submit_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/rut-lai", view_func=take_back, methods=["POST"])
    blueprint.add_url_rule(f"{one}/thu-hoi", view_func=withdraw_confirm)
    blueprint.add_url_rule(f"{one}/thu-hoi", view_func=withdraw_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/bo-ban-nhap", view_func=discard_confirm)
    blueprint.add_url_rule(f"{one}/bo-ban-nhap", view_func=discard_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/lich-su", view_func=history)


@needs(Act.WRITE)
def submit_submit(code: str) -> ResponseReturnValue:
    """From the page of the bulletin, where nothing is being typed."""
    hand_over(code)
    flash("Đã gửi duyệt. Người phê duyệt sẽ thấy bản tin trong mục chờ duyệt.", "good")
    return redirect(url_for("bulletins.show", code=code))


@needs(Act.WRITE)
def take_back(code: str) -> ResponseReturnValue:
    """Before anybody decided: back to the desk."""
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        bulletin.latest.move(State.DRAFT)
        bulletin.latest.submitted_at = bulletin.latest.submitted_by_id = None
        note(session, bulletin, "take_back", revision=bulletin.latest.number)
    flash("Đã rút lại. Bản tin trở về bản nháp.", "good")
    return redirect(url_for("bulletins.edit", code=code))


@needs(Act.DECIDE)
def withdraw_confirm(code: str) -> ResponseReturnValue:
    session = db_reading()
    bulletin = lookups.bulletin(session, code, Act.DECIDE)
    if bulletin.withdrawn_at is not None:
        return redirect(url_for("bulletins.show", code=code))
    number = coming(session, Airing.bulletin_id == bulletin.id, now=now())
    return render_template(
        "confirm.html",
        title=f"Thu hồi bản tin “{bulletin.title}”?",
        sentences=[
            f"{number} lượt phát sắp tới sẽ bị huỷ." if number else "Bản tin này không còn lượt phát nào sắp tới.",
            "Trạm đang phát bản tin sẽ dừng lại khi nhận được chương trình mới.",
            "Bản tin đã thu hồi không mở lại được; muốn dùng lại nội dung thì soạn bản tin mới từ bản này.",
        ],
        action=url_for("bulletins.withdraw_submit", code=code),
        button="Thu hồi bản tin",
        back=url_for("bulletins.show", code=code),
        reason_label="Lý do thu hồi",
    )


@needs(Act.DECIDE)
def withdraw_submit(code: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:1000]
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.DECIDE)
        number = coming(session, Airing.bulletin_id == bulletin.id, now=now())
        withdraw(session, bulletin, me(session), now(), reason)
        bulletin_changed(session, bulletin.id, today())
        note(session, bulletin, "withdraw", reason=reason, airings=number)
    told = f"Đã thu hồi bản tin; {number} lượt phát sắp tới sẽ bị huỷ." if number else "Đã thu hồi bản tin."
    flash(told, "good")
    return redirect(url_for("bulletins.show", code=code))


@needs(Act.WRITE)
def discard_confirm(code: str) -> ResponseReturnValue:
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    refuse_putting_away(bulletin, current_person())
    return render_template(
        "confirm.html",
        title=f"Bỏ bản nháp “{bulletin.title}”?",
        sentences=[
            "Bản tin này chưa từng gửi duyệt, chưa phát ở đâu. Bỏ rồi thì không sửa và không gửi duyệt được nữa.",
            "Lời đã soạn và lịch sử vẫn xem được ở mục “đã thu hồi”, ghi là “đã bỏ”.",
            "Muốn dùng lại thì soạn bản mới từ bản này.",
        ],
        action=url_for("bulletins.discard_submit", code=code),
        button="Bỏ bản nháp",
        back=url_for("bulletins.show", code=code),
    )


@needs(Act.WRITE)
def discard_submit(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        put_away(session, bulletin, me(session), now())
        bulletin_changed(session, bulletin.id, today())
        note(session, bulletin, "discard", revision=bulletin.latest.number)
    flash(f"Đã bỏ bản nháp “{bulletin.title}”.", "good")
    return redirect(url_for("bulletins.index"))


@needs(Act.READ)
def history(code: str) -> ResponseReturnValue:
    bulletin = lookups.bulletin(db_reading(), code)
    steps = []
    for before, revision in zip([None, *bulletin.revisions], bulletin.revisions, strict=False):
        steps.append((revision, changes(before.script if before else "", revision.script)))
    return render_template("bulletins/history.html", bulletin=bulletin, steps=steps[::-1])


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What was kept, taken out (`del`) and put in (`ins`): by lines first, within changed lines word by word."""
    if not before:
        return [("", after)]
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal":
            parts.append(("", come))
        elif kind == "replace":
            parts += changed_words(gone, come)
        else:
            parts.append(("del", gone) if kind == "delete" else ("ins", come))
    return parts
