"""What everybody types by accident: marks in any company, and slips in sentences that are right.

Random characters seldom make two brackets with something between them; these strategies do little else.
"""

from __future__ import annotations

import csv
import json
from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st

CASES = Path(__file__).parents[2] / "cases"
MARKS = "()[]{}<>\"'“”‘’«»-–—_&/\\.,;:!?…*#+=~^%°|@$€²³½×÷→±≥≤•●►✅🎉"
_PARTICLES = (
    "là", "và", "từ", "đến", "ngày", "tháng", "năm", "số", "thứ", "giờ", "gọi", "viết tắt là", "gọi tắt là", "của",
    "khoản", "điều", "tổ", "ấp", "thửa", "đường", "xã", "kỳ", "quý", "lớp", "cấp", "âm lịch", "mùng", "ông", "xe",
    "tuổi", "mã", "tỷ lệ", "máu nhóm", "nghị định", "cháy", "sâu tuổi", "y/c", "V/v", "Nơi nhận:", "đ/c", "kèm theo",
)  # fmt: skip
_CODES = (
    "UBND", "QĐ", "NĐ", "KH", "TT", "TP", "ĐT", "CN", "T7", "KP", "Km", "QL", "ĐH", "SN", "NH", "HT", "m2", "km/h",
    "kg", "đ", "tr", "h", "p", "ha", "%", "XIV", "VNĐ", "ÂL", "THCS", "QĐ-UBND", "NQ/TW", "vn", "http://", "a@b",
)  # fmt: skip
_NUMBERS = (
    "0",
    "1",
    "2",
    "5",
    "05",
    "10",
    "12",
    "30",
    "31",
    "99",
    "113",
    "115",
    "1022",
    "2025",
    "1.000",
    "2,5",
    "0276",
)
MARK_RUNS = st.text(st.sampled_from(MARKS), min_size=1, max_size=6)
_ATOMS = st.one_of(
    MARK_RUNS,
    st.sampled_from(_PARTICLES),
    st.sampled_from(_CODES),
    st.sampled_from(_NUMBERS),
    st.integers(0, 10**12).map(str),
    st.sampled_from("ABCDĐEGHKLMNOPQRSTUVXY"),
    st.sampled_from("abcdđeghiklmnopqrstuvxyñćṭ"),
    st.sampled_from(["", " ", "  ", "\n", "\t", "\u00a0"]),
)
GLUED = st.lists(st.tuples(_ATOMS, st.sampled_from(["", "", " "])), max_size=16).map(
    lambda parts: "".join(atom + glue for atom, glue in parts)
)
"""Marks, numbers, short forms and particles, most without a space between them."""
_PAIRS = st.sampled_from(["()", "[]", "{}", '""', "“”", "''", "<>", "**", "--", "//", "( )", '("")', "(viết tắt là )"])
ENCLOSED = st.lists(
    st.tuples(st.sampled_from(["", "Địa điểm: ", "Trung tâm Y tế ", "ngày ", "số "]), _PAIRS, GLUED), max_size=4
).map(lambda parts: " ".join(f"{lead}{pair[:-1]}{inner}{pair[-1]}" for lead, pair, inner in parts))
"""Anything between a pair of marks."""


@lru_cache(maxsize=1)
def written_cases() -> tuple[str, ...]:
    """Every text of the tables of cases."""
    out: list[str] = []
    for table in sorted((CASES / "reading").glob("*.tsv")):
        with table.open(encoding="utf-8", newline="") as lines:
            out.extend(row["written"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    for written in sorted(CASES.glob("independent_*.json")):
        out.extend(case["text"] for case in json.loads(written.read_text(encoding="utf-8"))["cases"])
    return tuple(out)


_SLIPS = st.tuples(
    st.sampled_from(["drop", "double", "replace", "insert", "cut", "swap"]),
    st.integers(0, 10_000),
    st.one_of(st.sampled_from(MARKS), st.sampled_from(" \n0159AĐHKPTXahmđ"), st.characters()),
)


def _slipped(text: str, slips: list[tuple[str, int, str]]) -> str:
    for what, where, char in slips:
        at = where % (len(text) + 1)
        if what == "drop":
            text = text[:at] + text[at + 1 :]
        elif what == "double":
            text = text[:at] + text[at : at + 1] * 2 + text[at + 1 :]
        elif what == "replace":
            text = text[:at] + char + text[at + 1 :]
        elif what == "insert":
            text = text[:at] + char + text[at:]
        elif what == "cut":
            text = text[at:] if where % 2 else text[:at]
        else:
            text = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
    return text


SLIPPED = st.builds(
    _slipped, st.deferred(lambda: st.sampled_from(written_cases())), st.lists(_SLIPS, min_size=1, max_size=6)
)
"""A case as it would come from a careless keyboard."""
