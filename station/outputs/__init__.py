"""Where sound goes: a device, nowhere in real time, or files."""

from __future__ import annotations

from pathlib import Path

from station.clock import Clock
from station.errors import StationError
from station.outputs.base import Order, Output, Sounding

__all__ = ["Order", "Output", "Sounding", "open_output"]


def open_output(spec: str, clock: Clock) -> Output:
    """The output that `--output` names: `default`, `null` or `wav:DIR`. Raises StationError for anything else."""
    kind, colon, folder = spec.partition(":")
    if spec == "null":
        from station.outputs.null import NullOutput

        return NullOutput(clock)
    if spec == "default":
        from station.outputs.device import DeviceOutput

        return DeviceOutput(clock)
    if kind == "wav" and colon and folder:
        from station.outputs.wav import WavOutput

        return WavOutput(clock, Path(folder))
    raise StationError(f"Đầu ra âm thanh “{spec}” không có; hãy dùng default, null hoặc wav:THƯ-MỤC.")
