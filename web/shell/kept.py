"""What somebody typed into a form that could not be taken, because the session had ended or belongs to another sign-in.

It travels in the pages themselves, never in the cookie or the database: the answer carries it as a hidden field, the
sign-in hands it on, and a page at the end sends it to where it was going when the person presses the button. Nothing is
sent again by itself, and nothing of another site is ever kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

CARRIER = "kept"
"""The hidden field that holds it."""

# What one decides, one decides on the page that shows what is decided; who signs in may be somebody else.
_NEVER = {
    "bulletins.approve_submit", "bulletins.approve_added_submit", "bulletins.send_back_submit",
    "bulletins.start_submit", "bulletins.stop_submit", "bulletins.withdraw_submit",
    "bulletins.discard_submit",
    # What changes how the texts of others are said, and makes an author of whoever does it.
    "lexicon.create_submit", "lexicon.edit_submit", "lexicon.end_submit", "lexicon.restore_submit",
    "lexicon.mend_submit", "lexicon.render_anew", "lexicon.render_all_anew",
    "units.values_submit", "units.values_below_submit", "units.rename", "units.move",
}  # fmt: skip
_NEVER_OF = {"sessions", "accounts", "voices"}
_SECRET = {"password", "again", "present"}

# Fields that people recognise what they typed by, in this order.
_SHOWN = {
    "title": "Tiêu đề",
    "script": "Nội dung",
    "text": "Nội dung công văn",
    "reason": "Lý do",
    "name": "Tên",
    "times": "Giờ phát",
    "source": "Nguồn tin, căn cứ",
}


@dataclass(frozen=True)
class Kept:
    """`path` is the address of this site that the form was sent to, with its query."""

    path: str
    fields: tuple[tuple[str, str], ...]
    lost_file: bool = False
    """A file cannot be kept: it has to be chosen again."""

    @property
    def carried(self) -> str:
        return json.dumps([self.path, self.fields, self.lost_file], ensure_ascii=False)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Label and text of what is worth showing."""
        typed = dict(self.fields)
        return [(label, typed[name]) for name, label in _SHOWN.items() if typed.get(name, "").strip()]


def posted() -> Kept | None:
    """What this request brought; None where there is nothing typed, or nothing that may be sent again."""
    if request.method != "POST" or not _from_this_site():
        return None
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    return _allowed(Kept(request.full_path.rstrip("?"), fields, any(file.filename for file in request.files.values())))


def carried() -> Kept | None:
    """What a sign-in hands on."""
    try:
        path, fields, lost_file = json.loads(request.form.get(CARRIER, ""))
        kept = Kept(str(path), tuple((str(name), str(value)) for name, value in fields), bool(lost_file))
    except (ValueError, TypeError):
        return None
    return _allowed(kept)


def _allowed(kept: Kept) -> Kept | None:
    if not kept.fields or not kept.path.startswith("/") or kept.path.startswith("//") or "\\" in kept.path:
        return None
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _ = adapter.match(urlsplit(kept.path).path, method="POST") if adapter is not None else ("", {})
    except HTTPException:
        return None
    if not endpoint or endpoint in _NEVER or endpoint.split(".")[0] in _NEVER_OF | {"api"}:
        return None
    if _SECRET & {name for name, _ in kept.fields}:
        return None
    return kept


def _from_this_site() -> bool:
    """Whether the form stood on a page of ours. Without a sign of it, it did not."""
    source = request.headers.get("Origin") or request.referrer or ""
    return urlsplit(source).netloc == request.host
