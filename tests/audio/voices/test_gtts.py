from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from audio.speaking import Speaker
from audio.speech_cache import SpeechCache
from audio.voices.espeak import EspeakVoice
from audio.voices.gtts import CHARACTERS_AT_ONCE, GttsSettings, GttsVoice, packed
from broadcast.errors import ConfigurationError, VoiceError
from tests.audio.voices.google_double import Double, google_double
from tests.audio.voices.loopback import self_signed

SENTENCE = (
    "Kính thưa bà con, sáng thứ bảy tuần này xã tổ chức dọn vệ sinh đường làng, "
    "đề nghị mỗi nhà cử một người mang theo chổi và cuốc, có mặt tại sân đình trước bảy giờ."
)


@pytest.fixture
def double() -> Iterator[Double]:
    with google_double() as running:
        yield running


@pytest.fixture
def voice(double: Double) -> Iterator[GttsVoice]:
    made = GttsVoice(GttsSettings(double.address, deadline_s=20), wait=lambda _: None)
    yield made
    made.close()


def test_a_sentence_is_asked_for_in_few_parts_and_sounds_whole(double: Double, voice: GttsVoice) -> None:
    said = voice.say(SENTENCE)
    assert double.asked == packed(SENTENCE)
    assert len(double.asked) == 2
    assert said.duration_s == pytest.approx(0.25 * len(SENTENCE.split()), rel=0.1)


def test_requests_keep_their_distance(double: Double) -> None:
    waited: list[float] = []
    voice = GttsVoice(GttsSettings(double.address, between_requests_s=30), wait=waited.append)
    voice.say(SENTENCE)
    voice.close()
    assert len(waited) == 1
    assert 20 < waited[0] <= 30


def test_the_usual_distance_is_between_half_a_second_and_one() -> None:
    assert 0.5 <= GttsSettings().between_requests_s <= 1


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("sign-in", "trang đăng nhập"),
        ("empty", "không có âm thanh"),
        ("no-sound", "không có âm thanh"),
        ("redirect", "mã 302"),
        ("broken", "mã 503"),
        ("short", "quá ngắn"),
        ("noise", "không giải mã được"),
        ("huge", "quá dài"),
    ],
)
def test_an_answer_that_is_not_the_sentence_is_refused(
    double: Double, voice: GttsVoice, behaviour: str, message: str
) -> None:
    double.behaviour = behaviour
    with pytest.raises(VoiceError, match=message):
        voice.say("Kính thưa toàn thể bà con.")
    assert len(double.asked) == 1
    double.behaviour = "speaks"
    assert voice.say("Xin chào bà con.").duration_s > 0.5


def test_a_service_that_trickles_is_cut_off_at_the_deadline(double: Double) -> None:
    double.behaviour = "trickles"
    voice = GttsVoice(GttsSettings(double.address, deadline_s=1.5))
    with pytest.raises(VoiceError, match="quá chậm"):
        voice.say("Xin chào.")
    assert voice.child.pid is None, "the child that waited was killed"


def test_after_429_nothing_is_asked_for_an_hour_and_a_restart_does_not_forget(
    double: Double, tmp_path: Path, now: datetime
) -> None:
    double.behaviour = "busy"

    def voice_at(instant: datetime) -> GttsVoice:
        clock: Callable[[], datetime] = lambda: instant  # noqa: E731
        return GttsVoice(GttsSettings(double.address), state_dir=tmp_path / "speech", now=clock)

    first = voice_at(now)
    with pytest.raises(VoiceError, match="quá nhiều lần"):
        first.say("Xin chào.")
    double.behaviour = "speaks"
    with pytest.raises(VoiceError, match="tạm nghỉ một giờ"):
        first.say("Xin chào.")
    with pytest.raises(VoiceError, match="tạm nghỉ một giờ"):
        voice_at(now + timedelta(minutes=59)).say("Xin chào.")
    assert len(double.asked) == 1
    later = voice_at(now + timedelta(minutes=60))
    assert later.say("Xin chào.").duration_s > 0.4
    first.close()
    later.close()


def test_another_process_that_was_refused_silences_this_one_too(double: Double, tmp_path: Path, now: datetime) -> None:
    def made(instant: datetime) -> GttsVoice:
        return GttsVoice(GttsSettings(double.address), state_dir=tmp_path, now=lambda: instant)

    speaking, refused = made(now + timedelta(seconds=5)), made(now)
    double.behaviour = "busy"
    with pytest.raises(VoiceError, match="quá nhiều lần"):
        refused.say("Xin chào.")
    double.behaviour = "speaks"
    with pytest.raises(VoiceError, match="tạm nghỉ một giờ"):
        speaking.say("Xin chào.")
    assert len(double.asked) == 1
    refused.close()
    speaking.close()


