from __future__ import annotations

import pytest

from audio.voices.espeak import EspeakSettings
from audio.voices.gtts import GttsSettings
from audio.voices.registry import LABELS_VI, VoiceSettings, voices_from
from broadcast.errors import ConfigurationError


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["gtts"], ["gtts", "espeak"]),
        (["espeak"], ["espeak"]),
        (["espeak", "gtts", "espeak"], ["espeak", "gtts"]),
        ([], ["espeak"]),
        (["tone"], ["tone", "espeak"]),
    ],
)
def test_voices_come_in_the_order_asked_and_the_offline_one_is_never_missing(
    names: list[str], order: list[str]
) -> None:
    assert [voice.name for voice in voices_from(names)] == order


def test_the_last_resort_can_be_left_out() -> None:
    assert [voice.name for voice in voices_from(["tone"], with_fallback=False)] == ["tone"]


def test_an_unknown_voice_names_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="espeak, gtts, tone"):
        voices_from(["giọng lạ"])


def test_settings_survive_the_way_to_a_child() -> None:
    settings = VoiceSettings(EspeakSettings(words_a_minute=140), GttsSettings("https://example.org/x", deadline_s=5))
    assert VoiceSettings.from_json(settings.as_json()) == settings


def test_the_screen_has_a_label_for_every_voice() -> None:
    assert set(LABELS_VI) == {"espeak", "gtts", "tone"}
