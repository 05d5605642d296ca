"""Words that are no Vietnamese syllable: codes (`H5N1`, `5G`, `F0`, `QL1A`), and a best effort for foreign words.

The respelling follows what a Vietnamese reader does: clusters are parted by *ờ*, final sounds become the nearest of
c, ch, m, n, ng, nh, p, t. Each such word is a doubt until the lexicon knows it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from audio.reading.letters import LETTER_NAMES, say_digits, spell
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable, toneless

LONGEST_WORD = 40
"""A longer run of letters is no word: nothing is said for it, staff are told."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_CODE = re.compile(r"(?=[^\W_]{0,30}\d)(?=[^\W_]{0,30}[^\W\d_])[^\W_]{2,31}(?![^\W_])")
_LONG_RUN = re.compile(r"[^\W_]{32,}")
_CODE_TAIL = re.compile(r"([-.])(\d{1,4})(?![\d/]|\.\d)")
_RUNS = re.compile(r"\d+|[^\W\d_]+")
_ROAD = re.compile(r"(?:(QL)\.?\s?(\d{1,3})|(ĐT|TL|HL|ĐH|DT)(?:\.\s?|\s?(?=\d{3}))([1-9]\d{0,3}))([A-ZĐ])?(?![^\W_])")
_ROADS = {
    "QL": "quốc lộ",
    "ĐT": "đường tỉnh",
    "DT": "đường tỉnh",
    "TL": "tỉnh lộ",
    "HL": "hương lộ",
    "ĐH": "đường huyện",
}
_PLATE = re.compile(r"(\d{2}[A-ZĐ]{1,2}\d?)\s?-\s?(\d{3}[.]?\d{1,2})(?!\d)")
_NAMED = re.compile(r"(TP|Tp|TX|TT|Q|P|KP|H|X|T)\.\s?(?=[^\W_])")
_PLACES = {
    "TP": "thành phố", "Tp": "thành phố", "TX": "thị xã", "TT": "thị trấn", "Q": "quận", "P": "phường", "KP": "khu phố",
    "H": "huyện", "X": "xã", "T": "tỉnh",
}  # fmt: skip


def word_at(scan: Scan, pos: int) -> str:
    """The run of letters at `pos`."""
    found = _WORD.match(scan.text, pos, scan.end)
    return found[0] if found else ""


def place_prefix(scan: Scan, pos: int) -> Piece | None:
    """`P.5`, `Q.1`, `TP. Hà Nội`: the prefix alone; what follows is read by its own rule."""
    found = _NAMED.match(scan.text, pos, scan.end)
    if not found:
        return None
    following = scan.char(found.end())
    if not (following.isdecimal() or following.isupper()):
        return None
    if found[1] in {"T", "H", "X"} and (following.isdecimal() or found.end() - found.start() < 2):
        return None
    return Piece(_PLACES[found[1]], pos, pos + len(found[1]) + 1)


def road(scan: Scan, pos: int) -> Piece | None:
    """`QL1A`, `QL.22B`, `ĐT.782`."""
    found = _ROAD.match(scan.text, pos, scan.end)
    if not found:
        return None
    letter = f" {LETTER_NAMES[found[5].lower()]}" if found[5] else ""
    name = _ROADS[found[1] or found[3]]
    if scan.last_word(pos) == "đường":
        name = name.removeprefix("đường ")
    return Piece(f"{name} {say_integer(int(found[2] or found[4]))}{letter}", pos, found.end())


_KILOMETRE = re.compile(r"[Kk][Mm]\s?(\d{1,4})(?:\s?\+\s?(\d{1,4}))?(?![^\W_])")
_ON = re.compile(r"\s?[-–—]\s?")


