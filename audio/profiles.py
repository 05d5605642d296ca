"""Sound profiles: equaliser and compressor settings as data, and their application by PyAV in this process."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from audio.measuring import Sound
from broadcast.errors import ConfigurationError

DEFAULT = "gentle"


@dataclass(frozen=True, slots=True)
class Profile:
    """FFmpeg audio filters in order, as (name, arguments). None of them may change length or rate."""

    name: str
    label_vi: str
    filters: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """Every shipped profile by its name; `bypass` has no filters."""
    table = tomllib.loads(files("audio").joinpath("profiles.toml").read_text("utf-8"))
    found = [
        Profile(row["name"], row["label_vi"], tuple((name, arguments) for name, arguments in row["filters"]))
        for row in table["profile"]
    ]
    return {profile.name: profile for profile in found}


def profile_named(name: str) -> Profile:
    """Raises ConfigurationError, naming those there are."""
    known = profiles()
    if name not in known:
        raise ConfigurationError(f"Không có kiểu âm thanh “{name}”. Hiện có: {', '.join(known)}.", field="profile")
    return known[name]


def shaped(sound: Sound, sample_rate: int, profile: Profile) -> Sound:
    """`sound` after the profile's filters, as long as before."""
    if not profile.filters or not len(sound):
        return sound
    import av
    import av.filter

    graph = av.filter.Graph()
    last = graph.add(
        "abuffer",
        sample_rate=str(sample_rate),
        sample_fmt="fltp",
        channel_layout="mono",
        time_base=f"1/{sample_rate}",
    )
    for name, arguments in profile.filters:
        added = graph.add(name, arguments)
        last.link_to(added)
        last = added
    last.link_to(graph.add("abuffersink"))
    graph.configure()
    out = np.empty_like(sound)
    filled = 0
    for start in [*range(0, len(sound), sample_rate), None]:
        if start is None:
            graph.push(None)
        else:
            frame = av.AudioFrame.from_ndarray(sound[None, start : start + sample_rate], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = sample_rate, start
            graph.push(frame)
        while True:
            try:
                piece = graph.pull().to_ndarray()[0]
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            out[filled : filled + len(piece)] = piece
            filled += len(piece)
    if filled != len(sound):
        raise ConfigurationError(f"Kiểu âm thanh “{profile.name}” làm thay đổi độ dài, không dùng được.")
    return out
