"""Stations and stand-in servers that end with their test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.station.bench import Bench, bench_in
from tests.station.standin import StandIn, serving


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path) as bench:
        yield bench


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with serving(StandIn()) as stand_in:
        yield stand_in
