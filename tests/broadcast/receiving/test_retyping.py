"""However a text was typed, wrapped and spaced, it says the same."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable

import pytest

from broadcast.receiving import receive
from tests.broadcast.receiving.test_specimens import NAMES, SPECIMENS


def wrapped(text: str, width: int) -> str:
    if max(map(len, text.splitlines())) <= 120:
        return text  # wrapped already
    fold = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False).wrap
    return "\n".join("\n".join(fold(line)) for line in text.splitlines())


RETYPINGS: dict[str, Callable[[str], str]] = {
    "decomposed letters": lambda text: unicodedata.normalize("NFD", text),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "wrapped at 90": lambda text: wrapped(text, 90),
    "wrapped at 70": lambda text: wrapped(text, 70),
    "wrapped at 80 without empty lines": lambda text: re.sub(r"\n\s*\n+", "\n", wrapped(text, 80)),
    "without empty lines": lambda text: re.sub(r"\n\s*\n+", "\n", text),
    "in double spacing": lambda text: text.replace("\n", "\n\n"),
    "without bold": lambda text: text.replace("**", ""),
    "other dashes": lambda text: re.sub(r"(?m)^- ", "– ", text),
    "hard blanks": lambda text: text.replace(" ngày ", "\u00a0ngày\u00a0"),
    "indented": lambda text: re.sub(r"(?m)^", "    ", text),
}


@pytest.mark.parametrize("retyping", RETYPINGS)
@pytest.mark.parametrize("name", NAMES)
def test_retyping_changes_nothing_that_is_read(name: str, retyping: str) -> None:
    text = (SPECIMENS / f"{name}.txt").read_text(encoding="utf-8").replace("\r\n", "\n")
    assert receive(RETYPINGS[retyping](text)) == receive(text)
