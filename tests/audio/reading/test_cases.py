"""The tables: what is written, what is to be said, and why. Case and marks do not count, the words do."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.reading import read_aloud

TABLES = Path(__file__).parents[2] / "cases" / "reading"
SHARED = Path(__file__).parents[4] / "shared" / "cases"


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())


def rows() -> Iterator[object]:
    for table in sorted(TABLES.glob("*.tsv")):
        with table.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                name = f"{table.stem}: {row['written'][:40]}"
                yield pytest.param(row["written"], row["said"], row["why"], id=name)


@pytest.mark.parametrize(("written", "said", "why"), list(rows()))
def test_what_is_written_is_said_as_an_announcer_says_it(written: str, said: str, why: str) -> None:
    assert words_of(read_aloud(written).text) == words_of(said), why


def test_the_tables_hold_several_hundred_cases_and_each_says_why() -> None:
    found = list(rows())
    assert len(found) >= 300
    assert all(param.values[2] for param in found)  # type: ignore[attr-defined]


@pytest.mark.skipif(not (SHARED / "reading.json").exists(), reason="the known cases are not beside the repository")
def test_the_known_cases_are_all_right() -> None:
    spec = importlib.util.spec_from_file_location("reading_match", SHARED / "reading_match.py")
    assert spec is not None
    assert spec.loader is not None
    match = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(match)
    cases = json.loads((SHARED / "reading.json").read_text(encoding="utf-8"))["cases"]
    right, total, _, wrong = match.score(lambda text: read_aloud(text).text, cases)
    assert wrong == []
    assert right == total == len(cases)
