"""Every specimen is read into the JSON beside it. There, a text that ends with "…" is compared only up to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from broadcast.receiving import decode_dispatch, receive

SPECIMENS = Path(__file__).parents[2] / "specimens"
NAMES = sorted(path.stem for path in SPECIMENS.glob("*.json"))


def agreed(expected: Any, read: Any) -> Any:
    """`read`, with each text that the expectation leaves open replaced by the expectation."""
    if isinstance(expected, dict) and isinstance(read, dict):
        return {key: agreed(expected.get(key), value) for key, value in read.items()}
    if isinstance(expected, list) and isinstance(read, list) and len(expected) == len(read):
        return [agreed(one, other) for one, other in zip(expected, read, strict=True)]
    if (
        isinstance(expected, str)
        and expected.endswith("…")
        and isinstance(read, str)
        and read.startswith(expected[:-1])
    ):
        return expected
    return read


@pytest.mark.parametrize("name", NAMES)
def test_a_specimen_is_read_as_expected(name: str) -> None:
    text = decode_dispatch((SPECIMENS / f"{name}.txt").read_bytes(), f"{name}.txt")
    expected = {"obligations": []} | json.loads((SPECIMENS / f"{name}.json").read_text(encoding="utf-8"))
    read = receive(text).model_dump(mode="json")
    assert agreed(expected, read) == expected


def test_there_are_specimens_of_many_forms() -> None:
    assert len(NAMES) >= 12
