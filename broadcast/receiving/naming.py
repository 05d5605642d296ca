"""Names of units and bodies as a sentence writes and an announcer says them."""

from __future__ import annotations

import re

from broadcast.receiving.bodies import is_capitals

UNIT_KINDS = ("xã", "phường", "thị trấn", "huyện", "quận", "thị xã", "thành phố", "tỉnh", "đặc khu")
_UNIT_KIND = rf"(?:{'|'.join(UNIT_KINDS)})"
# Names that keep their capitals inside the name of a body.
_PROPER_NAMES = (
    "Việt Nam", "Mặt trận Tổ quốc", "Phụ nữ", "Cựu chiến binh", "Nông dân", "Chữ thập đỏ", "Covid-19",
    "Hồ Chí Minh", "Hà Nội", "Liên hiệp", "Cộng sản",
)  # fmt: skip
_PROPER = {name.lower(): name for name in _PROPER_NAMES}
_PROPER_NAME = re.compile(rf"(?<!\w)(?:{'|'.join(_PROPER_NAMES)})(?!\w)", re.IGNORECASE)
_VOWEL = re.compile("[^BCDĐGHKLMNPQRSTVXFJWZ]")


def spoken_unit(name: str) -> str:
    """A unit's name as it stands inside a sentence: "UBND Xã Tân Hội" is "xã Tân Hội"."""
    bare = re.sub(r"^(?:UBND|[ỦU][ỷy] ban nhân dân)\s+", "", " ".join(name.split()), flags=re.IGNORECASE)
    bare = in_small_letters(bare) if is_capitals(bare) else bare
    return re.sub(rf"^{_UNIT_KIND}(?=\s)", lambda kind: kind[0].lower(), bare, flags=re.IGNORECASE)


def in_small_letters(name: str) -> str:
    """A body's name in capitals as a sentence writes it: "UBND HUYỆN LÂM HẠ" is "Ủy ban nhân dân huyện Lâm Hạ"."""
    if not is_capitals(name):
        return name
    written = re.sub(r"(?<!\w)UBND(?!\w)", "ỦY BAN NHÂN DÂN", name)
    # A word without a vowel is an abbreviation (HĐND) and keeps its capitals.
    words = re.sub(r"[^\W\d_]+", lambda word: word[0].lower() if _VOWEL.search(word[0]) else word[0], written)
    words = re.sub(
        rf"(?<!\w)({_UNIT_KIND})((?:\s+(?!{_UNIT_KIND}\s)[^\s,;]+)+)",
        lambda m: m[1] + re.sub(r"(?<=\s)\w", lambda c: c[0].upper(), m[2]),
        words,
    )
    words = re.sub(
        r"(?<!\w)(phòng|sở|(?<!ủy )(?<!uỷ )ban|trung tâm|bộ|và|-|hội|chi cục|cục)\s+(\w)",
        lambda m: f"{m[1]} {m[2].upper()}",
        words,
        flags=re.IGNORECASE,
    )
    words = _PROPER_NAME.sub(lambda name: _PROPER[name[0].lower()], words)
    words = re.sub(r", (?:thể thao|thông tin|thương binh)(?!\w)", lambda m: f", {m[0][2].upper()}{m[0][3:]}", words)
    return words[:1].upper() + words[1:]
