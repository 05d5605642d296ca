"""Web and mail addresses by their words: `soyte.hanoi.gov.vn` -> sở y tế chấm hà nội chấm gốp chấm vê en.

A label is cut into known words (`domain_words.csv`, `places.csv`), then into syllables of the inventory, and spelled
where neither fits. The scheme and www are never said.
"""

from __future__ import annotations

import re
from functools import lru_cache

from audio.reading.letters import say_digits, spell
from audio.reading.lexicon import read_table
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.respelling import respell
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable, toned, toneless, toneless_syllables

_URL = re.compile(r"<?(?:https?\s?:\s?//\s?|www\.)([^\s<>\"”“()]{1,400})>?", re.IGNORECASE)
_MAIL = re.compile(r"<?([A-Za-z0-9][\w.+-]{0,63})@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6})>?")
_ENDS = "vn|com|net|org|info|gov|edu|io|me|app|xyz|asia|biz|tv|gl|be|ly|online|site|shop|int|eu"
_DOMAIN = re.compile(
    rf"<?((?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,6}}(?:{_ENDS}))(?![\w-])(/[^\s<>\"”“(),;]{{0,300}})?>?",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'\"/*"
_SYMBOLS = {
    "-": "gạch ngang", "_": "gạch dưới", "/": "gạch chéo", "?": "hỏi chấm", "=": "bằng", "&": "và", "#": "thăng",
    "+": "cộng", "%": "phần trăm", ":": "hai chấm", "@": "a còng", "~": "ngã",
}  # fmt: skip
_RUNS = re.compile(r"[A-Za-zÀ-ỹĐđ]+|\d+|.")
LONGEST_PATH = 60
"""A path beyond this is not dictated: listeners cannot type it, staff are told."""


def web_address(scan: Scan, pos: int) -> Piece | None:
    """An address of the web, with or without its scheme."""
    found = _URL.match(scan.text, pos, scan.end)
    if found:
        body, end = found[1], found.end()
    else:
        bare = _DOMAIN.match(scan.text, pos, scan.end)
        if not bare or scan.char(bare.end()) == "@" or (pos > scan.start and scan.text[pos - 1] == "@"):
            return None
        body, end = bare[1] + (bare[2] or ""), bare.end()
    return _finish(scan, pos, end, body, say_address(body))


_ENDING = re.compile(r"\.([a-z]{2,6})((?:\.[a-z]{2,4})?)(?![\w-]|\.\w|@)")
_FILE_ENDS = {
    "apk": "a pê ca", "exe": "e ích e", "ipa": "i pê a", "zip": "díp", "rar": "ra", "pdf": "pê dê ép", "doc": "đốc",
    "docx": "đốc ích", "xls": "ích ét lờ ét", "xlsx": "ích ét lờ ét ích", "jpg": "gi pê giê", "png": "pê nờ giê",
}  # fmt: skip
_SITE_ENDS = {**dict.fromkeys(_ENDS.split("|"), ""), "top": "tốp", "vip": "víp", "cc": "xê xê", "club": "cờ lớp",
              "win": "uyn", "bet": "bét", "cn": "xê nờ", "link": "linh"}  # fmt: skip
_ENDING_LEAD = re.compile(r"\b(?:đuôi|miền|dạng|là|hoặc|và|,)\s?[\"“'(]?$")
_NO_WORDS = frozenset({"com", "vn", "net"})


def ending(scan: Scan, pos: int) -> Piece | None:
    """`trang có đuôi .xyz`, `tên miền .gov.vn`: the end of a site's name with its dot, that of a file without."""
    before = scan.text[pos - 1] if pos > scan.start else " "
    found = _ENDING.match(scan.text, pos, scan.end) if before in " \"“'(/" else None
    if not found:
        return None
    if found[1] in _FILE_ENDS and not found[2]:
        return Piece(_FILE_ENDS[found[1]], pos, found.end())
    if found[1] not in _SITE_ENDS and found[2][1:] not in _SITE_ENDS:
        return None
    if not found[2] and found[1] not in _NO_WORDS and is_syllable(found[1]):
        return None if not _ENDING_LEAD.search(scan.tail(pos, 32)) else Piece(_dotted(found[1]), pos, found.end())
    return Piece(" ".join(_dotted(label) for label in found[0][1:].split(".")), pos, found.end())


def _dotted(label: str) -> str:
    return f"chấm {_SITE_ENDS.get(label) or say_address(label)}"


def mail_address(scan: Scan, pos: int) -> Piece | None:
    """`vanthu@tayninh.gov.vn` -> văn thư a còng tây ninh …"""
    found = _MAIL.match(scan.text, pos, scan.end)
    if not found:
        return None
    body = found[0].strip("<>")
    trimmed = found[2].rstrip(_TRAILING)
    return _finish(scan, pos, found.end(), body, f"{say_address(found[1])} a còng {say_address(trimmed)}")


def _finish(scan: Scan, pos: int, end: int, body: str, said: str) -> Piece:
    closed = scan.text[end - 1] == ">"
    while not closed and end > pos + 1 and scan.text[end - 1] in _TRAILING and scan.text[end - 1] != "/":
        end -= 1
    if scan.settings.addresses_twice:
        said = f"{said}, {said}"
    piece = Piece(said, pos, end)
    return scan.doubted("address", piece) if not known_address(body) else piece


@lru_cache(maxsize=512)
def say_address(body: str) -> str:
    """An address without its scheme, in words."""
    body = body.rstrip(_TRAILING)
    if body.lower().startswith("www."):
        body = body[4:]
    host, slash, path = body.partition("/")
    words = " chấm ".join(said for label in host.split(".") if (said := _say_loose(label)))
    ending = _say_loose(path) if slash and len(path) <= LONGEST_PATH else ""
    return f"{words} gạch chéo {ending}".strip() if ending else words


def _say_loose(text: str) -> str:
    slug = _say_slug(text) if "-" in text else ""
    if slug:
        return slug
    out = []
    for run in _RUNS.findall(text):
        if run.isdecimal():
            out.append(say_integer(int(run)) if len(run) <= 2 and run[0] != "0" else say_digits(run))
        elif run[0].isalpha():
            out.append(say_label(run.lower()))
        elif run == ".":
            out.append("chấm")
        else:
            out.append(_SYMBOLS.get(run, ""))
    return " ".join(word for word in out if word)


_SLUG = re.compile(r"[a-z]{2,7}(?:-[a-z]{2,7}){1,9}")


def _say_slug(text: str) -> str:
    """`huong-dan` -> hướng gạch ngang dẫn: the dashes part syllables whose tones the words as a whole tell."""
    lower = text.lower()
    parts = lower.split("-")
    if not _SLUG.fullmatch(lower):
        return ""
    words = say_label(lower.replace("-", "")).split()
    return " gạch ngang ".join(words) if len(words) == len(parts) else ""


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    known = {row["written"]: row["spoken"] for row in read_table("domain_words.csv")}
    for row in read_table("places.csv"):
        name = row["name"].replace("Đắk", "Đắc").replace("Lắk", "Lắc")
        key = toneless(row["name"]).replace(" ", "")
        known.setdefault(key, name.lower())
    return known


@lru_cache(maxsize=1)
def _guesses() -> dict[str, str]:
    """The likeliest marks of a syllable in names of places and offices."""
    words = [word for row in read_table("address_syllables.csv") for word in row["syllables"].split()]
    return {toneless(word): word for word in reversed(words)}


_LONGEST_LABEL = 63
_LONGEST_KNOWN = 27
_LONGEST_SYLLABLE = 7


@lru_cache(maxsize=2048)
def say_label(label: str) -> str:
    """One label of lower-case letters, without dots."""
    whole = _words().get(label)
    if whole:
        return whole
    cut = segment(toneless(label)) if len(label) <= _LONGEST_LABEL else None
    if cut is not None:
        return " ".join(part for part in cut if part)
    if len(label) <= 5:
        return spell(label)
    return respell(label) or spell(label)


def segment(label: str) -> list[str] | None:
    """The cheapest cut of `label` into known words and syllables; letters may be spelled at a price; None: no cut."""
    known, syllables = _words(), toneless_syllables()
    best: list[tuple[float, int, str] | None] = [None] * (len(label) + 1)
    best[0] = (0.0, 0, "")
    for end in range(1, len(label) + 1):
        for start in range(max(0, end - _LONGEST_KNOWN), end):
            before = best[start]
            if before is None:
                continue
            part = label[start:end]
            option = _price(part, known, syllables)
            if option is None:
                continue
            cost = before[0] + option[0]
            here = best[end]
            if here is None or cost < here[0]:
                best[end] = (cost, start, option[1])
    last = best[len(label)]
    if last is None or last[0] > 2.2 * max(1.0, len(label) / 2.5) + 1:
        return None
    out: list[str] = []
    at = len(label)
    while at:
        step = best[at]
        if step is None:
            return None
        out.append(step[2])
        at = step[1]
    return out[::-1]


def _price(part: str, known: dict[str, str], syllables: frozenset[str]) -> tuple[float, str] | None:
    if part in known:
        return (1.0 if len(part) > 4 else 1.6 if len(part) > 2 else 2.2), known[part]
    if len(part) == 1:
        return 3.2, spell(part)
    if len(part) <= 6 and not any(char in "aeiouy" for char in part):
        return 3.4, spell(part)
    if 2 <= len(part) <= _LONGEST_SYLLABLE and part in syllables:
        guess = _guesses().get(part)
        return (2.3 if guess else 2.9) - 0.1 * len(part), guess or toned(part)
    return None


@lru_cache(maxsize=512)
def known_address(body: str) -> bool:
    """Are all its labels made of known words only (then no one need check it)?"""
    host = re.split(r"[/@]", body.lower().removeprefix("www.").rstrip(_TRAILING))
    if "/" in body.rstrip(_TRAILING) and len(body.rstrip(_TRAILING).partition("/")[2]) > LONGEST_PATH:
        return False
    known = _words()
    return all(_covered(label, known) for part in host for label in re.findall(r"[a-z]+", part))


def _covered(label: str, known: dict[str, str]) -> bool:
    if label in known or len(label) <= 4:
        return True
    reach = {0}
    for end in range(1, len(label) + 1):
        if any(start in reach and label[start:end] in known for start in range(max(0, end - _LONGEST_KNOWN), end)):
            reach.add(end)
    return len(label) in reach