def kilometre_mark(scan: Scan, pos: int) -> Piece | None:
    """A place on a road: `Km15+200` -> ki lô mét mười lăm cộng hai trăm; two of them with a dash are a stretch."""
    found = _KILOMETRE.match(scan.text, pos, scan.end)
    if not found:
        return None
    words, end = _kilometre(found), found.end()
    dash = _ON.match(scan.text, end, scan.end)
    last = _KILOMETRE.match(scan.text, dash.end(), scan.end) if dash else None
    if last:
        words, end = f"{words} đến {_kilometre(last)}", last.end()
    return Piece(words, pos, end)


def _kilometre(found: re.Match[str]) -> str:
    words = f"ki lô mét {say_integer(int(found[1]))}"
    return f"{words} cộng {say_integer(int(found[2]))}" if found[2] else words


def plate(scan: Scan, pos: int) -> Piece | None:
    """The number plate of a vehicle: `70A-123.45`."""
    found = _PLATE.match(scan.text, pos, scan.end)
    if not found:
        return None
    return Piece(f"{say_code(found[1])}, {say_digits(found[2])}", pos, found.end())


def say_code(code: str) -> str:
    """Letters by name, one or two digits as a number, more one by one: `H5N1` -> hát năm nờ một."""
    out = []
    for run in _RUNS.findall(code):
        if run.isdecimal():
            out.append(say_integer(int(run)) if len(run) <= 2 and run[0] != "0" else say_digits(run))
        else:
            out.append(run.lower() if len(run) > 1 and not run.isupper() and is_syllable(run) else spell(run))
    return " ".join(part for part in out if part)


def code(scan: Scan, pos: int) -> Piece | None:
    """Letters and digits in one: a class, a virus, a model, a plate."""
    found = _CODE.match(scan.text, pos, scan.end)
    if not found:
        long = _LONG_RUN.match(scan.text, pos, scan.end)
        if long and any(c.isdecimal() for c in long[0]):
            return scan.doubted("unreadable", Piece("", pos, long.end()))
        return None
    end = found.end()
    if end - pos >= 31 and scan.char(end).isalnum():
        return None
    words = say_code(found[0])
    tail = _CODE_TAIL.match(scan.text, end, scan.end)
    if tail and (tail[1] == "." or not found[0][-1].isdecimal()):
        dot = "chấm " if tail[1] == "." else ""
        words, end = f"{words} {dot}{say_integer(int(tail[2]))}", tail.end()
    piece = Piece(words, pos, end)
    return piece if end - pos <= 4 else scan.doubted("code", piece)


_DIGITS_FIRST = re.compile(r"(\d{1,4})([A-ZĐ](?:\d{0,3}[A-ZĐ]?)|[a-eđ])(?![^\W_])")
_AS_DIGITS = re.compile(r"\d{1,20}[^\W\d_][^\W_]{0,24}")


def code_with_digits_first(scan: Scan, pos: int) -> Piece | None:
    """`5A`, `12b`, `4G`, `5A1`: number, then letters by name; a unit (`5m`, `10kg`) is left to the quantities."""
    from audio.reading.units_money import NOT_A_UNIT_AFTER, unit_at

    found = _AS_DIGITS.match(scan.text, pos, scan.end)
    if not found or (found.end() < scan.end and scan.text[found.end()].isalnum()):
        return None
    at = pos
    while scan.text[at].isdecimal():
        at += 1
    named = NOT_A_UNIT_AFTER.search(scan.tail(pos))
    if not named and unit_at(scan, at):
        return None
    return scan_code(scan, pos, found.end())


def scan_code(scan: Scan, pos: int, end: int) -> Piece:
    """A code as a piece; a short one is no guess."""
    piece = Piece(say_code(scan.text[pos:end]), pos, end)
    return piece if end - pos <= 4 else scan.doubted("code", piece)


