"""Voice files for tests, made on the spot: a few hundred bytes with Piper's interface, one tone a phoneme.

ONNX is protocol buffers, and a graph of eight nodes needs only the handful of fields written here.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SAMPLE_RATE = 22050
_FLOAT, _INT64 = 1, 7  # ONNX's numbers for element types
_SAMPLES_A_PHONEME = 900  # with the pads between them about a third of a second a syllable


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _node(kind: str, inputs: Iterable[str], output: str, **integers: int) -> bytes:
    attributes = b"".join(
        _field(5, _field(1, name) + _field(3, value) + _field(20, 2)) for name, value in integers.items()
    )
    named = b"".join(_field(1, name) for name in inputs)
    return _field(1, named + _field(2, output) + _field(4, kind) + attributes)


def _constant(name: str, shape: Iterable[int], kind: int, raw: bytes) -> bytes:
    sizes = b"".join(_field(1, size) for size in shape)
    return _field(5, sizes + _field(2, kind) + _field(8, name) + _field(9, raw))


def _value(number: int, name: str, kind: int, *sizes: str | int) -> bytes:
    shape = b"".join(_field(1, _field(1, size) if isinstance(size, int) else _field(2, size)) for size in sizes)
    return _field(number, _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape))))


def onnx(
    *, amplitude: float = 0.4, samples_a_phoneme: int = _SAMPLES_A_PHONEME, symbols: int = 1024, sid: bool = False
) -> bytes:
    """A voice: each phoneme's number makes a tone of its own. An endless `amplitude` makes sound that is none."""
    ramp = struct.pack(f"<{samples_a_phoneme}f", *(at / SAMPLE_RATE for at in range(samples_a_phoneme)))
    pitches = struct.pack(f"<{symbols}f", *(6.2832 * (150 + each % 200) for each in range(symbols)))
    nodes = (
        _node("Gather", ["pitches", "input"], "hertz", axis=0)  # a number beyond the table is an error, as in Piper
        + _node("Reshape", ["hertz", "column"], "tall")
        + _node("MatMul", ["tall", "ramp"], "phase")
        + _node("Sin", ["phase"], "wave")
        + _node("Mul", ["wave", "amplitude"], "loud")
        + _node("Reshape", ["loud", "flat"], "output")
    )
    graph = (
        nodes
        + _field(2, "tiny")
        + _constant("pitches", [symbols], _FLOAT, pitches)
        + _constant("ramp", [1, samples_a_phoneme], _FLOAT, ramp)
        + _constant("amplitude", [], _FLOAT, struct.pack("<f", amplitude))
        + _constant("column", [2], _INT64, struct.pack("<2q", -1, 1))
        + _constant("flat", [4], _INT64, struct.pack("<4q", 1, 1, 1, -1))
        + _value(11, "input", _INT64, "batch", "phonemes")
        + _value(11, "input_lengths", _INT64, "batch")
        + _value(11, "scales", _FLOAT, 3)
        + (_value(11, "sid", _INT64, "batch") if sid else b"")
        + _value(12, "output", _FLOAT, 1, 1, 1, "samples")
    )
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))


def config(**changed: Any) -> dict[str, Any]:
    """The settings beside such a voice; whatever sign a phoneme may have gets a number."""
    signs = ["_", "^", "$", *map(chr, range(0x20, 0x7F)), *map(chr, range(0xA1, 0x3D0)), *"ᵻⱱ↓↑"]
    numbers = {sign: [number] for number, sign in enumerate(dict.fromkeys(signs))}
    return {
        "audio": {"sample_rate": SAMPLE_RATE, "quality": "medium"},
        "espeak": {"voice": "vi"},
        "language": {"code": "vi_VN"},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": numbers,
        "num_symbols": 1024,
        "num_speakers": 1,
        **changed,
    }


def write_voice(folder: Path, name: str = "vi_VN-nho-thu", *, sound: bytes | None = None, **changed: Any) -> Path:
    """`NAME.onnx` and `NAME.onnx.json` in `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(onnx() if sound is None else sound)
    path.with_name(path.name + ".json").write_text(json.dumps(config(**changed)), "utf-8")
    return path


def write_collection(folder: Path, name: str, *, sound: bytes | None = None) -> dict[str, Any]:
    """A copy of the public collection with one voice in it; its index, which is written too."""
    below = f"vi/vi_VN/{name}"
    write_voice(folder / below, name, sound=sound)
    (folder / below / "MODEL_CARD").write_text("# Model card\n\n* Language: vi_VN\n* License: CC BY 4.0\n", "utf-8")
    files = {
        f"{below}/{path.name}": {
            "size_bytes": path.stat().st_size,
            "md5_digest": hashlib.md5(path.read_bytes()).hexdigest(),
        }
        for path in (folder / below).iterdir()
    }
    index = {name: {"key": name, "language": {"code": "vi_VN"}, "quality": "medium", "files": files}}
    (folder / "voices.json").write_text(json.dumps(index), "utf-8")
    return index
