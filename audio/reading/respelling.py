"""A foreign word for a Vietnamese mouth: what a Vietnamese reader makes of it, sound by sound.

Clusters are parted by *ờ*, final sounds become the nearest of c, ch, m, n, ng, nh, p, t.
"""

from __future__ import annotations

import re
from functools import lru_cache

from audio.reading.letters import spell
from audio.reading.syllables import is_syllable, toneless

_DOUBLED = re.compile(r"([^\Waeiouy])\1")
_SOFT_C = re.compile(r"c(?=[eiy])")
_SILENT_E = re.compile(r"(?<=.)([aeiouy](?:[bcdfgklmnprstvxz]|ck|ph|th|qu))e$")
"""`amlodipine`, `blade`: the e behind the last consonant is not said."""
_CHUNKS = re.compile(r"ngh|ch|gh|kh|ng|nh|ph|qu|th|tr|sh|[bcdfghjklmnpqrstvwxz]|[aeiouy]+")
_CAMEL = re.compile(r"[A-ZĐ]?[^\WA-Z\d_]+|[A-ZĐ]+(?![a-z])|.")
_ONSETS = {"f": "ph", "j": "gi", "q": "c", "z": "d", "sh": "s", "d": "đ"}
_VOWELS = {
    "o": "ô", "y": "i", "ee": "i", "oo": "u", "ea": "i", "ou": "u", "ai": "ai", "ay": "ây", "ei": "ây", "ey": "ây",
    "au": "ao", "aw": "o", "oa": "oa", "oi": "oi", "oy": "oi", "ie": "i", "ue": "u", "ui": "ui", "eu": "êu", "ow": "âu",
    "ao": "ao", "oe": "oe", "ae": "ê", "aa": "a", "ii": "i", "uu": "u",
}  # fmt: skip
"""A letter that is not here stands for itself, two of them have a syllable each."""
_CODAS = {
    "b": "p", "c": "c", "d": "t", "f": "p", "g": "c", "k": "c", "kh": "c", "l": "n", "m": "m", "n": "n", "ng": "ng",
    "nh": "nh", "p": "p", "ph": "p", "q": "c", "s": "t", "sh": "t", "t": "t", "th": "t", "tr": "t", "v": "p", "x": "c",
    "z": "t", "ch": "ch",
}  # fmt: skip
"""A final that is not here is silent."""
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


def respell_name(word: str) -> str:
    """`H'Linh` -> hờ linh: a consonant before an apostrophe has a syllable of its own."""
    head, mark, rest = word.partition("'")
    if mark and len(head) == 1 and head.isalpha() and toneless(head) in "bcdfghjklmnpqrstvwxz":
        return f"{_onset(toneless(head), 'ờ')}ờ {(rest.lower() if is_syllable(rest) else respell(rest))}".strip()
    return respell(word)


def _has_vowel(word: str) -> bool:
    return any(char in "aeiouy" for char in toneless(word))


def _sounds(word: str) -> list[str]:
    """Consonants and vowels in turn -> syllables."""
    chunks = _CHUNKS.findall(_SILENT_E.sub(r"\1", _SOFT_C.sub("x", _DOUBLED.sub(r"\1", word))))
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
    return _ONSETS.get(chunk, chunk)


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