def foreign_word(scan: Scan, pos: int) -> Piece | None:
    """Any other run of letters: a syllable as it is, a single letter by name, a foreign word by its sound."""
    word = word_at(scan, pos)
    if not word:
        return None
    end = pos + len(word)
    if len(word) == 1:
        said = _one_letter(scan, pos, word)
        return Piece(said, pos, end) if said else scan.doubted("unreadable", Piece("", pos, end))
    if is_syllable(word):
        return Piece(word if word[1:].islower() else word.lower(), pos, end)
    said = _respell_name(word) if len(word) <= LONGEST_WORD else ""
    if not said:
        return scan.doubted("unreadable", Piece("", pos, end))
    return scan.doubted("not_a_syllable", Piece(said, pos, end))


def _respell_name(word: str) -> str:
    """`H'Linh` -> hờ linh: a consonant before an apostrophe has a syllable of its own."""
    head, mark, rest = word.partition("'")
    if mark and len(head) == 1 and head.isalpha() and toneless(head) in "bcdfghjklmnpqrstvwxz":
        return f"{_onset(toneless(head), 'ờ')}ờ {_respell_rest(rest)}".strip()
    return respell(word)


def _respell_rest(word: str) -> str:
    return word.lower() if is_syllable(word) else respell(word)


def _one_letter(scan: Scan, pos: int, letter: str) -> str:
    """Its name; `y tế` and `y sĩ` are words."""
    if letter in "yY" and not _AFTER_MARK.search(scan.tail(pos, 20)):
        return letter
    return LETTER_NAMES.get(letter.lower()) or (letter.lower() if is_syllable(letter) else "")


_AFTER_MARK = re.compile(r"\b(?:điểm|khu|nhóm|lớp|loại|mục|phương án|dãy|lô|chữ|văn|thị)\s*$")
_DOUBLED = re.compile(r"([^\Waeiouy])\1")
_CHUNKS = re.compile(r"ngh|ch|gh|kh|ng|nh|ph|qu|th|tr|sh|[bcdfghjklmnpqrstvwxz]|[aeiouy]+")
_CAMEL = re.compile(r"[A-ZĐ]?[^\WA-Z\d_]+|[A-ZĐ]+(?![a-z])|.")
_ONSETS = {
    "f": "ph", "j": "gi", "w": "o", "z": "d", "sh": "s", "q": "qu", "d": "đ", "ph": "ph",
}  # fmt: skip
_VOWELS = {
    "a": "a", "e": "e", "i": "i", "o": "ô", "u": "u", "y": "i", "ee": "i", "oo": "u", "ea": "i", "ou": "u", "ai": "ai",
    "ay": "ây", "ei": "ây", "ey": "ây", "au": "ao", "aw": "o", "oa": "oa", "oi": "oi", "oy": "oi", "ie": "i", "ue": "u",
    "ui": "ui", "eu": "êu", "ow": "âu", "ao": "ao", "oe": "oe", "ae": "ê", "ă": "ă", "â": "â", "ê": "ê", "ô": "ô",
    "ơ": "ơ", "ư": "ư", "aa": "a", "ii": "i", "uu": "u",
}  # fmt: skip
_CODAS = {
    "b": "p", "c": "c", "d": "t", "đ": "t", "f": "p", "g": "c", "gh": "", "h": "", "j": "", "k": "c", "kh": "c",
    "l": "n", "m": "m", "n": "n", "ng": "ng", "nh": "nh", "p": "p", "ph": "p", "q": "c", "r": "", "s": "t", "sh": "t",
    "t": "t", "th": "t", "tr": "t", "v": "p", "w": "", "x": "c", "z": "t", "ch": "ch",
}  # fmt: skip
_ACUTE = str.maketrans("aăâeêioôơuưy", "áắấéếíóốớúứý")


@lru_cache(maxsize=2000)
def respell(word: str) -> str:
    """`word` for a Vietnamese mouth, syllables parted by spaces; "" where it has no Latin letter."""
    out: list[str] = []
    for part in _CAMEL.findall(word):
        plain = "".join(char for char in part if toneless(char).isascii() and char.isalpha())
        if not plain:
            continue
        if is_syllable(plain):
            out.append(plain.lower())
        elif len(plain) > 1 and _has_vowel(plain):
            out.extend(_sounds(toneless(plain)))
        else:
            out.append(spell(plain))
    return " ".join(piece for piece in out if piece)


