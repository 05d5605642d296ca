"""What is asked for by its sign: a sheet to fill in (`mẫu 13-HSB`), a clause of a law (`K2 Đ33`)."""

from __future__ import annotations

import re

from audio.reading.document_numbers import PART, number_lead
from audio.reading.letters import say_digits, spell
from audio.reading.model import Piece
from audio.reading.numbers import say_code_number, say_integer
from audio.reading.scan import Scan

_FORM = re.compile(rf"(\d{{1,3}}[a-zA-ZĐ]?)\s?[-/]\s?{PART}(?:\s?[-/.]\s?(?:{PART}|\d{{1,4}})){{0,4}}(?![a-zà-ỹ\d])")
_LETTERED = re.compile(
    r"(?=[A-ZĐ.\-/]{0,8}\d)[A-ZĐ]{1,3}[A-ZĐ0-9]{0,4}[a-z]?(?:[-/.][A-ZĐ0-9]{1,6}[a-z]?){0,4}(?![^\W_])"
)
_SIGN_RUNS = re.compile(r"\d+|[^\W\d_]+")
_FORM_LEAD = re.compile(
    r"\b(?:mẫu|biểu|phụ lục|mẫu đơn|biểu mẫu|mẫu biểu|tờ khai mẫu|đơn mẫu)(?:\s+số)?\s*:?\s*"
    r"(?:\d{1,3}[a-z]?(?:[-/][\w-]{1,12})?\s?(?:,|;|và|hoặc)\s?){0,6}$"
)


def form(scan: Scan, pos: int) -> Piece | None:
    """`mẫu số 01/ĐK`: a sheet to fill in is no document of anybody; its sign is what people ask for, so it is said."""
    found = _FORM.match(scan.text, pos, scan.end)
    if not found or not _FORM_LEAD.search(scan.tail(pos)):
        return None
    number = say_digits(found[1]) if found[1][0] == "0" else say_code_number(re.sub(r"\D", "", found[1]))
    letter = f" {spell(found[1][-1])}" if found[1][-1].isalpha() else ""
    words = f"{number_lead(scan, pos)}{number}{letter}"
    suffix = scan.text[pos + len(found[1]) : found.end()]
    style = scan.settings.document_suffix
    if style == "full" or (style == "issuer" and sum(map(str.isalpha, suffix)) <= LONGEST_SIGN):
        return Piece(f"{words} {_say_sign(suffix)}", pos, found.end())
    piece = Piece(words, pos, found.end())
    return piece if style == "none" else scan.doubted("code", piece)


LONGEST_SIGN = 6
"""The sign of a form is said up to so many letters; a longer one nobody keeps in mind: staff are asked."""


def lettered_form(scan: Scan, pos: int) -> Piece | None:
    """`mẫu TK1-TS`, `mẫu C1-02/NS`: a sign that begins with letters, which are none of the short forms."""
    found = _LETTERED.match(scan.text, pos, scan.end)
    if not found or not _FORM_LEAD.search(scan.tail(pos)):
        return None
    return Piece(_say_sign(found[0]), pos, found.end())


def _say_sign(written: str) -> str:
    return " ".join(
        (say_code_number(run) if len(run) <= 3 else say_digits(run)) if run.isdecimal() else spell(run)
        for run in _SIGN_RUNS.findall(written)
    )


_CLAUSE = re.compile(r"K\.?\s?(\d{1,2})[ ,]{0,2}Đ\.?\s?(\d{1,3})(?![^\W_])")


def clause(scan: Scan, pos: int) -> Piece | None:
    """`K2 Đ33 Luật …`, `điểm a K1, Đ8`: khoản and Điều."""
    found = _CLAUSE.match(scan.text, pos, scan.end)
    if not found:
        return None
    return Piece(f"khoản {say_integer(int(found[1]))} Điều {say_integer(int(found[2]))}", pos, found.end())
