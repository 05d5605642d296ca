"""Sound profiles: equaliser and compressor settings as data, and their application by PyAV in this process."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

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


class Filtering:
    """A profile's filters for sound that comes in pieces; as much comes out as went in, some of it a little later."""

    def __init__(self, profile: Profile, sample_rate: int) -> None:
        self._profile = profile
        self._rate = sample_rate
        self._graph: Any = _graph(profile, sample_rate) if profile.filters else None
        self._in = self._out = 0

    def push(self, sound: Sound) -> Sound:
        """What is ready after `sound` has gone in."""
        if self._graph is None or not len(sound):
            return sound
        import av

        frame = av.AudioFrame.from_ndarray(sound[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = self._rate, self._in
        self._in += len(sound)
        self._graph.push(frame)
        return self._pulled()

    def finish(self) -> Sound:
        """The rest. Raises ConfigurationError for a profile that changed the length."""
        if self._graph is None:
            return np.zeros(0, np.float32)
        self._graph.push(None)
        rest = self._pulled()
        if self._out != self._in:
            raise ConfigurationError(f"Kiểu âm thanh “{self._profile.name}” làm thay đổi độ dài, không dùng được.")
        return rest

    def _pulled(self) -> Sound:
        import av

        pieces: list[Sound] = []
        while True:
            try:
                pieces.append(self._graph.pull().to_ndarray()[0])
            except (av.error.BlockingIOError, av.error.EOFError):
                break
        self._out += sum(map(len, pieces))
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def shaped(sound: Sound, sample_rate: int, profile: Profile) -> Sound:
    """`sound` after the profile's filters, as long as before."""
    if not profile.filters or not len(sound):
        return sound
    filtering = Filtering(profile, sample_rate)
    pieces = [filtering.push(sound[start : start + sample_rate]) for start in range(0, len(sound), sample_rate)]
    return np.concatenate([*pieces, filtering.finish()])


def _graph(profile: Profile, sample_rate: int) -> Any:
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
    return graph
