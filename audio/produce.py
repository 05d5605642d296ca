"""Spoken sentences, or a recording, to a finished sound in the store.

No database here: minutes of rendering never sit inside a transaction. A server uses `audio.rendering`,
which does the same in a child process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from audio import chime as chimes
from audio.around import around_of
from audio.assembly import Assembled, assembled
from audio.coding import MEDIA_TYPE, SAMPLE_RATE
from audio.joining import GAP_MS, PAUSE_MS, joined, ring_named, spoken_piece
from audio.levels import levels
from audio.mastering import mastered, refuse_unusable
from audio.profiles import Profile
from audio.recording import LONGEST_RECORDING_MIN, Recording, read_recording
from audio.reel import Reel
from audio.segments import Piece, SegmentCache
from audio.speaking import Speaker, Spoken
from audio.speech_cache import SpeechCache
from audio.store import MASTER, AudioStore, storage_errors, temporary
from audio.voices.base import Voice, syllables
from broadcast.errors import Conflict, Invalid, TooLarge

LONGEST_SCRIPT_MIN = 30
SYLLABLES_A_MINUTE = 166  # eSpeak NG at 120 words a minute, the slowest voice
_DECODED = 0.35  # how far the work on a recording is once it is decoded
_SPOKEN = 0.5  # how far the work on a script is once it is spoken: about so with a neural voice
_ASSEMBLED = 0.99  # and before it is in the store

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
    sentence_voices: tuple[str, ...]  # who said each sentence of the body, in order
    lead_in_voice: str | None
    profile: str
    master_sha256: str | None  # the lossless master in the same store (suffix .flac), where it is kept
    segments_new: int = 0  # chimes and sentences that were coded for this sound
    segments_reused: int = 0  # those whose frames were there; each counts once, however often it is repeated


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be said, as spoken text from `audio.reading`, and what sounds around it."""

    sentences: tuple[str, ...]
    lead_in: str | None = None
    closing: tuple[str, ...] = ()
    """Said once, after the last reading of the sentences."""
    chime: str = chimes.DEFAULT
    """A name of `audio.chime`, or the sha256 of an uploaded chime in the store."""
    repeats: int = 1
    gap_ms: int = GAP_MS

    @property
    def said(self) -> tuple[str, ...]:
        """Every sentence in the order in which it is spoken, repetitions apart."""
        return (*((self.lead_in,) if self.lead_in is not None else ()), *self.sentences, *self.closing)


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


@dataclass(frozen=True, slots=True)
class SpokenScript:
    """A script as its sentences were spoken."""

    lead_in: Spoken | None
    body: tuple[Spoken, ...]
    closing: tuple[Spoken, ...]

    @property
    def all(self) -> tuple[Spoken, ...]:
        """In the order in which they were spoken."""
        return (*((self.lead_in,) if self.lead_in else ()), *self.body, *self.closing)

    @property
    def number(self) -> int:
        """How many sentences."""
        return len(self.all)

    @property
    def voice(self) -> str:
        """Who said most of the body."""
        return Counter(one.voice for one in self.body).most_common(1)[0][0]


def estimated_ms(spoken_sentences: Sequence[str]) -> int:
    """About how long these sentences will sound, pauses included, chime apart."""
    speech = sum(map(syllables, spoken_sentences)) * 60_000 / SYLLABLES_A_MINUTE
    return round(speech + PAUSE_MS["."] * max(0, len(spoken_sentences) - 1))


