"""What a measure gives: pairs of seconds (or bytes), ours and bare, each pair taken one right after the other."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ratios:
    """One measure on one ground. A ratio is ours over bare within a pair: a busy machine is busy for both."""

    name: str
    ground: str
    """What it ran on: `sqlite`, `postgresql`, a text."""
    pairs: tuple[tuple[float, float], ...]
    """Seconds (or bytes) of ours and of the bare work."""
    limit: float | None = None
    """The median must not be above; None where no limit is stated."""
    unit: str = "s"
    """What the pairs count: `s`, or `bytes`."""

    @property
    def ratios(self) -> list[float]:
        return sorted(ours / bare for ours, bare in self.pairs)

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)

    @property
    def broken(self) -> bool:
        return self.limit is not None and self.median > self.limit

    def as_json(self) -> dict[str, Any]:
        """For machines: ratios, and the medians behind them."""
        return {
            "name": self.name,
            "ground": self.ground,
            "pairs": len(self.pairs),
            "min": round(self.ratios[0], 3),
            "median": round(self.median, 3),
            "max": round(self.ratios[-1], 3),
            f"ours_{self.unit}": round(statistics.median(ours for ours, _ in self.pairs), 5),
            f"bare_{self.unit}": round(statistics.median(bare for _, bare in self.pairs), 5),
            "limit": self.limit,
            "within": not self.broken,
        }
