"""However a text was typed, wrapped and spaced, it says the same."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable

import pytest

from broadcast.receiving import DispatchText, receive
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


# Wrapped and without empty lines, nothing on paper tells their closing words from the last item: they stay with it.
RUN_ON = {"28-mot-la-hai-la", "29-nhieu-dau-cach-hai-han", "30-doan-the-trong-ngoac-kep", "31-mat-tran-so-gach"}


def without_task_texts(read: DispatchText) -> DispatchText:
    return read.model_copy(update={"tasks": tuple(task.model_copy(update={"text": ""}) for task in read.tasks)})


@pytest.mark.parametrize("retyping", RETYPINGS)
@pytest.mark.parametrize("name", NAMES)
def test_retyping_changes_nothing_that_is_read(name: str, retyping: str) -> None:
    text = (SPECIMENS / f"{name}.txt").read_text(encoding="utf-8").replace("\r\n", "\n")
    read, retyped = receive(text), receive(RETYPINGS[retyping](text))
    if name in RUN_ON and retyping == "wrapped at 80 without empty lines":
        assert retyped.tasks[-1].text.startswith(read.tasks[-1].text)
        read, retyped = without_task_texts(read), without_task_texts(retyped)
    assert retyped == read