def _has_vowel(word: str) -> bool:
    return any(char in "aeiouy" for char in toneless(word))


def _sounds(word: str) -> list[str]:
    """Consonants and vowels in turn -> syllables."""
    chunks = (
        _CHUNKS.findall(_DOUBLED.sub(r"\1", word))
        if word
        else re.findall(
            r"ngh|ch|gh|kh|ng|nh|ph|qu|th|tr|sh|[bcdfghjklmnpqrstvwxz]|[aeiouy]+",
            re.sub(r"([^\Waeiouy])\1", r"\1", word),
        )
    )
    vowel = [chunk[0] in "aeiouy" for chunk in chunks]
    out: list[str] = []
    at = 0
    while at < len(chunks):
        if vowel[at]:
            at = _syllable(chunks, vowel, at, "", out)
        elif at + 1 < len(chunks) and vowel[at + 1]:
            at = _syllable(chunks, vowel, at + 1, chunks[at], out)
        else:
            out.append(_onset(chunks[at], "ờ") + "ờ")
            at += 1
    return [said for said in out if is_syllable(said)]


def _onset(chunk: str, nucleus: str) -> str:
    soft = nucleus[0] in "eêiyéếíý"
    if chunk == "w":
        return "o" if nucleus[0] in "aáăắeé" else ""
    if chunk in {"c", "k"}:
        return "k" if soft else "c"
    if chunk in {"g", "gh"}:
        return "gh" if soft else "g"
    if chunk in {"ng", "ngh"}:
        return "ngh" if soft else "ng"
    if chunk == "qu":
        return "qu"
    return {"q": "c", "w": "", "p": "p"}.get(chunk) or _ONSETS.get(chunk, chunk if chunk != "w" else "")


def _syllable(chunks: list[str], vowel: list[bool], at: int, onset: str, out: list[str]) -> int:
    """Add the syllable whose vowels are `chunks[at]`; returns where the next begins."""
    parts = _nuclei(chunks[at])
    for lead in parts[:-1]:
        out.append(_onset(onset, lead) + lead if onset else lead)
        onset = ""
    nucleus = parts[-1]
    following = at + 1
    coda = ""
    closes = (
        following < len(chunks) and not vowel[following] and not (following + 1 < len(chunks) and vowel[following + 1])
    )
    if closes:
        coda = _CODAS.get(chunks[following], "")
        following += 1
        if following == len(chunks) - 1 and not vowel[following]:
            following += 1  # a last consonant behind another is not said
    head = _onset(onset, nucleus) if onset else ""
    if head == "qu" and nucleus.startswith("u"):
        head = "c"
    out.append(_close(head, nucleus, coda))
    return following


def _close(head: str, nucleus: str, coda: str) -> str:
    for ending in (coda, "t" if coda in {"p", "c", "ch"} else "", ""):
        core = nucleus[-1] if ending and len(nucleus) > 1 else nucleus
        said = head + (core.translate(_ACUTE) if ending in {"c", "ch", "p", "t"} else core) + ending
        if is_syllable(said):
            return said
    return head + "ờ" if head else nucleus


def _nuclei(letters: str) -> list[str]:
    """A run of vowels -> nuclei of Vietnamese, the longest known first."""
    if letters in _VOWELS:
        return [_VOWELS[letters]]
    out: list[str] = []
    at = 0
    while at < len(letters):
        pair = letters[at : at + 2]
        if len(pair) == 2 and pair in _VOWELS:
            out.append(_VOWELS[pair])
            at += 2
        else:
            out.append(_VOWELS.get(letters[at], letters[at]))
            at += 1
    return out
