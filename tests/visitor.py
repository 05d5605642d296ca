"""A person at a browser without scripts: pages over real HTTP, forms filled in as they are on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class FormOnPage:
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    """What would be sent if the form were sent as it is (buttons apart)."""
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects forms; a control with `form=ID` belongs to that form, wherever it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self._open: FormOnPage | None = None
        self._textarea: str | None = None
        self._text: list[str] = []
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag == "form":
            self._open = FormOnPage(told.get("action", ""), told.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input" and name:
            kind = told.get("type", "text")
            if kind not in {"submit", "file"} and (kind not in {"checkbox", "radio"} or "checked" in told):
                self._open.fields.append((name, told.get("value", "")))
        elif tag == "button":
            self._open.buttons.append((name, told.get("value", "")))
        elif tag == "textarea":
            self._textarea, self._text = name, []
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option":
            self._options.append((told.get("value", ""), "selected" in told))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._textarea is not None:
            if self._open is not None:
                self._open.fields.append((self._textarea, "".join(self._text).removeprefix("\n")))
            self._textarea = None
        elif tag == "select" and self._select is not None:
            if self._open is not None and self._options:
                chosen = next((value for value, is_chosen in self._options if is_chosen), self._options[0][0])
                self._open.fields.append((self._select, chosen))
            self._select = None


class Visitor:
    """Close it, or use it in a `with` block."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False
        self.page = requests.Response()

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def text(self) -> str:
        """Of the page one is on."""
        return self.page.text

    @property
    def path(self) -> str:
        """Of the page one is on."""
        return urlsplit(self.page.url).path

    def open(self, path: str) -> str:
        """Goes to a page that must be there; its text."""
        self.page = self.http.get(urljoin(self.url, path), timeout=60)
        assert self.page.status_code == 200, f"{path}: {self.page.status_code}\n{self.page.text[:2000]}"
        return self.page.text

    def get(self, path: str) -> requests.Response:
        """Something beside the page: a sound, a file, what is refused."""
        return self.http.get(urljoin(self.url, path), timeout=60)

    def form(self, action: str) -> FormOnPage:
        """The form of the page whose address ends so; an empty address is the page's own."""
        reader = _Reader()
        reader.feed(self.text)
        found = [form for form in reader.forms if (form.action or self.path).endswith(action)]
        assert len(found) == 1, f"{len(found)} forms lead to {action!r}: {[form.action for form in reader.forms]}"
        return found[0]

    def send(
        self,
        action: str,
        file: tuple[str, str, bytes] | None = None,
        status: int = 200,
        **filled: str | list[str],
    ) -> str:
        """Fills in and sends that form; `file` is (field, name, content). The text of the page it leads to."""
        form = self.form(action)
        data = [(name, value) for name, value in form.fields if name not in filled]
        for name, value in filled.items():
            data += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        self.page = self.http.request(
            form.method,
            urljoin(self.page.url, form.action),
            data=data,
            files={file[0]: (file[1], file[2], "text/plain")} if file else None,
            timeout=60,
        )
        assert self.page.status_code == status, f"{action}: {self.page.status_code}\n{self.page.text[:3000]}"
        return self.text

    def sign_in(self, login: str, password: str) -> Visitor:
        self.open("/dang-nhap")
        self.send("/dang-nhap", login=login, password=password)
        assert self.path != "/dang-nhap"
        return self
