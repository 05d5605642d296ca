"""Does an entry of the lexicon hold where it was found? What stands beside it, in its sentence, and the topic tell."""

from __future__ import annotations

import re

from audio.reading.lexicon import Entry
from audio.reading.roman import roman_value
from audio.reading.scan import OF_PERSON, Scan
from audio.reading.syllables import is_syllable
from audio.reading.topics import topics_of

LETTER_AND_DOT = 2
ABOUT = 4_000
"""Characters from the beginning that tell what a whole text is about."""
_ENDS_THERE = re.compile(r"\s*$|\s*[;)]")
_SITE = re.compile(r"\.(?:com|vn|net|org|gov|edu|me|io)\b|@")
_WORDS = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.;!?]\s")
_PLATE = re.compile(r"\d{2}[A-ZĐ]{1,2}\d?")
_FOLLOWING = re.compile(r"[^\W_]+(?:[ \-&][^\W_]+){0,2}")
_CLAUSE_END = re.compile(r"\s*(?:[;:!?),]|\.?\s*$)")
_SENTENCE_ENDED = re.compile(r"[.;]\s+$")
NEXT = re.compile(r"[\s(.\"“]{0,3}([^\W_]+)")


def holds(scan: Scan, pos: int, end: int, entry: Entry) -> bool:
    """Is `text[pos:end]`, as long as `entry` is written, that entry?"""
    written = scan.text[pos:end]
    if entry.any_case:
        if written.lower() != entry.written.lower():
            return False
    elif written != entry.written:
        return False
    if entry.written[-1].isalnum() and scan.char(end).isalnum():
        return False
    if not entry.staff and (_is_plain_word(scan, entry) or _is_something_else(scan, end, entry)):
        return False
    return _context_holds(scan, pos, end, entry)


def _is_something_else(scan: Scan, end: int, entry: Entry) -> bool:
    """`Sở TP.` at the end of a sentence is no `TP.` before a name; `facebook.com` is an address."""
    if entry.any_case:
        return bool(_SITE.match(scan.text, end, scan.end))
    short = entry.written.endswith(".") and entry.kind in {"place", "title"}
    if len(entry.written) == LETTER_AND_DOT and short and OF_PERSON.search(scan.tail(end - LETTER_AND_DOT)):
        return True
    return short and bool(_ENDS_THERE.match(scan.text, end, scan.end))


def _is_plain_word(scan: Scan, entry: Entry) -> bool:
    """In a heading of capitals `CA`, `BAN` are words, unless the entry could not be one or asks for what is beside."""
    bare = not entry.any_case and not entry.before and not entry.after
    return scan.capitals and bare and entry.written.isupper() and is_syllable(entry.written)


def _context_holds(scan: Scan, pos: int, end: int, entry: Entry) -> bool:
    return (
        _holds_before(scan, pos, entry.before)
        and _holds_after(scan, end, entry.after)
        and (not entry.near or _holds_near(scan, pos, end, entry.near))
    )


def _holds_near(scan: Scan, pos: int, end: int, near: frozenset[str]) -> bool:
    """Does one of the words stand in the sentence, or is it (or else the text) about one of the topics?"""
    before = _SENTENCE_END.split(scan.text[max(scan.start, pos - 160) : pos])[-1]
    after = _SENTENCE_END.split(scan.text[end : min(scan.end, end + 160)], maxsplit=1)[0]
    sentence = f" {' '.join(_WORDS.findall(f'{before} {after}'.lower()))} "
    if any(f" {word} " in sentence for word in near):
        return True
    topics = {word[1:] for word in near if word.startswith("@")}
    return bool(topics) and not topics.isdisjoint(topics_of(f"{before} {after}") or topics_of(scan.text[:ABOUT]))


def _holds_before(scan: Scan, pos: int, before: frozenset[str]) -> bool:
    if not before:
        return True
    tail = scan.tail(pos, 40)
    bare = tail.rstrip(' .,(:\t\n-–"“')
    if ("#" in before and bare[-1:].isdecimal() and not _SENTENCE_ENDED.search(tail)) or (
        "<start>" in before and not bare
    ):
        return True
    return any(bare.endswith(word) and not (word[0].isalnum() and bare[: -len(word)][-1:].isalnum()) for word in before)


def _holds_after(scan: Scan, end: int, after: frozenset[str]) -> bool:
    if not after:
        return True
    if after == {"."}:
        return scan.char(end) == "." and scan.text[end + 1 : end + 3].strip()[:1].isalnum()
    following = NEXT.match(scan.text, end, scan.end)
    if not following or _CLAUSE_END.match(scan.text, end, scan.end):
        return "<end>" in after or (":" in after and scan.text[end : end + 2].strip()[:1] == ":")
    if not after.isdisjoint(_kinds_of(following[1])):
        return True
    phrase = _FOLLOWING.match(scan.text, following.start(1), scan.end)
    words = phrase[0].lower().replace("-", " ").split() if phrase else []
    if words and words[0].partition("&")[0] in after:
        return True  # NS&VSMT: the first of two fields tells
    return any(" ".join(words[:size]) in after for size in range(1, len(words) + 1))


def _kinds_of(word: str) -> list[str]:
    """The signs of the tables that `word` answers to."""
    if _PLATE.fullmatch(word):
        return ["#", "plate"]
    if word[0].isdecimal():
        return ["#", "###"] if len(word) == 3 and word.isdecimal() else ["#"]
    if word.isupper() and len(word) > 1:
        return ["ABC", "IVX"] if roman_value(word) else ["ABC"]
    if word[0].isupper():
        return ["Abc", "IVX"] if roman_value(word) else ["Abc"]
    return ["abc"]
