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
    dates,
    document_numbers,
    foreign,
    numerals,
    phones,
    ranges,
    structure,
    times,
    units_money,
)
from audio.reading.clean import Clean, clean
from audio.reading.doubts import to_doubts
from audio.reading.lexicon import Lexicon
from audio.reading.model import Piece, Skipped, SpokenSentence, SpokenText
from audio.reading.scan import ReadingSettings, Scan
from audio.reading.sentences import Sentences
from audio.reading.syllables import is_syllable

Rule = Callable[[Scan, int], Piece | None]

NUMBER_RULES: tuple[Rule, ...] = (
    addresses.mail_address,
    addresses.web_address,
    phones.phone,
    foreign.plate,
    document_numbers.document_number,
    times.clock,
    times.weekday,
    dates.date_span,
    dates.full_date,
    dates.year_span,
    dates.month_year,
    dates.day_month,
    dates.day_number,
    dates.month_number,
    units_money.dimensions,
    ranges.number_list,
    ranges.dashed_numbers,
    ranges.number_range,
    units_money.share,
    times.ratio,
    foreign.code_with_digits_first,
    units_money.quantity,
)
"""What may begin with a digit or a sign before one, the narrow before the wide."""

LETTER_RULES: tuple[Rule, ...] = (
    addresses.web_address,
    addresses.mail_address,
    units_money.unit_word,
    document_numbers.standard,
    abbreviations.lexicon_compound,
    foreign.road,
    foreign.kilometre_mark,
    units_money.times_sign,
    times.short_weekday,
    numerals.roman,
    abbreviations.lexicon_entry,
    foreign.place_prefix,
    abbreviations.compound,
    foreign.code,
    abbreviations.capitals,
    foreign.foreign_word,
)
"""What may begin with a letter. The last takes any run of letters, so a letter is never left over."""

_CHUNK = re.compile(r"\S+")
_ORDINARY = re.compile(r"[\"“”'(\[]?([^\W\d_]{1,8})([\"”')\]]{0,2}[,.;:!?]?)")
_SENTENCE_MARK = re.compile(r"[.!?;:,…]")
_DOTS = re.compile(r"[.…]{2,}|\s?\.\s?/\s?\.?")
_SIGNED = re.compile(r"[+\-±~≈≥≤<>=$€£]{1,2}\s?\d")
_ROUND = re.compile(r"\(\s?(?:0\d|\+)")
_STAR_CODE = re.compile(r"\*\d{1,4}(?:\*\d{1,16}){0,3}#")
_ENDS_DOT = re.compile(r"\.(?=[\s\"”'’)*_]|$|[A-ZĐÀ-Ỹ-])")
_DASHES = "-–—"
_SILENT = "\"“”„'«»‘’*_#`[]{}|\\^~•●▪■□○◦►▶➢➤✓✔☑<>="
_SYMBOL_WORDS = {"&": "và", "%": "phần trăm", "@": "a còng", "+": "cộng", "=": "bằng", "$": "đô la", "§": "mục", "°": "độ", "½": "một phần hai",
                 "¼": "một phần tư", "¾": "ba phần tư", "×": "nhân", "÷": "chia", "≥": "từ", "≤": "không quá", "±": "cộng trừ", "‰": "phần nghìn",
                 "₫": "đồng", "€": "ơ rô", "≈": "xấp xỉ", "№": "số"}  # fmt: skip
