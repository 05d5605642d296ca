"""Every rule of the reader in its order. What begins at a place is said by the first rule that knows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from audio.reading import (
    abbreviations,
    addresses,
    codes,
    compounds,
    dates,
    days,
    definitions,
    document_numbers,
    emergency,
    foreign,
    forms,
    houses,
    marks,
    measures,
    months,
    networks,
    numerals,
    people,
    phones,
    quantities,
    ranges,
    roads,
    shares,
    times,
    units,
    weather,
    weekdays,
)
from audio.reading.guard import note_failure, sentence_at
from audio.reading.model import Piece
from audio.reading.scan import Scan

Rule = Callable[[Scan, int], Piece | None]
NUMBER_RULES: tuple[Rule, ...] = (
    addresses.mail_address,
    addresses.web_address,
    abbreviations.entry_with_number,
    codes.file_number,
    phones.masked,
    emergency.emergency_number,
    phones.phone,
    codes.plate,
    houses.house,
    houses.nested_place,
    forms.form,
    document_numbers.document_number,
    weather.place,
    times.clock,
    months.months_of_year,
    weekdays.weekday,
    days.listed_days,
    days.date_span,
    dates.full_date,
    months.year_span,
    months.month_year,
    dates.day_month,
    days.day_number,
    months.month_number,
    measures.dimensions,
    measures.split_measure,
    ranges.number_list,
    ranges.dashed_numbers,
    ranges.worded_range,
    ranges.range_below,
    ranges.padded_range,
    ranges.number_range,
    shares.power,
    shares.share,
    shares.ratio,
    measures.spoken_money,
    networks.feeder,
    codes.code_with_digits_first,
    quantities.quantity,
)
"""What may begin with a digit, the narrow before the wide."""
LETTER_RULES: tuple[Rule, ...] = (
    addresses.web_address,
    addresses.mail_address,
    units.unit_word,
    document_numbers.standard,
    forms.lettered_form,
    document_numbers.glued_kind,
    codes.file_number,
    networks.diameter,
    weather.wind,
    codes.serial,
    numerals.term,
    people.initials,
    houses.numbered_place,
    codes.school_grades,
    codes.blood_group,
    codes.traffic_sign,
    forms.clause,
    months.short_quarter,
    months.school_year,
    foreign.glued_word,
    people.short_title,
    houses.room,
    houses.short_number,
    codes.announced_letters,
    abbreviations.lexicon_compound,
    roads.road,
    roads.kilometre_mark,
    measures.times_sign,
    codes.larval_age,
    months.short_month,
    weekdays.short_weekday,
    weekdays.sunday,
    numerals.roman,
    abbreviations.lexicon_entry,
    houses.place_prefix,
    compounds.compound,
    codes.code,
    abbreviations.capitals,
    foreign.foreign_word,
)
"""What may begin with a letter. The last takes any run of letters, so a letter is never left over."""


_BEGIN_WITH: dict[Rule, str] = {
    document_numbers.standard: "IQT",
    document_numbers.glued_kind: "BCGHKNPQTĐ",
    networks.diameter: "DΦφØø",
    weather.wind: "Cc",
    numerals.term: "K",
    houses.numbered_place: "KPQ",
    codes.school_grades: "K",
    codes.blood_group: "ABOR",
    codes.traffic_sign: "IPRSW",
    forms.clause: "K",
    months.short_quarter: "Q",
    months.school_year: "N",
    people.short_title: "ABCabcÔô",
    houses.room: "P",
    houses.short_number: "S",
    roads.road: "CDHQTĐ",
    roads.kilometre_mark: "Kk",
    measures.times_sign: "Xx",
    codes.larval_age: "T",
    months.short_month: "Tt",
    weekdays.short_weekday: "Tt",
    weekdays.sunday: "Cc",
    numerals.roman: "CDILMVX",
    houses.place_prefix: "HKPQTX",
}
"""Rules whose patterns begin with these letters only: behind any other they need not be asked."""


@lru_cache(maxsize=512)
def letter_rules(char: str) -> tuple[Rule, ...]:
    """The rules that may say something where a word begins with `char`, in their order."""
    return tuple(rule for rule in LETTER_RULES if char in _BEGIN_WITH.get(rule, char))


SIGN_RULES: tuple[Rule, ...] = (addresses.web_address, phones.phone, ranges.signed_range, quantities.quantity)
"""What may begin with a sign that belongs to a number."""

MARK_RULES: dict[str, tuple[Rule, ...]] = {
    "(": (definitions.repeated_definition, marks.found_or_not, marks.side_of_road, phones.phone),
    ".": (addresses.ending,),
    "<": (addresses.mail_address, addresses.web_address, marks.markup),
    "&": (marks.markup,),
    "*": (marks.service_code,),
    "{": (marks.left_over,),
}
"""What may begin with a mark; any other mark is read by `marks.read_mark`."""


def by_rule(scan: Scan, pos: int, char: str) -> Piece | None:
    """What begins with `char` at `pos`, said by the first rule that knows it; None where none does."""
    if char.isdecimal():
        rules = NUMBER_RULES
    elif char.isalpha():
        rules = letter_rules(char)
    elif char in "+-±~≈≥≤<>=$€£" and _sign_counts(scan, pos):
        rules = SIGN_RULES
    else:
        rules = MARK_RULES.get(char, ())
    for rule in rules:
        try:
            piece = rule(scan, pos)
        except Exception:  # noqa: BLE001 - the last resort: logged and doubted
            note_failure(scan, *sentence_at(scan, pos), f"rule {rule.__name__}")
            continue
        if piece is not None:
            return piece
    return None


_SIGNED = re.compile(r"[+\-±~≈≥≤<>=$€£]{1,2}\s?\d")


def _sign_counts(scan: Scan, pos: int) -> bool:
    """Is this sign part of a number, and not a dash between two words?"""
    if scan.text[pos] == ">" and pos > scan.start and scan.text[pos - 1] in "-–=":
        return False
    if scan.text[pos] == "<" and scan.text[pos : pos + 5].lower() in {"<http", "<www."}:
        return True
    if not _SIGNED.match(scan.text, pos, scan.end):
        return False
    before = scan.text[pos - 1] if pos > scan.start else " "
    if scan.text[pos] == "+" and marks.joins_words(scan, pos):
        return False
    if scan.text[pos] == "-":
        following = scan.char(pos + 1)
        return (
            before in " (:"
            and following.isdecimal()
            and not scan.text[max(scan.start, pos - 3) : pos].strip()[-1:].isdecimal()
        )
    return True
