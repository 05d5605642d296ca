"""Spoken sentences to a finished sound in the store; a recording goes through `audio.produce_recording`.

No database here: minutes of rendering never sit inside a transaction. A server uses `audio.rendering`,
which does the same in a child process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from audio import chime as chimes
from audio.assembly import Assembled, assembled
from audio.coding import MEDIA_TYPE, SAMPLE_RATE
from audio.joining import GAP_MS, PAUSE_MS, joined, levelled, ring_named
from audio.production import Cancelled, ProducedSound, Progress, counted, stop_if
from audio.profiles import Profile
from audio.segments import SegmentCache
from audio.speaking import Speaker, Spoken
from audio.speech_cache import SpeechCache
from audio.store import MASTER, AudioStore
from audio.voices.base import Voice, syllables
from broadcast.errors import Invalid, TooLarge

LONGEST_SCRIPT_MIN = 30
SYLLABLES_A_MINUTE = 166  # eSpeak NG at 120 words a minute, the slowest voice
_SPOKEN = 0.5  # how far the work on a script is once it is spoken: about so with a neural voice
_ASSEMBLED = 0.99  # and before it is in the store


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
class Means:
    """What a production works with. `store` has the uploaded chimes too; nothing is kept of sentences without `cache`,
    of their coded pieces without `segments`."""

    voices: Sequence[Voice]
    store: AudioStore
    cache: SpeechCache | None
    segments: SegmentCache | None
    profile: Profile


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
        Means(voices, store, cache, segments, profile),
        with_master=keep_master,
        longest_min=longest_min,
        progress=progress,
        cancelled=cancelled,
    )
    stop_if(cancelled)
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
    means: Means,
    *,
    with_master: bool = False,
    longest_min: float = LONGEST_SCRIPT_MIN,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> tuple[Assembled, SpokenScript]:
    """`script` as a finished MP3, not kept yet, and who said what; see `produce`."""
    script = _checked(script, longest_min)
    ring = ring_named(script.chime, means.store)
    spoken = _spoken(script, Speaker(means.voices, means.cache), progress, cancelled)
    piece = levelled(spoken.all, means.segments)
    placed = joined(
        ring,
        piece(spoken.lead_in)[0] if spoken.lead_in else None,
        [piece(one) for one in spoken.body],
        [piece(one) for one in spoken.closing],
        repeats=script.repeats,
        gap_ms=script.gap_ms,
    )
    tell = counted(progress, cancelled, spoken.number)
    made = assembled(
        placed,
        means.profile,
        means.segments,
        with_master=with_master,
        tell=lambda done: tell(_SPOKEN + done * (_ASSEMBLED - _SPOKEN)),
    )
    return made, spoken


def _spoken(script: Script, speaker: Speaker, progress: Progress | None, cancelled: Cancelled | None) -> SpokenScript:
    said: list[Spoken] = []
    for sentence in script.said:
        stop_if(cancelled)
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