@pytest.mark.parametrize("written", ["", "x", "9999-12-31T00:00:00+00:00"])
def test_a_note_of_silence_that_cannot_be_true_silences_nobody(
    double: Double, tmp_path: Path, now: datetime, written: str
) -> None:
    (tmp_path / "gtts-silent-until").write_text(written)
    voice = GttsVoice(GttsSettings(double.address), state_dir=tmp_path, now=lambda: now)
    assert voice.say("Xin chào.").duration_s > 0.4
    voice.close()


def test_the_distance_is_kept_between_voices_of_one_process_too(double: Double) -> None:
    waited: list[float] = []
    for _ in range(2):
        voice = GttsVoice(GttsSettings(double.address, between_requests_s=30), wait=waited.append)
        voice.say("Xin chào.")
        voice.close()
    assert len(waited) == 1
    assert 20 < waited[0] <= 30


def test_a_sentence_that_is_kept_leaves_the_country_once(double: Double, voice: GttsVoice, tmp_path: Path) -> None:
    for _ in range(3):
        spoken = Speaker([voice], SpeechCache(tmp_path / "speech")).say("Xin chào bà con.")
        assert spoken.voice == "gtts"
    assert double.asked == ["Xin chào bà con."]


@pytest.mark.parametrize("behaviour", ["sign-in", "empty", "no-sound", "short", "noise", "busy"])
def test_what_the_service_does_not_say_the_offline_voice_says_and_nothing_is_kept_of_it(
    double: Double, voice: GttsVoice, espeak: EspeakVoice, tmp_path: Path, behaviour: str
) -> None:
    double.behaviour = behaviour
    cache = SpeechCache(tmp_path / "speech")
    sentence = "Kính thưa toàn thể bà con."
    assert Speaker([voice, espeak], cache).say(sentence).voice == "espeak"
    assert cache.get(sentence, "gtts", voice.settings) is None


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "other.pem", address="127.0.0.2")
    with google_double(certificate) as double:
        voice = GttsVoice(GttsSettings(double.address, ca_file=str(certificate)))
        with pytest.raises(VoiceError, match="Chứng chỉ"):
            voice.say("Xin chào.")
        voice.close()
    assert double.asked == []


def test_no_setting_of_the_environment_switches_verification_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    with google_double(self_signed(tmp_path / "loopback.pem")) as double:
        voice = GttsVoice(GttsSettings(double.address))
        with pytest.raises(VoiceError, match="Chứng chỉ"):
            voice.say("Xin chào.")
        voice.close()
    assert double.asked == []


def test_a_whole_dispatch_takes_far_fewer_requests_than_it_has_commas() -> None:
    said = "Kính thưa bà con, sáng mai, lúc bảy giờ, tại sân đình, xã họp dân. " * 40
    parts = packed(said.strip())
    assert max(map(len, parts)) <= CHARACTERS_AT_ONCE
    assert len(parts) <= len(said) / 60
    assert len(parts) < said.count(",") / 3


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "loopback.pem")
    with google_double(certificate) as double:
        trusting = GttsVoice(GttsSettings(double.address, ca_file=str(certificate)))
        assert trusting.say("Xin chào.").duration_s > 0.4
        trusting.close()
        strict = GttsVoice(GttsSettings(double.address))
        with pytest.raises(VoiceError, match="Chứng chỉ"):
            strict.say("Xin chào.")
        strict.close()
    assert double.asked == ["Xin chào."], "the one that does not trust sent no word of the text"


def test_nobody_there_is_said() -> None:
    voice = GttsVoice(GttsSettings("http://127.0.0.1:9/speech"))
    with pytest.raises(VoiceError, match="Không kết nối được"):
        voice.say("Xin chào.")
    voice.close()


@pytest.mark.parametrize("address", ["http://translate.google.com/x", "ftp://127.0.0.1/", "translate.google.com"])
def test_an_address_without_tls_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        GttsVoice(GttsSettings(address))


@pytest.mark.parametrize("text", [SENTENCE, "từ " * 200, "Vâng.", "a" * 60 + " " + "b" * 60, SENTENCE * 5])
def test_parts_fit_the_service_and_lose_no_word(text: str) -> None:
    parts = packed(text.strip())
    assert max(map(len, parts)) <= CHARACTERS_AT_ONCE
    assert " ".join(parts).split() == text.split()
