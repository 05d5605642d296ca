"""`read_aloud`: written official Vietnamese -> what is said, each word with the place it came from, doubts beside it.

One pass over each block. Most words are syllables with at most a mark behind them; these are known from a memory that
belongs to the lexicon. Whatever is not goes to the rules in their order, and the first that fits says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from audio.reading import (
    abbreviations,
    addresses,
    blanks,
    codes,
    compounds,
    dates,
    days,
    definitions,
    document_numbers,
    foreign,
    houses,
    marks,
    measures,
    months,
    networks,
    numerals,
    phones,
    quantities,
    ranges,
    shares,
    structure,
    times,
    units,
    weather,
    weekdays,
)
from audio.reading.clean import Clean, clean
from audio.reading.doubts import to_doubts
from audio.reading.lexicon import Lexicon
from audio.reading.model import Piece, Skipped, SpokenSentence, SpokenText
from audio.reading.old_encodings import meant_of
from audio.reading.scan import Finding, ReadingSettings, Scan
from audio.reading.sentences import Sentences
from audio.reading.syllables import is_syllable
from audio.reading.toneless import without_tones

Rule = Callable[[Scan, int], Piece | None]

NUMBER_RULES: tuple[Rule, ...] = (
    addresses.mail_address,
    addresses.web_address,
    phones.phone,
    codes.plate,
    codes.file_number,
    houses.house,
    houses.nested_place,
    document_numbers.form,
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
    ranges.number_range,
    shares.share,
    shares.ratio,
    measures.spoken_money,
    networks.feeder,
    codes.code_with_digits_first,
    quantities.quantity,
)
"""What may begin with a digit or a sign before one, the narrow before the wide."""

LETTER_RULES: tuple[Rule, ...] = (
    addresses.web_address,
    addresses.mail_address,
    units.unit_word,
    document_numbers.standard,
    document_numbers.glued_kind,
    codes.file_number,
    networks.diameter,
    weather.wind,
    codes.serial,
    numerals.term,
    foreign.initials,
    foreign.numbered_place,
    months.short_quarter,
    foreign.glued_word,
    foreign.short_title,
    foreign.room,
    codes.announced_letters,
    abbreviations.lexicon_compound,
    codes.road,
    codes.kilometre_mark,
    measures.times_sign,
    codes.larval_age,
    months.short_month,
    weekdays.short_weekday,
    numerals.roman,
    abbreviations.lexicon_entry,
    foreign.place_prefix,
    compounds.compound,
    codes.code,
    abbreviations.capitals,
    foreign.foreign_word,
)
"""What may begin with a letter. The last takes any run of letters, so a letter is never left over."""

_CHUNK = re.compile(r"\S+")
_ORDINARY = re.compile(r"[\"“”'(\[]?([^\W\d_]{1,8})([\"”')\]]{0,2}[,.;:!?]?)")
_SIGNED = re.compile(r"[+\-±~≈≥≤<>=$€£]{1,2}\s?\d")
MEMORY = 20_000
"""Chunks remembered for one lexicon; Vietnamese has some 7,000 syllables in use."""


def read_aloud(script: str, *, lexicon: Lexicon | None = None, settings: ReadingSettings | None = None) -> SpokenText:
    """How `script` is said aloud. Pure, never raises on any str; what is guessed is among the doubts."""
    words = lexicon or Lexicon.shipped()
    chosen = settings or ReadingSettings()
    tidy = clean(script)
    blocks, skipped = structure.blocks_of(tidy.text, whole_frame=chosen.whole_frame)
    defined = definitions.definitions(tidy.text)
    sentences = Sentences()
    scan = Scan(tidy.text, 0, 0, words, chosen, defined)
    for block in blocks:
        scan.start, scan.end = block.start, block.end
        written = tidy.text[block.start : block.end]
        scan.capitals = _in_capitals(written)
        scan.toneless = without_tones(written)
        if scan.toneless:
            scan.doubt("no_tones", block.start, block.end, "")
        _read_block(scan, sentences)
        sentences.end()
    return _finish(script, tidy, sentences, scan, skipped)


def _in_capitals(text: str) -> bool:
    """Is this set in capitals as a whole (a heading)? Two words at least, hardly a small letter."""
    if not text[:400].isupper():
        upper = sum(map(str.isupper, text[:400]))
        if upper < 8 or upper < 8 * sum(map(str.islower, text[:400])):
            return False
    return len(text.split()) > 1


def _read_block(scan: Scan, out: Sentences) -> None:
    pos = _read_marker(scan, out)
    gaps = blanks.find(scan.text, pos, scan.end)
    recall = scan.lexicon.plain.get if not gaps else _forget
    for found in _CHUNK.finditer(scan.text, pos, scan.end):
        start, end = found.span()
        if start < pos:
            pos = max(pos, _slowly(scan, pos, end, out, gaps))
            continue
        chunk = found[0]
        known = recall(chunk) or (None if gaps else _learn(scan, chunk))
        if known is None:
            pos = _slowly(scan, start, end, out, gaps)
            continue
        spoken, mark, opens = known
        if opens:
            again = marks.said_again(scan, start, out)
            if again:
                pos = again
                continue
            out.pause(",")
        out.say(Piece(spoken, start, end))
        pos = end
        if mark:
            _pause_or_end(scan, end, mark, out)


def _read_marker(scan: Scan, out: Sentences) -> int:
    """Say the list marker a block begins with; returns where the rest begins."""
    end = structure.marker_end(scan.text, scan.start, scan.end)
    written = scan.text[scan.start : end]
    said = numerals.say_marker(written)
    if said:
        lead = len(written) - len(written.lstrip())
        out.say(Piece(said, scan.start + lead, scan.start + len(written.rstrip())))
        out.pause(",")
    return end


def _pause_or_end(scan: Scan, pos: int, mark: str, out: Sentences) -> None:
    if mark in ".!?" and marks.is_no_end(scan.text, pos, scan.end):
        out.pause(",")
        return
    out.pause(mark)
    if mark in ".!?":
        out.end()


def _forget(_chunk: str) -> None:
    """A block with gaps is read by the rules, word by word."""


def _learn(scan: Scan, chunk: str) -> tuple[str, str, bool] | None:
    """Look at a chunk that is not remembered yet; remember it where it is ordinary."""
    known = _ordinary(scan, chunk)
    if known:
        memory = scan.lexicon.plain
        if len(memory) >= MEMORY:
            memory.clear()
        memory[chunk] = known
    return known


def _ordinary(scan: Scan, chunk: str) -> tuple[str, str, bool] | None:
    """(word, mark behind, bracket before) of a chunk that is one plain syllable which no entry begins with."""
    found = _ORDINARY.fullmatch(chunk)
    if not found:
        return None
    word = found[1]
    if len(word) == 1 and (
        word.lower() not in "aàáảãạeêiíìịoóòọôồổốơờởởớởưừứyýỳâăđ" or word.isupper() or word in "ađeêioôơuưyâă"
    ):
        return None
    if word in scan.lexicon.exact or word.lower() in scan.lexicon.folded:
        return None
    if (len(word) > 1 and word[1:] != word[1:].lower()) or not is_syllable(word):
        return None
    behind = found[2]
    mark = behind[-1:] if behind[-1:] in ",.;:!?" else "," if behind.endswith((")", "]")) else ""
    return word, mark, chunk[0] in "(["


def _slowly(scan: Scan, pos: int, end: int, out: Sentences, gaps: list[blanks.Gap]) -> int:
    """Read from `pos` by the rules, at least to `end`; returns where it stopped."""
    while pos < end:
        while gaps and gaps[0].end <= pos:
            gaps.pop(0)
        gap = gaps[0] if gaps and gaps[0].start <= pos else None
        if gap:
            if gap.doubt:
                scan.doubt("blank", gap.start, gap.end, "")
            pos = gap.end
            continue
        pos = _step(scan, pos, out)
    return pos


_NUMBER_END = re.compile(r"(?:\d|\b[IVX]{1,6})$")


def _after_number(scan: Scan, pos: int, out: Sentences) -> bool:
    """Does another number stand right before, with only space between? Then one is not to run into the other."""
    between = scan.text[max(scan.start, pos - 8) : pos]
    return between != between.rstrip() and bool(_NUMBER_END.search(between.rstrip()))


_BEFORE_ADDRESS = frozenset({"công", "quốc", "gia", "tỉnh", "thành", "phố", "huyện", "xã", "nước", "bộ", "tử", "phủ"})
"""Words that end the name of a site: its address follows after a breath."""


def _step(scan: Scan, pos: int, out: Sentences) -> int:
    """Say or skip what begins at `pos`; returns where it ends, always beyond `pos`."""
    char = scan.text[pos]
    if char.isspace():
        return pos + 1
    if char == "(" and (again := marks.said_again(scan, pos, out)):
        return again
    piece = _by_rule(scan, pos, char)
    if piece is not None and piece.end > pos:
        if piece.spoken:
            if " chấm " in piece.spoken and scan.last_word(pos) in _BEFORE_ADDRESS:
                out.pause(",")
            if char.isdecimal() and _after_number(scan, pos, out):
                out.pause(",")
            out.say(piece)
        return piece.end
    return marks.read_mark(scan, pos, char, out)


def _by_rule(scan: Scan, pos: int, char: str) -> Piece | None:
    rules: tuple[Rule, ...] = ()
    if char.isdecimal():
        rules = NUMBER_RULES
    elif char.isalpha():
        rules = LETTER_RULES
    elif char in "+-±~≈≥≤<>=$€£" and _sign_counts(scan, pos):
        rules = (addresses.web_address, phones.phone, ranges.signed_range, quantities.quantity)
    elif char == "(":
        rules = (definitions.repeated_definition, marks.found_or_not, marks.side_of_road, phones.phone)
    elif char == "<":
        rules = (addresses.mail_address, addresses.web_address, marks.markup)
    elif char == "&":
        rules = (marks.markup,)
    elif char == "*":
        rules = (marks.service_code,)
    elif char == "{":
        rules = (marks.left_over,)
    for rule in rules:
        piece = rule(scan, pos)
        if piece is not None:
            return piece
    return None


def _sign_counts(scan: Scan, pos: int) -> bool:
    """Is this sign part of a number, and not a dash between two words?"""
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


def _finish(script: str, tidy: Clean, sentences: Sentences, scan: Scan, skipped: list[Skipped]) -> SpokenText:
    """Everything back in offsets of the script."""
    origin = None if tidy.same else tidy.origin
    out = []
    for spoken, pieces in sentences.done:
        placed = pieces if origin is None else tuple(_placed(p, origin) for p in pieces)
        start, end = placed[0].start, placed[-1].end
        out.append(SpokenSentence(spoken, script[start:end], start, end, placed))
    place = partial(_place, origin)
    findings = [Finding(f.kind, place(f.start), max(place(f.end), place(f.start) + 1), f.said) for f in scan.findings]
    return SpokenText(
        tuple(out),
        to_doubts(script, [*findings, *_old_lines(script, tidy, scan.settings)]),
        tuple(Skipped(place(s.start), place(s.end), s.why) for s in skipped),
    )


def _old_lines(script: str, tidy: Clean, settings: ReadingSettings) -> list[Finding]:
    """One doubt for each old encoding, at the first line in it, with what that line was taken for."""
    first = {line.encoding: line for line in reversed(tidy.old)}
    return [
        Finding("encoding", line.start, line.end, meant_of(script, line), line.encoding)
        for line in first.values()
        if script[line.start : line.end] not in settings.read_as_is
    ]


def _placed(piece: Piece, origin: Callable[[int], int]) -> Piece:
    """`piece` in offsets of the script; one character may have unfolded to several, it is never less than that one."""
    start = origin(piece.start)
    return Piece(piece.spoken, start, max(origin(piece.end), start + 1))


def _place(origin: Callable[[int], int] | None, offset: int) -> int:
    return offset if origin is None else origin(offset)
