"""The sound of a file of a known kind, in pieces. A few bad packets are passed over, a damaged file is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from audio.measuring import Sound
from broadcast.errors import Invalid, TooLarge

SLOWEST_HZ, FASTEST_HZ = 4_000, 384_000  # beyond these a file is no sound, and takes minutes to bring to our rate
_MAY_MISS_S = 0.5  # coders pad the end; more than this missing is a file cut short
_LEAST_DECODED = 0.9  # of what a file says it holds, whatever stands behind its last sound
_MOST_LOST = 0.02  # of the packets
_MOST_LOST_AT_ONCE_S = 3.0
_ALWAYS_FORGIVEN = 3  # packets: one in a chime of a second is more than two in a hundred
_LARGEST_TABLE = 256  # bytes in which the first frame of an MP3 says how many follow, where it does
_OPTIONS = {"protocol_whitelist": "file"}
_USUAL_PACKET_S = 0.026  # of MP3, for packets that do not say how long they are


def decoded(
    path: Path, name: str, kind: str, sample_rate: int, longest_min: float, tell: Callable[[float], None]
) -> Iterator[Sound]:
    """Pieces of mono sound. The length a file declares is checked before, and at the end against what came.

    `kind` is FFmpeg's name of the container, `name` is for people. Raises Invalid and TooLarge.
    """
    import av

    length, declared_s, packets = 0, 0.0, _Packets(name)
    try:
        # Old Vietnamese tags are TCVN3 or CP1258: what they say does not matter here.
        with av.open(str(path), format=kind, options=_OPTIONS, metadata_errors="ignore") as container:
            stream = _only_sound(container, name)
            declared_s = _refuse_long(container, stream, name, longest_min)
            for piece in _gathered(_at_one_rate(packets.frames(container, stream), sample_rate, name), sample_rate):
                length += len(piece)
                if length > longest_min * 60 * sample_rate:
                    raise _too_long(name, longest_min)
                tell(min(1.0, length / sample_rate / declared_s) if declared_s else 0.0)
                yield piece
    except av.error.PatchWelcomeError as changed:
        raise Invalid(
            f"Tệp {name} ghép từ nhiều đoạn khác tần số hoặc số kênh. Hãy xuất lại thành một đoạn WAV hoặc MP3.",
            field="sound",
        ) from changed
    except (av.error.FFmpegError, ValueError, OverflowError) as failed:
        raise _damaged(name) from failed
    if not length:
        raise _damaged(name) if packets.lost else Invalid(f"Tệp {name} không có âm thanh.", field="sound")
    if kind == "mp3":
        declared_s = _mp3_s(path, packets.rate, length / sample_rate, packets)
    _refuse_cut(name, length / sample_rate, declared_s, packets)


def refuse_declared(path: Path, name: str, kind: str, longest_min: float) -> None:
    """Raises what `decoded` raises before the first sample: no sample is decoded, however large the file is."""
    import av

    try:
        with av.open(str(path), format=kind, options=_OPTIONS, metadata_errors="ignore") as container:
            _refuse_long(container, _only_sound(container, name), name, longest_min)
    except (av.error.FFmpegError, ValueError, OverflowError) as failed:
        raise _damaged(name) from failed


def _refuse_long(container: Any, stream: Any, name: str, longest_min: float) -> float:
    """The length that the file says it has. Raises TooLarge."""
    declared_s = _declared_s(container, stream)
    if declared_s > longest_min * 60:
        raise _too_long(name, longest_min)
    return declared_s


def _only_sound(container: Any, name: str) -> Any:
    """The stream of sound. Raises Invalid where there is none, where there is a film, and for absurd rates."""
    from av.stream import Disposition

    if not container.streams.audio:
        raise Invalid(f"Tệp {name} không có âm thanh.", field="sound")
    if any(not stream.disposition & Disposition.attached_pic for stream in container.streams.video):
        raise film(name)
    stream = container.streams.audio[0]
    _refuse_rate(stream.rate, name)
    return stream


class _Packets:
    """What is decoded of a stream, and how much of it could not be."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._all = 0
        self.lost = 0
        self.lost_s = 0.0
        """Between sounds; what stands behind the last one does not count."""
        self.end: int | None = None
        """The byte behind the last packet that had sound."""
        self.rate = 0
        """Of the beginning, in Hz."""

    def frames(self, container: Any, stream: Any) -> Iterator[Any]:
        """Every frame there is. Raises Invalid where too much is lost."""
        import av

        row, row_s = 0, 0.0
        self.rate = stream.rate
        for packet in container.demux(stream):
            self._all += packet.size > 0
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                row += 1
                row_s += float(packet.duration * packet.time_base) if packet.duration else _USUAL_PACKET_S
                continue
            if frames:
                self._count(row, row_s)
                row, row_s = 0, 0.0
                if packet.size and packet.pos is not None:
                    self.end = packet.pos + packet.size
            yield from frames
        self.lost += row
        if self.lost - row > max(_ALWAYS_FORGIVEN, _MOST_LOST * self._all):
            raise _damaged(self._name)

    def _count(self, lost: int, lost_s: float) -> None:
        self.lost += lost
        self.lost_s += lost_s
        if lost_s > _MOST_LOST_AT_ONCE_S:
            raise _damaged(self._name)


