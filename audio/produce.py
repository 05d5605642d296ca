"""Spoken sentences, or a recording, to a finished sound in the store.

No database here: minutes of rendering never sit inside a transaction. A server uses `audio.rendering`,
which does the same in a child process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audio import mastering
from audio.joining import GAP_MS, PAUSE_MS, join
from audio.profiles import Profile
from audio.recording import LONGEST_RECORDING_MIN, read_recording
from audio.speaking import Speaker, Spoken
from audio.speech_cache import SpeechCache
from audio.store import MASTER, AudioStore
from audio.voices.base import Voice, syllables
from broadcast.errors import Conflict, Invalid, TooLarge

LONGEST_SCRIPT_MIN = 30
SYLLABLES_A_MINUTE = 166  # eSpeak NG at 120 words a minute, the slowest voice

Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


class RenderingCancelled(Conflict):
    """Somebody asked to stop; nothing was kept but spoken sentences."""

    def __init__(self) -> None:
        super().__init__("Đã dừng làm âm thanh theo yêu cầu.")


@dataclass(frozen=True, slots=True)
class ProducedSound:
    """A finished sound that is in the store."""

    sha256: str
    bytes: int
    duration_ms: int
    lufs: float  # measured on the decoded MP3
    true_peak_db: float  # measured on the decoded MP3, four times oversampled
    media_type: str
    sample_rate: int
    voice: str  # who said most of it; "recording" for an upload
    sentence_voices: tuple[str, ...]  # who said each sentence, in order
    lead_in_voice: str | None
    profile: str
    master_sha256: str | None  # the lossless master in the same store (suffix .flac), where it is kept


def estimated_ms(spoken_sentences: Sequence[str]) -> int:
    """About how long these sentences will sound, pauses included, chime apart."""
    speech = sum(map(syllables, spoken_sentences)) * 60_000 / SYLLABLES_A_MINUTE
    return round(speech + PAUSE_MS["."] * max(0, len(spoken_sentences) - 1))


def produce(
    spoken_sentences: Sequence[str],
    *,
    lead_in: str | None,
    voices: Sequence[Voice],
    store: AudioStore,
    cache: SpeechCache | None,
    profile: Profile,
    chime: bool = True,
    repeats: int = 1,
    gap_ms: int = GAP_MS,
    keep_master: bool = True,
    longest_min: float = LONGEST_SCRIPT_MIN,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ProducedSound:
    """`spoken_sentences` (from `audio.reading`) with lead-in and chime as a finished MP3 in `store`.

    `progress(done, total)` is called after each sentence and at the end. Raises Invalid (nothing to say,
    silent), TooLarge (more than `longest_min` estimated minutes), VoiceError (a sentence that no voice can
    say), StorageError, RenderingCancelled; nothing is in the store then.
    """
    sentences = [sentence for sentence in spoken_sentences if sentence.strip()]
    if not sentences:
        raise Invalid("Bản tin chưa có câu nào để đọc.", field="script")
    minutes = estimated_ms(sentences) * repeats / 60_000
    if minutes > longest_min:
        raise TooLarge(
            f"Bản tin dài khoảng {minutes:.0f} phút, quá mức {longest_min:g} phút cho một lần phát. "
            "Cần chia thành nhiều bản tin.",
            field="script",
        )
    total = len(sentences) + (lead_in is not None) + 1
    speaker = Speaker(voices, cache)
    spoken: list[Spoken] = []
    for sentence in [*([lead_in] if lead_in is not None else []), *sentences]:
        _stop_if(cancelled)
        spoken.append(speaker.say(sentence))
        if progress:
            progress(len(spoken), total)
    opening = spoken.pop(0) if lead_in is not None else None
    joined = join(
        opening,
        spoken,
        with_chime=chime,
        repeats=repeats,
        gap_ms=gap_ms,
    )
    _stop_if(cancelled)
    mastered = mastering.master(joined, profile, levelled=True)
    _stop_if(cancelled)
    sound = _kept(mastered, store, profile, keep_master)
    if progress:
        progress(total, total)
    return replace(
        sound,
        voice=Counter(piece.voice for piece in spoken).most_common(1)[0][0],
        sentence_voices=tuple(piece.voice for piece in spoken),
        lead_in_voice=opening.voice if opening else None,
    )


def produce_recording(
    path: Path,
    *,
    store: AudioStore,
    profile: Profile,
    keep_master: bool = False,
    longest_min: float = LONGEST_RECORDING_MIN,
    cancelled: Cancelled | None = None,
) -> ProducedSound:
    """A recording (WAV, MP3, FLAC, OGG, M4A) trimmed, levelled and coded like all else.

    Raises Invalid with what is wrong with the file, TooLarge, StorageError, RenderingCancelled.
    """
    sound = read_recording(path, mastering.SAMPLE_RATE, longest_min=longest_min)
    _stop_if(cancelled)
    mastered = mastering.master(sound, profile)
    _stop_if(cancelled)
    return _kept(mastered, store, profile, keep_master)


def _kept(mastered: mastering.Mastered, store: AudioStore, profile: Profile, keep_master: bool) -> ProducedSound:
    master_sha256 = store.put(mastering.encode_master(mastered.master), MASTER) if keep_master else None
    return ProducedSound(
        sha256=store.put(mastered.mp3),
        bytes=len(mastered.mp3),
        duration_ms=mastered.duration_ms,
        lufs=mastered.lufs,
        true_peak_db=mastered.true_peak_db,
        media_type=mastering.MEDIA_TYPE,
        sample_rate=mastering.SAMPLE_RATE,
        voice="recording",
        sentence_voices=(),
        lead_in_voice=None,
        profile=profile.name,
        master_sha256=master_sha256,
    )


def _stop_if(cancelled: Cancelled | None) -> None:
    if cancelled and cancelled():
        raise RenderingCancelled