def produce(
    script: Script,
    *,
    voices: Sequence[Voice],
    store: AudioStore,
    cache: SpeechCache | None,
    segments: SegmentCache | None,
    profile: Profile,
    keep_master: bool = True,
    longest_min: float = LONGEST_SCRIPT_MIN,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ProducedSound:
    """`script` as a finished MP3 in `store`.

    `progress(done, total)` counts sentences in the measure in which they are finished, coded and listened to: about
    half of them are done when all are spoken. It is called after each sentence that was spoken too. Raises Invalid
    (nothing to say, silent), TooLarge (more than `longest_min` estimated minutes), VoiceError (a sentence that no
    voice can say), StorageError, RenderingCancelled; nothing is in the store then.
    """
    made, spoken = speak(
        script,
        voices=voices,
        store=store,
        cache=cache,
        segments=segments,
        profile=profile,
        with_master=keep_master,
        longest_min=longest_min,
        progress=progress,
        cancelled=cancelled,
    )
    _stop_if(cancelled)
    master_sha256 = store.put(made.master, MASTER) if made.master is not None else None
    sound = ProducedSound(
        sha256=store.put(made.mp3),
        bytes=len(made.mp3),
        duration_ms=made.duration_ms,
        lufs=made.lufs,
        true_peak_db=made.true_peak_db,
        media_type=MEDIA_TYPE,
        sample_rate=SAMPLE_RATE,
        voice=spoken.voice,
        sentence_voices=tuple(one.voice for one in spoken.body),
        lead_in_voice=spoken.lead_in.voice if spoken.lead_in else None,
        profile=profile.name,
        master_sha256=master_sha256,
        segments_new=made.segments_new,
        segments_reused=made.segments_reused,
    )
    if progress:
        progress(spoken.number, spoken.number)
    return sound


def speak(
    script: Script,
    *,
    voices: Sequence[Voice],
    store: AudioStore,
    cache: SpeechCache | None,
    segments: SegmentCache | None,
    profile: Profile,
    with_master: bool = False,
    longest_min: float = LONGEST_SCRIPT_MIN,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> tuple[Assembled, SpokenScript]:
    """`script` as a finished MP3, not kept yet, and who said what; see `produce`. `store` has uploaded chimes."""
    script = _checked(script, longest_min)
    ring = ring_named(script.chime, store)
    spoken = _spoken(script, Speaker(voices, cache), progress, cancelled)
    piece = _levelled(spoken.all, segments)
    placed = joined(
        ring,
        piece(spoken.lead_in)[0] if spoken.lead_in else None,
        [piece(one) for one in spoken.body],
        [piece(one) for one in spoken.closing],
        repeats=script.repeats,
        gap_ms=script.gap_ms,
    )
    tell = _counted(progress, cancelled, spoken.number)
    made = assembled(
        placed,
        profile,
        segments,
        with_master=with_master,
        tell=lambda done: tell(_SPOKEN + done * (_ASSEMBLED - _SPOKEN)),
    )
    return made, spoken


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
    tell = _counted(progress, cancelled, 100)
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
        closing = [*map(_levelled(said, segments), said)]
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


def _levelled(said: Sequence[Spoken], segments: SegmentCache | None) -> Callable[[Spoken], tuple[Piece, str]]:
    """Makes of each of `said` its piece, at one level whoever spoke it, with what it says."""
    level = levels(said, segments.levels_folder if segments else None)
    return lambda one: (spoken_piece(one, level[one.voice, one.settings]), one.sentence)


def _spoken(script: Script, speaker: Speaker, progress: Progress | None, cancelled: Cancelled | None) -> SpokenScript:
    said: list[Spoken] = []
    for sentence in script.said:
        _stop_if(cancelled)
        said.append(speaker.say(sentence))
        if progress:
            progress(int(len(said) * _SPOKEN), len(script.said))
    opening = 0 if script.lead_in is None else 1
    ending = opening + len(script.sentences)
    return SpokenScript(said[0] if opening else None, tuple(said[opening:ending]), tuple(said[ending:]))


def _checked(script: Script, longest_min: float) -> Script:
    """`script` without empty sentences. Raises Invalid or TooLarge before a word is spoken."""
    sentences = tuple(sentence for sentence in script.sentences if sentence.strip())
    closing = tuple(sentence for sentence in script.closing if sentence.strip())
    if not sentences:
        raise Invalid("Bản tin chưa có câu nào để đọc.", field="script")
    if script.repeats < 1:
        raise Invalid("Bản tin phải được đọc ít nhất một lần.", field="repeats")
    minutes = (estimated_ms(sentences) * script.repeats + estimated_ms(closing)) / 60_000
    if minutes > longest_min:
        raise TooLarge(
            f"Bản tin dài khoảng {minutes:.0f} phút, quá mức {longest_min:g} phút cho một lần phát. "
            "Cần chia thành nhiều bản tin.",
            field="script",
        )
    return replace(script, sentences=sentences, closing=closing)


def _counted(progress: Progress | None, cancelled: Cancelled | None, total: int) -> Callable[[float], None]:
    """Tells `progress` each new step of `total` for what is done from 0 to 1; stops where somebody asked for it."""
    told = -1

    def tell(done: float) -> None:
        nonlocal told
        _stop_if(cancelled)
        if progress and (step := min(total, int(done * total))) > told:
            told = step
            progress(step, total)

    return tell


def _stop_if(cancelled: Cancelled | None) -> None:
    if cancelled and cancelled():
        raise RenderingCancelled