_PER_BEFORE = re.compile(r"(?:\d[\d.,]*\s?(?:[^\W\d_]+[\s/]?){0,4}|đồng|vnđ|lần|kg|mức)$")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,300})?/?>|&(?:nbsp|amp|lt|gt|quot|#\d{2,5});")
MEMORY = 20_000
"""Chunks remembered for one lexicon; Vietnamese has some 7,000 syllables in use."""


def read_aloud(script: str, *, lexicon: Lexicon | None = None, settings: ReadingSettings | None = None) -> SpokenText:
    """How `script` is said aloud. Pure, never raises on any str; what is guessed is among the doubts."""
    words = lexicon or Lexicon.shipped()
    chosen = settings or ReadingSettings()
    tidy = clean(script)
    blocks, skipped = structure.blocks_of(tidy.text, whole_frame=chosen.whole_frame)
    defined = abbreviations.definitions(tidy.text)
    sentences = Sentences()
    scan = Scan(tidy.text, 0, 0, words, chosen, defined)
    for block in blocks:
        scan.start, scan.end = block.start, block.end
        scan.capitals = _in_capitals(tidy.text[block.start : block.end])
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
    marker = structure.marker_end(scan.text, scan.start, scan.end)
    pos = scan.start
    if marker:
        said = numerals.say_marker(scan.text[marker[0] : marker[1]])
        if said:
            lead = len(scan.text[marker[0] : marker[1]]) - len(scan.text[marker[0] : marker[1]].lstrip())
            out.say(Piece(said, marker[0] + lead, marker[0] + len(scan.text[marker[0] : marker[1]].rstrip())))
            out.pause(",")
        pos = marker[1]
    gaps = blanks.find(scan.text, pos, scan.end)
    memory = scan.lexicon.plain
    text = scan.text
    say = out.say
    for found in _CHUNK.finditer(text, pos, scan.end):
        start = found.start()
        if start < pos:
            if found.end() <= pos:
                continue
            pos = _slowly(scan, pos, found.end(), out, gaps)
            continue
        chunk = found[0]
        known = memory.get(chunk) if not gaps else None
        if known is None:
            if not gaps and (known := _ordinary(scan, chunk)):
                if len(memory) >= MEMORY:
                    memory.clear()
                memory[chunk] = known
            else:
                pos = _slowly(scan, start, found.end(), out, gaps)
                continue
        spoken, mark, opens = known
        if opens:
            out.pause(",")
        say(Piece(spoken, start, found.end()))
        pos = found.end()
        if mark:
            if mark not in ".!?":
                out.pause(mark)
            elif _abbreviated(text, pos, scan.end):
                out.pause(",")
            else:
                out.pause(mark)
                out.end()


def _abbreviated(text: str, pos: int, end: int) -> bool:
    """A dot before a small letter is a slip, and behind the initial of a name no end: a pause does."""
    if pos + 1 >= end or not text[pos].isspace():
        return False
    return text[pos + 1].islower() or (
        text[pos + 1] in "(," and text[pos - 2].isupper() and not text[pos - 3].isalpha()
    )


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
    if char == "(" and (again := _said_again(scan, pos, out)):
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
    return _mark(scan, pos, char, out)


def _by_rule(scan: Scan, pos: int, char: str) -> Piece | None:
    rules: tuple[Rule, ...] = ()
    if char.isdecimal():
        rules = NUMBER_RULES
    elif char.isalpha():
        rules = LETTER_RULES
    elif char in "+-±~≈≥≤<>=$€£" and _sign_counts(scan, pos):
        rules = (addresses.web_address, phones.phone, units_money.quantity)
    elif char == "(":
        rules = (abbreviations.repeated_definition, phones.phone)
    elif char == "<":
        rules = (addresses.mail_address, addresses.web_address, _markup)
    elif char == "&":
        rules = (_markup,)
    elif char == "*":
        rules = (_service_code,)
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
    if scan.text[pos] == "-":
        following = scan.char(pos + 1)
        return (
            before in " (:"
            and following.isdigit()
            and not scan.text[max(scan.start, pos - 3) : pos].strip()[-1:].isdigit()
        )
    return True


def _markup(scan: Scan, pos: int) -> Piece | None:
    found = _TAG.match(scan.text, pos, scan.end)
    return scan.doubted("markup", Piece("", pos, found.end())) if found else None


def _service_code(scan: Scan, pos: int) -> Piece | None:
    """`*101#` as one dials it."""
    found = _STAR_CODE.match(scan.text, pos, scan.end)
    if not found:
        return None
    from audio.reading.letters import DIGIT_NAMES

    words = [{"*": "sao", "#": "thăng"}.get(char) or DIGIT_NAMES[int(char)] for char in found[0]]
    return Piece(" ".join(words), pos, found.end())


def _mark(scan: Scan, pos: int, char: str, out: Sentences) -> int:
    """Punctuation and symbols: a pause, an end, a word, or nothing."""
    dots = _DOTS.match(scan.text, pos, scan.end) if char in "./…" else None
    if dots:
        return _read_dots(scan, pos, dots.end(), out)
    if char in ",;:":
        out.pause(char)
    elif char in "!?":
        out.pause(char)
        if not scan.char(pos + 1).isalnum():
            out.end()
    elif char == ".":
        _read_dot(scan, pos, out)
    elif char in "()":
        out.pause(",")
    elif char in _DASHES:
        _read_dash(scan, pos, out)
    elif char == "/":
        _read_slash(scan, pos, out)
    elif char in _SYMBOL_WORDS and (char not in "+=" or _between_words(scan, pos)):
        out.say(Piece(_SYMBOL_WORDS[char], pos, pos + 1))
    elif char not in _SILENT and char.isalnum():
        scan.doubt("unreadable", pos, pos + 1, "")
    return pos + 1


def _between_words(scan: Scan, pos: int) -> bool:
    after = scan.text[pos + 1 : pos + 3].strip()
    return bool(after and after[0].isalnum()) and pos > scan.start


def _read_dot(scan: Scan, pos: int, out: Sentences) -> None:
    if not _ENDS_DOT.match(scan.text, pos, scan.end):
        return
    if _abbreviated(scan.text, pos + 1, scan.end):
        out.pause(",")
        return
    out.pause(".")
    out.end()


def _read_dots(scan: Scan, pos: int, end: int, out: Sentences) -> int:
    """`./.` ends; `...` behind a list is *vân vân*, else a pause."""
    if "/" in scan.text[pos:end]:
        out.pause(".")
        out.end()
        return end
    before = re.split(r"[.;:!?]", scan.tail(pos, 120))[-1]
    if before.rstrip().endswith("vân vân") or before.rstrip().endswith("v"):
        return end
    if "," in before:
        out.pause(",")
        out.say(Piece("vân vân", pos, end))
    following = scan.text[end : end + 3].strip()
    if not following or following[0].isupper():
        out.pause(".")
        out.end()
    else:
        out.pause(",")
    return end


def _read_dash(scan: Scan, pos: int, out: Sentences) -> None:
    """Between words with space around a pause; inside a word nothing."""
    before = scan.text[pos - 1] if pos > scan.start else " "
    after = scan.char(pos + 1) or " "
    if (before.isspace() or after.isspace() or scan.text[pos] != "-") and not _joins_name(scan, pos):
        out.pause(",")


_IN_WORDS = re.compile(r"\(\s?(?:(?:viết |ghi )?bằng chữ\s?:?\s?)?([^()\d]{2,120}?)[.\s]{0,2}\)", re.IGNORECASE)


def _said_again(scan: Scan, pos: int, out: Sentences) -> int:
    """The end of a bracket that says again what was just said, `05 (năm) người`; 0 where it does not."""
    found = _IN_WORDS.match(scan.text, pos, scan.end)
    if not found:
        return 0
    words = " ".join(found[1].lower().replace(",", " ").split())
    return found.end() if words and out.last_words(words.count(" ") + 1) == words else 0


_SECTOR_LEFT = re.compile(
    r"(?:chính trị|kinh tế|văn hóa|văn hoá|lao động|quốc phòng|thông tin|tài chính|giáo dục|dân số|an ninh|khoa học|nông nghiệp"
    r"|thể dục|hành chính|tổ chức|thương mại|công nghiệp|xây dựng|tổng hợp|tiểu học|bưu chính|báo chí|kế hoạch)\s*$"
)
_SECTOR_RIGHT = re.compile(
    r"\s*(?:xã hội|thông tin|thể thao|thương binh|an ninh|truyền thông|kế hoạch|đào tạo|hạ tầng|công nghệ|văn nghệ|nghệ thuật"
    r"|quốc phòng|môi trường|phát triển|tổng hợp|cán bộ|hành chính|dịch vụ|tiểu thủ|trung học|viễn thông|xuất bản|tài chính|du lịch)",
    re.IGNORECASE,
)


def _joins_name(scan: Scan, pos: int) -> bool:
    """`Văn hóa - Thông tin`, `kinh tế – xã hội`: the dash joins two fields, nobody pauses there."""
    return bool(_SECTOR_LEFT.search(scan.tail(pos, 20)) and _SECTOR_RIGHT.match(scan.text, pos + 1, scan.end))


def _read_slash(scan: Scan, pos: int, out: Sentences) -> None:
    """`đồng/người` one per other; `Cổng/Trang` one or the other; `xã/phường/thị trấn` a list."""
    after = scan.text[pos + 1 : pos + 2]
    if after.isdigit() and _PER_UNIT.search(scan.tail(pos, 16)):
        out.say(Piece("trên", pos, pos + 1))
        return
    if not after.isalpha() and not (after == " " and scan.text[pos + 2 : pos + 3].isalpha()):
        out.pause(",")
        return
    if _STRAIN.match(scan.text, max(scan.start, pos - 2), scan.end):
        return
    before = scan.tail(pos, 28).rstrip()
    if before.endswith(("và", "hoặc")):
        return
    if _PER_BEFORE.search(before):
        out.say(Piece("một", pos, pos + 1))
    elif re.match(r"\s?[^\W\d_]+(?:\s[^\W\d_]+)?\s?/", scan.text[pos + 1 : pos + 30]):
        out.pause(",")
    else:
        out.say(Piece("hoặc", pos, pos + 1))


_PER_UNIT = re.compile(r"\d\s?(?:mm|cm|m|kg|g|mg|ml|l|m3|ha|kwh)$")
_STRAIN = re.compile(r"\W?[A-D]/H\d")


def _finish(script: str, tidy: Clean, sentences: Sentences, scan: Scan, skipped: list[Skipped]) -> SpokenText:
    """Everything back in offsets of the script."""
    origin = tidy.origin if tidy.starts else None
    out = []
    for spoken, pieces in sentences.done:
        placed = pieces if origin is None else tuple(Piece(p.spoken, origin(p.start), origin(p.end)) for p in pieces)
        start, end = placed[0].start, placed[-1].end
        out.append(SpokenSentence(spoken, script[start:end], start, end, placed))
    place = partial(_place, origin)
    return SpokenText(
        tuple(out),
        to_doubts(script, [f.__class__(f.kind, place(f.start), place(f.end), f.said) for f in scan.findings]),
        tuple(Skipped(place(s.start), place(s.end), s.why) for s in skipped),
    )


def _place(origin: Callable[[int], int] | None, offset: int) -> int:
    return offset if origin is None else origin(offset)
