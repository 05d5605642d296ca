"""Is this one Vietnamese syllable? Decided by rule: an onset, a rime of the inventory, at most one tone mark.

Tone marks may stand in the old or the new place (hoà, hòa). A syllable that ends in a stop (c, ch, p, t) carries
sắc or nặng; without a tone it is a slip of the keyboard (`hoc`), which is what staff want to be shown.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ONSETS = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
    "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
)  # fmt: skip

_ALL_RIMES = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oep oet oi om on ong
    ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uên uênh uêu ui um un ung uơ uôc uôi uôm uôn uông uôt up ut
    uy uya uych uyên uyêt uyn uynh uyp uyt uyu
    ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y yêm yên yêng yêt yêu ynh
"""
RIMES = frozenset(_ALL_RIMES.split())
"""Rimes without tone. Glide spellings count as part of the rime; after `qu` and `gi` see `_rime_fits`."""

_AFTER_QU = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt ân âng ât âu ây e en eo et ê êch ên ênh êt êu
    i ich in inh it iu ơ ơi ơn ôc y ych yên yêt ynh yt yp
"""
_QU_RIMES = frozenset(_AFTER_QU.split())

_TONES = {"\u0300": "huyền", "\u0301": "sắc", "\u0303": "ngã", "\u0309": "hỏi", "\u0323": "nặng"}
_BEARS_TONE = frozenset("aeiouy\u0302\u0306\u031b")
"""A tone stands on a vowel, or on the mark that makes another vowel of it."""
_STOPS = ("c", "ch", "p", "t")


def split_tone(word: str) -> tuple[str, str] | None:
    """`word` (NFC, lower case) -> (letters without tone, name of the tone or ""); None where it has two tones."""
    tone = ""
    letters: list[str] = []
    for char in unicodedata.normalize("NFD", word):
        name = _TONES.get(char)
        if name is None:
            letters.append(char)
        elif tone or not letters or letters[-1] not in _BEARS_TONE:
            return None  # ñ, ć, ṭ are no letters of ours
        else:
            tone = name
    return unicodedata.normalize("NFC", "".join(letters)), tone


def _rime_fits(onset: str, rime: str) -> bool:
    if onset == "qu":
        return rime in _QU_RIMES
    if onset == "gi":
        # giếng = gi + iêng with one i written; giặt, giờ = gi + rime; gì, gìn = g + i, in
        return rime in RIMES or "i" + rime in RIMES
    return rime in RIMES


def _parse(letters: str) -> tuple[str, str] | None:
    """(onset, rime) of a toneless syllable, the longest onset that leaves a known rime; None where there is none."""
    for onset in ONSETS:
        if letters.startswith(onset) and _rime_fits(onset, letters[len(onset) :]):
            return onset, letters[len(onset) :]
    return None


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """True where `word`, in any case, can be one written Vietnamese syllable."""
    if not word or len(word) > 8:
        return False
    parted = split_tone(word.lower())
    if parted is None:
        return False
    letters, tone = parted
    found = _parse(letters)
    if found is None:
        return False
    return tone in {"sắc", "nặng"} or not found[1].endswith(_STOPS)


def toneless(text: str) -> str:
    """Lower case without any mark, đ as d: `Tây Ninh` -> `tay ninh`."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return plain.replace("đ", "d")


@lru_cache(maxsize=1)
def toneless_syllables() -> frozenset[str]:
    """Every syllable as it looks in a web address, by rule from the inventory (about 2,400)."""
    out: set[str] = set()
    front = ("e", "ê", "i", "y")
    for onset in ONSETS:
        for rime in _QU_RIMES if onset == "qu" else RIMES:
            soft = rime.startswith(front)
            if (onset in {"c", "g", "ng"} and soft) or (onset in {"k", "gh", "ngh"} and not soft):
                continue
            if onset == "gi" and rime.startswith("i"):
                out.add(toneless("g" + rime))
                continue
            out.add(toneless(onset + rime))
    return frozenset(out)


@lru_cache(maxsize=1)
def _likeliest() -> dict[str, str]:
    """Toneless form -> a syllable it may stand for, with as few marks as it can have; *ươ* before *uô*."""
    acute = str.maketrans("aăâeêioôơuưy", "áắấéếíóốớúứý")
    found: dict[str, str] = {}
    for onset in ONSETS:
        for rime in sorted(_QU_RIMES if onset == "qu" else RIMES, key=lambda r: ("ươ" not in r, r)):
            core = rime.rstrip("chmngpt") if rime.endswith(_STOPS) else ""
            toned_rime = rime[: len(core) - 1] + core[-1].translate(acute) + rime[len(core) :] if core else rime
            key, syllable = toneless(onset + rime), onset + toned_rime
            if is_syllable(syllable) and (key not in found or syllable == key):
                found[key] = syllable
    return found


def toned(part: str) -> str:
    """A toneless syllable (one of `toneless_syllables`) as a syllable that can be said: `hoc` -> hóc."""
    return part if is_syllable(part) else _likeliest().get(part, part)
