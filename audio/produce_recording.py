"""A recording, with what sounds around it, to a finished sound in the store. No database here either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from audio import chime as chimes
from audio.around import around_of
from audio.coding import MEDIA_TYPE, SAMPLE_RATE
from audio.joining import GAP_MS, levelled, ring_named
from audio.mastering import mastered, refuse_unusable
from audio.production import Cancelled, ProducedSound, Progress, counted
from audio.profiles import Profile
from audio.recording import LONGEST_RECORDING_MIN, Recording, read_recording
from audio.reel import Reel
from audio.segments import SegmentCache
from audio.speaking import Speaker, Spoken
from audio.speech_cache import SpeechCache
from audio.store import MASTER, AudioStore, storage_errors, temporary
from audio.voices.base import Voice
from broadcast.errors import Invalid, TooLarge

_DECODED = 0.35  # how far the work on a recording is once it is decoded


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sounds around a recording, and how often that is played; usually nothing, and once."""

    closing: tuple[str, ...] = ()
    """Spoken text from `audio.reading`, said once, after the last reading of the recording."""
    chime: str = chimes.NONE
    """A name of `audio.chime`, or the sha256 of an uploaded chime in the store."""
    repeats: int = 1
    gap_ms: int = GAP_MS


ALONE = Surroundings()


def produce_recording(
    path: Path,
    *,
    store: AudioStore,
    profile: Profile,
    surroundings: Surroundings = ALONE,
    voices: Sequence[Voice] = (),
    cache: SpeechCache | None = None,
    segments: SegmentCache | None = None,
    keep_master: bool = False,
    longest_min: float = LONGEST_RECORDING_MIN,
    called: str | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ProducedSound:
    """A recording (WAV, MP3, FLAC, OGG, M4A) trimmed, levelled and coded like all else; people say it is `called` so.

    `voices`, `cache` and `segments` (for the level of each voice) are for the closing words of its `surroundings`;
    who said those is what `sentence_voices` tells. `longest_min` is for all its readings together.

    `progress(done, total)` counts hundredths of the work. Raises Invalid with what is wrong with the file, TooLarge,
    VoiceError, StorageError, RenderingCancelled; nothing is in the store then.
    """
    ring = ring_named(surroundings.chime, store)
    tell = counted(progress, cancelled, 100)
    folder = store.root / "tmp"
    with (
        storage_errors(store.root),
        Reel(folder) as reel,
        temporary(folder) as mp3,
        temporary(folder) if keep_master else nullcontext() as master,
    ):
        recording = read_recording(
            path,
            reel,
            SAMPLE_RATE,
            longest_min=longest_min,
            called=called,
            tell=lambda done: tell(done * _DECODED),
        )
        refuse_unusable(recording)
        _refuse_endless(recording, surroundings, longest_min)
        said = _said_after(surroundings.closing, voices, cache, lambda: tell(_DECODED))
        closing = [*map(levelled(said, segments), said)]
        made = mastered(
            recording,
            profile,
            around=around_of(ring, closing, repeats=surroundings.repeats, gap_ms=surroundings.gap_ms),
            folder=folder,
            mp3=mp3,
            master=master,
            tell=lambda done: tell(_DECODED + done * (1 - _DECODED)),
        )
        size = mp3.stat().st_size
        master_sha256 = store.put(master, MASTER) if master is not None else None
        sha256 = store.put(mp3)
    tell(1.0)
    return ProducedSound(
        sha256=sha256,
        bytes=size,
        duration_ms=made.duration_ms,
        lufs=made.lufs,
        true_peak_db=made.true_peak_db,
        media_type=MEDIA_TYPE,
        sample_rate=SAMPLE_RATE,
        voice="recording",
        sentence_voices=tuple(one.voice for one in said),
        lead_in_voice=None,
        profile=profile.name,
        master_sha256=master_sha256,
    )


def _refuse_endless(recording: Recording, surroundings: Surroundings, longest_min: float) -> None:
    """Raises TooLarge where all readings of a recording together are longer than one."""
    repeats = surroundings.repeats
    if repeats < 1:
        raise Invalid("Bản tin phải được đọc ít nhất một lần.", field="repeats")
    once = recording.samples / SAMPLE_RATE / 60
    minutes = once * repeats + surroundings.gap_ms / 60_000 * (repeats - 1)
    if repeats > 1 and minutes > longest_min:
        raise TooLarge(
            f"Bản thu dài {once:.0f} phút, đọc {repeats} lần thành khoảng {minutes:.0f} phút, quá mức "
            f"{longest_min:g} phút cho một lần phát. Hãy giảm số lần đọc hoặc chia thành nhiều bản tin.",
            field="readings",
        )


def _said_after(
    closing: Sequence[str], voices: Sequence[Voice], cache: SpeechCache | None, tell: Callable[[], None]
) -> list[Spoken]:
    """The closing words of a recording, spoken. `tell` is called before each sentence, and may raise to stop."""
    if not closing:
        return []
    speaker, said = Speaker(voices, cache), list[Spoken]()
    for sentence in closing:
        tell()
        said.append(speaker.say(sentence))
    return said
