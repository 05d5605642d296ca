"""MP3 as stations play it, coded by LAME through soundfile, and cut so that pieces coded apart can be put together.

A frame is 576 samples (24 ms) in 192 bytes: 64 kbit/s without padding. A piece that is coded on its own refers to no
frame before it, and ends in silence before its last frame ends; so its frames and those of another piece, one after
the other, decode to exactly what each would decode to alone (tests hold this for libsndfile, PyAV and miniaudio).
"""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from audio.measuring import Sound

if TYPE_CHECKING:
    import soundfile

SAMPLE_RATE = 24000
MEDIA_TYPE = "audio/mpeg"
FRAME_SAMPLES = 576
FRAME_BYTES = 192
FRAME_MS = 24
CODER_DELAY = 1105  # samples: LAME's own 576 and a decoder's 529. Every sound begins with so much silence
CODER_RINGS = 700  # samples after the last that is not silent, in which the coder's filters still sound
SILENT_FRAME = bytes.fromhex("fff384c4") + bytes(FRAME_BYTES - 4)  # the header, and nothing that sounds
# LAME lowers what it is given by 0.95 (measured: 0.45 to 0.46 dB) at this rate.
CODER_LOSS_LU = 0.455
CODER_VERSION = "lame-64-1"  # part of the name under which coded pieces are kept; changes with what is coded how
_MP3_64_KBIT = 0.62  # libsndfile's compression level for constant 64 kbit/s at 24 kHz (tried: 0.60 to 0.64)
_AT_ONCE = SAMPLE_RATE * 10


def encoder(target: int | Path) -> soundfile.SoundFile:
    """A coder that writes mono sound to `target` (an open file's number, or a path) as MP3, constant 64 kbit/s."""
    import soundfile

    return soundfile.SoundFile(
        target,
        "w",
        SAMPLE_RATE,
        1,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=_MP3_64_KBIT,
        bitrate_mode="CONSTANT",
        closefd=False,
    )


def encode(sound: Sound) -> bytes:
    """`sound` as a mono MP3, constant 64 kbit/s, with LAME's own first frame about its length."""
    # Through a file of the system: an object of Python is called back for every frame, and threads that code at the
    # same time would wait for each other.
    with tempfile.TemporaryFile(buffering=0) as out:
        with encoder(out.fileno()) as mp3:
            for start in range(0, len(sound), _AT_ONCE):
                mp3.write(sound[start : start + _AT_ONCE])
        out.seek(0)
        return out.read()


def frames_for(samples: int) -> int:
    """How many frames hold `samples` of sound, the coder's delay and its ringing."""
    return math.ceil((samples + CODER_DELAY + CODER_RINGS) / FRAME_SAMPLES)


def encode_frames(sound: Sound) -> bytes:
    """`sound` as frames that may stand before or behind others; it begins CODER_DELAY samples after the first does.

    `sound` is as long as a number of frames, and its last CODER_DELAY + CODER_RINGS samples are silence.
    """
    count, odd = divmod(len(sound), FRAME_SAMPLES)
    assert not odd
    assert not sound[-CODER_DELAY - CODER_RINGS :].any()
    # The first frame is LAME's note about the whole file, those after `count` are silence.
    return encode(sound)[FRAME_BYTES : (count + 1) * FRAME_BYTES]


def silence(frames: int) -> bytes:
    """So many frames of silence."""
    return SILENT_FRAME * frames


def decode(coded: bytes) -> Sound:
    """Our own MP3 as it will sound. Raises RuntimeError (soundfile's) for bytes that are none."""
    import soundfile

    heard, rate = soundfile.read(io.BytesIO(coded), dtype="float32")
    assert rate == SAMPLE_RATE
    assert heard.ndim == 1
    return np.asarray(heard, np.float32)


def decoded(path: Path) -> Iterator[Sound]:
    """Our own MP3 as a station will sound it, in pieces of ten seconds."""
    # By the station's decoder; soundfile seeks after each piece that it reads, and libsndfile then complains.
    import miniaudio

    for piece in miniaudio.mp3_stream_file(str(path), frames_to_read=_AT_ONCE):
        yield np.frombuffer(piece, np.int16).astype(np.float32) / np.float32(32768)


def encode_master(sound: Sound) -> bytes:
    """`sound` as FLAC, 16 bit: about a twentieth of the time that the MP3 takes, two to three times its size."""
    out = io.BytesIO()
    with lossless_encoder(out) as flac:
        flac.write(sound)
    return out.getvalue()


def lossless_encoder(target: BinaryIO | Path) -> soundfile.SoundFile:
    """A coder that writes mono sound to `target` as FLAC, 16 bit."""
    import soundfile

    return soundfile.SoundFile(target, "w", SAMPLE_RATE, 1, format="FLAC", subtype="PCM_16")


def decode_master(coded: bytes) -> Sound:
    """The opposite of `encode_master`."""
    import soundfile

    sound, rate = soundfile.read(io.BytesIO(coded), dtype="float32")
    assert rate == SAMPLE_RATE
    return np.asarray(sound, np.float32)