def _at_one_rate(frames: Iterator[Any], sample_rate: int, name: str) -> Iterator[Any]:
    """The frames as mono at `sample_rate`, also where the rate or the number of channels changes on the way."""
    import av

    resampler, kind = None, None
    for frame in frames:
        if (found := (frame.sample_rate, frame.format.name, frame.layout.name)) != kind:
            _refuse_rate(frame.sample_rate, name)
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, kind = av.AudioResampler("fltp", "mono", sample_rate), found
        assert resampler is not None
        frame.pts = None  # of a file put together from two, they would jump back
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)


def _gathered(frames: Iterator[Any], sample_rate: int) -> Iterator[Sound]:
    """Decoded frames, some hundredths of a second each, as pieces of at least two seconds; what is no number is 0."""
    waiting: list[Sound] = []
    samples = 0
    for frame in frames:
        waiting.append(frame.to_ndarray()[0])
        samples += frame.samples
        if samples >= 2 * sample_rate:
            yield _numbers(waiting)
            waiting, samples = [], 0
    if samples:
        yield _numbers(waiting)


def _numbers(pieces: list[Sound]) -> Sound:
    return np.nan_to_num(np.concatenate(pieces), copy=False, nan=0.0, posinf=1.0, neginf=-1.0)


def _refuse_cut(name: str, decoded_s: float, declared_s: float, packets: _Packets) -> None:
    """Raises Invalid where sound is missing."""
    missing_s = declared_s - decoded_s
    if missing_s > _MAY_MISS_S + packets.lost_s or decoded_s < _LEAST_DECODED * declared_s - _MAY_MISS_S:
        raise Invalid(
            f"Tệp {name} bị cắt cụt: ghi là {declared_s:.0f} giây nhưng chỉ có {decoded_s:.0f} giây.", field="sound"
        )


def _mp3_s(path: Path, rate: int, decoded_s: float, packets: _Packets) -> float:
    """How long an MP3 says it is. FFmpeg guesses that from the bytes, tags and zeros behind the sound included."""
    with path.open("rb") as source:
        head = source.read(10)
        if head[:3] == b"ID3":
            source.seek(10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)))
        else:
            source.seek(0)
        first = source.read(_LARGEST_TABLE)
    for mark, at in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        place = first.find(mark)
        if place >= 0 and (mark == b"VBRI" or first[place + 7] & 1):
            frames = int.from_bytes(first[place + at : place + at + 4], "big")
            return frames * (1152 if rate >= 32_000 else 576) / rate
    # Without a table, half a file of zeros is half a recording: what has sound stands for what is there.
    end, size = packets.end, path.stat().st_size
    return decoded_s * size / end if end and end < _LEAST_DECODED * size else decoded_s


def _refuse_rate(rate: int, name: str) -> None:
    if not SLOWEST_HZ <= rate <= FASTEST_HZ:
        raise Invalid(
            f"Tệp {name} có tần số lấy mẫu {rate} Hz, không phải của âm thanh nghe được. "
            "Hãy xuất lại tệp với 44 100 Hz hoặc 48 000 Hz.",
            field="sound",
        )


def _declared_s(container: Any, stream: Any) -> float:
    """The length that the file says it has; 0 where it says none."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration is not None else 0.0


def film(name: str) -> Invalid:
    """What is said of a moving picture."""
    return Invalid(f"Tệp {name} là phim (video), cần xuất riêng phần âm thanh.", field="sound")


def _damaged(name: str) -> Invalid:
    return Invalid(f"Tệp {name} bị hỏng hoặc bị cắt cụt, không giải mã được.", field="sound")


def _too_long(name: str, longest_min: float) -> TooLarge:
    return TooLarge(f"Tệp {name} dài hơn {longest_min:g} phút.", field="sound")
