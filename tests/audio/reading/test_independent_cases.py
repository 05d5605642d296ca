"""Sentences and their readings that people wrote before they had seen a rule of the reader; mended since, held here.

What the reader made of them at first try is told in docs/bench.md, under "Reading of what nobody here had seen".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.reading import read_aloud
from tests.audio.reading.templates import allows

SETS = Path(__file__).parents[2] / "cases"


def cases() -> Iterator[object]:
    for written in sorted(SETS.glob("independent_*.json")):
        for case in json.loads(written.read_text(encoding="utf-8"))["cases"]:
            yield pytest.param(case["text"], case["accept"], id=case["id"])


@pytest.mark.parametrize(("text", "accept"), list(cases()))
def test_what_others_wrote_is_said_in_a_way_they_allow(text: str, accept: list[str]) -> None:
    spoken = read_aloud(text).text
    assert any(allows(template, spoken) for template in accept), f"{spoken!r} is none of {accept}"


def test_every_case_allows_the_reading_it_prefers_and_not_what_is_written() -> None:
    for written in SETS.glob("independent_*.json"):
        found = json.loads(written.read_text(encoding="utf-8"))["cases"]
        assert len(found) >= 100
        assert len({case["id"] for case in found}) == len({case["text"] for case in found}) == len(found)
        for case in found:
            assert any(allows(template, case["preferred"]) for template in case["accept"]), case["id"]
