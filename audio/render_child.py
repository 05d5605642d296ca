"""Rendering in a process of its own (`python -m audio.render_child`); `audio.rendering` asks and hears."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from audio.child import Tell, serve


def _import_sound() -> None:
    """scipy takes half a second to import: it begins while the job is still on its way."""
    import pyloudnorm  # noqa: F401
    import scipy.ndimage
    import scipy.signal  # noqa: F401


def _answer(request: bytes, tell: Tell) -> bytes:
    from audio.produce import produce, produce_recording
    from audio.profiles import profile_named
    from audio.speech_cache import SpeechCache
    from audio.store import AudioStore
    from audio.voices.registry import VoiceSettings, voices_from

    job: dict[str, Any] = json.loads(request)
    kind, data_dir = job.pop("kind"), Path(job.pop("data_dir"))
    store, profile = AudioStore(data_dir / "audio"), profile_named(job.pop("profile"))
    if kind == "recording":
        sound = produce_recording(Path(job.pop("path")), store=store, profile=profile, **job)
    else:
        voices = voices_from(
            job.pop("voices"),
            settings=VoiceSettings.from_json(job.pop("voice_settings")),
            state_dir=data_dir / "speech",
        )
        try:
            sound = produce(
                job.pop("sentences"),
                voices=voices,
                store=store,
                cache=SpeechCache(data_dir / "speech"),
                profile=profile,
                progress=lambda done, total: tell(json.dumps([done, total]).encode()),
                **job,
            )
        finally:
            for voice in voices:
                voice.close()
    return json.dumps(asdict(sound)).encode()


if __name__ == "__main__":
    threading.Thread(target=_import_sound, daemon=True).start()
    serve(_answer)
