"""Rendering in a process of its own (`python -m audio.render_child`); `audio.rendering` asks and hears."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.child import Tell, serve

if TYPE_CHECKING:
    from audio.segments import SegmentCache
    from audio.voices.base import Voice

Job = dict[str, Any]


def _import_sound() -> None:
    """The sound libraries take a quarter of a second to import: it begins while the job is still on its way."""
    import numpy as np
    import soundfile  # noqa: F401

    from audio import coding

    coding.encode(np.zeros(coding.FRAME_SAMPLES, np.float32))  # LAME computes its tables the first time


class _Waiting:
    """What stays from one job to the next: the voices of the last one (a neural voice takes a second to load)."""

    def __init__(self) -> None:
        self._asked: object = None
        self._voices: tuple[Voice, ...] = ()

    def voices(self, job: Job, data_dir: Path) -> tuple[Voice, ...]:
        from audio.voices.registry import VoiceSettings, voices_from

        asked = (job.pop("voices"), job.pop("voice_settings"), data_dir)
        if asked != self._asked:
            for voice in self._voices:
                voice.close()
            self._asked, self._voices = None, ()
            self._voices = voices_from(
                asked[0], settings=VoiceSettings.from_json(asked[1]), state_dir=data_dir / "speech"
            )
            self._asked = asked
        return self._voices


def _speech(job: Job, data_dir: Path, waiting: _Waiting, tell: Tell) -> object:
    from audio.produce import Script, produce
    from audio.profiles import profile_named
    from audio.speech_cache import SpeechCache
    from audio.store import AudioStore

    segments = _segments(data_dir)
    sound = produce(
        Script(
            sentences=tuple(job["sentences"]),
            lead_in=job["lead_in"],
            closing=tuple(job["closing"]),
            chime=job["chime"],
            repeats=job["repeats"],
            gap_ms=job["gap_ms"],
        ),
        voices=waiting.voices(job, data_dir),
        store=AudioStore(data_dir / "audio"),
        cache=SpeechCache(data_dir / "speech"),
        segments=segments,
        profile=profile_named(job["profile"]),
        keep_master=job["keep_master"],
        longest_min=job["longest_min"],
        progress=lambda done, total: tell(json.dumps([done, total]).encode()),
    )
    _tidy(segments)
    return asdict(sound)


def _preview(job: Job, data_dir: Path, waiting: _Waiting, _tell: Tell) -> object:
    from audio.preview import keep_preview
    from audio.produce import Means, Script, speak
    from audio.profiles import profile_named
    from audio.speech_cache import SpeechCache
    from audio.store import AudioStore

    segments = _segments(data_dir)
    made, spoken = speak(
        Script(tuple(job["sentences"]), chime=job["chime"]),
        Means(
            waiting.voices(job, data_dir),
            AudioStore(data_dir / "audio"),
            SpeechCache(data_dir / "speech"),
            segments,
            profile_named(job["profile"]),
        ),
    )
    _tidy(segments)
    kept = keep_preview(data_dir, job["key"], made.mp3, made.duration_ms, spoken.voice)
    return {"duration_ms": kept.duration_ms, "voice": kept.voice}


def _recording(job: Job, data_dir: Path, waiting: _Waiting, tell: Tell) -> object:
    from audio.produce_recording import Surroundings, produce_recording
    from audio.profiles import profile_named
    from audio.speech_cache import SpeechCache
    from audio.store import AudioStore

    closing = tuple(job["closing"])
    sound = produce_recording(
        Path(job["path"]),
        store=AudioStore(data_dir / "audio"),
        profile=profile_named(job["profile"]),
        surroundings=Surroundings(closing=closing, chime=job["chime"], repeats=job["repeats"], gap_ms=job["gap_ms"]),
        # A neural voice takes a second to load: most recordings need none.
        voices=waiting.voices(job, data_dir) if closing else (),
        cache=SpeechCache(data_dir / "speech"),
        segments=_segments(data_dir),
        keep_master=job["keep_master"],
        longest_min=job["longest_min"],
        called=job["called"],
        progress=lambda done, total: tell(json.dumps([done, total]).encode()),
    )
    return asdict(sound)


def _look(job: Job, data_dir: Path, _waiting: _Waiting, _tell: Tell) -> object:
    from audio.coding import SAMPLE_RATE
    from audio.mastering import refuse_unusable
    from audio.recording import read_recording, refuse_by_its_head
    from audio.reel import Reel
    from audio.store import AudioStore, storage_errors

    if not job["whole"]:
        refuse_by_its_head(Path(job["path"]), called=job["called"])
        return {}
    store = AudioStore(data_dir / "audio")
    with storage_errors(store.root), Reel(store.root / "tmp") as reel:
        refuse_unusable(read_recording(Path(job["path"]), reel, SAMPLE_RATE, called=job["called"]))
    return {}


def _chime(job: Job, data_dir: Path, _waiting: _Waiting, _tell: Tell) -> object:
    from audio.own_chime import keep_chime
    from audio.store import AudioStore

    return asdict(keep_chime(Path(job["path"]), AudioStore(data_dir / "audio"), job["called"]))


_KINDS: dict[str, Callable[[Job, Path, _Waiting, Tell], object]] = {
    "speech": _speech,
    "preview": _preview,
    "recording": _recording,
    "look": _look,
    "chime": _chime,
}


def _segments(data_dir: Path) -> SegmentCache:
    from audio.segments import SegmentCache

    return SegmentCache(data_dir / "segments")


def _tidy(segments: SegmentCache) -> None:
    from audio.segments import LARGEST_CACHE_BYTES

    segments.tidy(LARGEST_CACHE_BYTES)


def main() -> None:
    """Answer requests until the parent is gone."""
    threading.Thread(target=_import_sound, daemon=True).start()
    waiting = _Waiting()

    def answer(request: bytes, tell: Tell) -> bytes:
        job: Job = json.loads(request)
        made = _KINDS[job.pop("kind")](job, Path(job.pop("data_dir")), waiting, tell)
        return json.dumps(made).encode()

    serve(answer)


if __name__ == "__main__":
    main()
