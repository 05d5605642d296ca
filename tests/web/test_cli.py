"""The commands as a person types them: real processes, exit codes, one clear line."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
import soundfile

from audio.measuring import loudness_lufs, true_peak_db
from broadcast.config import Settings
from tests.processes import broadcast, environment
from tests.web.test_load import WHOLE
from web import cli


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "data", BROADCAST_VOICE="tone")


@pytest.fixture
def filled(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "f.toml").write_text(WHOLE, encoding="utf-8")
    done = broadcast("load", str(tmp_path / "f.toml"), "--now", "2026-11-22T10:00:00+07:00", env=env)
    assert done.returncode == 0, done.stderr
    return env


def test_read_prints_one_spoken_sentence_a_line_and_doubts_apart(env: dict[str, str]) -> None:
    done = broadcast("read", "-", env=env, stdin="Họp lúc 7h30 ngày 02/9. Gặp ông QXZT nhé.")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "Họp lúc bảy giờ ba mươi phút ngày mùng hai tháng chín."
    assert len(done.stdout.splitlines()) == 2
    assert "dòng 1, cột 33" in done.stderr
    assert "QXZT" in done.stderr


@pytest.mark.parametrize(
    ("stdin", "said", "told"),
    [
        ("Häp lóc 7h t¹i nhµ v¨n hãa", "Họp lúc bảy giờ tại nhà văn hóa.", "TCVN3"),
        ("xin chao ba con " * 25_000, "Xin chao ba con", "giới hạn 60.000 ký tự"),
        ("我们今天下午三点开会", "", "chữ Hán"),
        ("!!! ...", "", "chỉ có dấu câu"),
    ],
    ids=["old encoding", "100,000 words", "another script", "marks only"],
)
def test_read_gives_its_best_reading_of_whatever_comes_and_says_what_is_wrong(
    env: dict[str, str], stdin: str, said: str, told: str
) -> None:
    done = broadcast("read", "-", env=env, stdin=stdin)
    assert done.returncode == 0
    assert done.stdout.startswith(said)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_speak_writes_a_measured_mp3_and_says_what_it_is(env: dict[str, str], tmp_path: Path) -> None:
    env["BROADCAST_VOICE"] = "espeak"
    done = broadcast("speak", "Kính thưa bà con.", "--out", str(tmp_path / "a.mp3"), env=env)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert set(said) >= {"sha256", "duration_ms", "lufs", "true_peak_db", "voice"}
    samples, rate = soundfile.read(io.BytesIO((tmp_path / "a.mp3").read_bytes()))
    assert abs(len(samples) / rate * 1000 - said["duration_ms"]) < 50
    assert abs(said["lufs"] + 16) <= 0.5
    assert said["true_peak_db"] <= -1.5
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp3"]  # it needs no data folder and leaves none


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["speak", "Xin chào."], "Thiếu tuỳ chọn '--out'."),
        (["speak", "a", "b", "--out", "x.mp3"], "Thừa tham số: b."),
        (["speak", "--out"], "Tuỳ chọn '--out' cần một giá trị."),
        (["speak", "--our", "x.mp3"], "Không có tuỳ chọn --our. Có phải là --out?"),
        (["speak", "a", "--out", "/tmp"], "Giá trị không đúng cho '--out': '/tmp' là một thư mục, cần một tệp."),
        (["voice", "install"], "Thiếu tham số 'NAME'."),
        (["voice", "sing"], "Không có lệnh 'sing'."),
        (["serve", "--port", "ba"], "Giá trị không đúng cho '--port': 'ba' không phải là số nguyên."),
        (["serve", "--port", "0"], "Giá trị không đúng cho '--port': 0 nằm ngoài khoảng 1<=x<=65535."),
        (["serve", "--tls", "no"], "Giá trị không đúng cho '--tls': 'no' không phải là một trong: 'auto'."),
        (["report", "X", "--from", "2026-02-01", "--until", "2026-02-02", "--as", "odt"], "'json', 'csv'"),
        (["plan", "S", "--now", "yesterday"], "Giá trị không đúng cho '--now': 'yesterday' không phải"),
    ],
)
def test_wrong_usage_is_told_in_vietnamese(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("Lỗi: ")
    assert told in said[-1]
    if len(said) > 1:  # click does not know the command of an option without its value
        assert said[0].startswith(f"Cách dùng: broadcast {arguments[0]} ")
        assert "[OPTIONS]" not in said[0]
        assert said[1].startswith(f"Xem thêm: broadcast {arguments[0]}")
        assert len(said) == 3


def test_read_tells_a_brace_that_nobody_closed(env: dict[str, str]) -> None:
    done = broadcast("read", "Gọi {điện thoại ngay.", env=env)
    assert done.stdout == "Gọi điện thoại ngay.\n"
    assert done.stderr.startswith("dòng 1, cột 5: Dấu ngoặc nhọn chưa đóng ở “{điện”")


def test_speak_tells_the_doubts_of_a_text_as_read_does(env: dict[str, str], tmp_path: Path) -> None:
    script = "Mời ông ......... đến họp. Gặp ông QXZT ở {xã nhé."
    doubts = broadcast("read", script, env=env).stderr
    assert "QXZT" in doubts
    assert "Dấu ngoặc nhọn chưa đóng" in doubts
    assert len(doubts.splitlines()) == 3
    done = broadcast("speak", script, "--out", str(tmp_path / "a.mp3"), env=env)
    assert (done.returncode, done.stderr) == (0, doubts)
    assert json.loads(done.stdout)["voice"] == "tone"


@pytest.mark.parametrize(
    ("name", "container", "coding"), [("a.wav", "WAV", "PCM_16"), ("a.FLAC", "FLAC", "PCM_16"), ("a", "MP3", None)]
)
def test_speak_writes_the_kind_that_the_ending_says(
    env: dict[str, str], tmp_path: Path, name: str, container: str, coding: str | None
) -> None:
    done = broadcast("speak", "Kính thưa bà con. Xin cảm ơn.", "--out", str(tmp_path / name), env=env)
    assert done.returncode == 0, done.stderr
    said, about = json.loads(done.stdout), soundfile.info(tmp_path / name)
    assert about.format == container
    assert coding in (None, about.subtype)
    heard, rate = soundfile.read(tmp_path / name, dtype="float32")
    assert loudness_lufs(heard, rate) == pytest.approx(said["lufs"], abs=0.05)
    assert said["lufs"] == pytest.approx(-16, abs=0.5)
    assert max(said["true_peak_db"], true_peak_db(heard, rate)) <= -1.5
    assert said["sha256"] == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_speak_refuses_an_ending_that_it_cannot_write(env: dict[str, str], tmp_path: Path) -> None:
    done = broadcast("speak", "Xin chào.", "--out", str(tmp_path / "a.ogg"), env=env)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert ".mp3, .wav hoặc .flac" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_voice_abroad_is_refused_until_somebody_answers_for_it(env: dict[str, str], tmp_path: Path) -> None:
    """Whoever sets BROADCAST_VOICE answers: then the command goes on, here to a network that is not there."""
    out = str(tmp_path / "a.mp3")
    asked = ("speak", "Xin chào.", "--out", out, "--voice", "gtts")
    away = env | dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")
    refused = broadcast(*asked, env=away)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert "/giong-doc" in refused.stderr
    assert "BROADCAST_VOICE=gtts" in refused.stderr
    answered = broadcast(*asked, env=away | {"BROADCAST_VOICE": "gtts"})
    assert answered.returncode == 0
    assert json.loads(answered.stdout)["voice"] == "espeak"
    assert "Giọng gtts không đọc được câu “Xin chào.”" in answered.stderr
    assert "could not" not in answered.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "told"),
    [
        (["speak", "-", "--out", "x.mp3"], "", 1, "trống"),
        (["speak", "-", "--out", "x.mp3"], "Bà con nghe đây. " * 3000, 1, "30 phút"),
        (["speak", "-", "--out", "x.mp3"], "ạ" * 2_000_000, 1, ""),
        (["speak", "-", "--out", "x.mp3"], "这是一个通知，请大家注意。", 1, ""),
        (["speak", "-", "--out", "x.mp3"], b"\xff\xfe\x00", 1, "UTF-8"),
        (["speak", "Xin chào.", "--out", "/no/such/folder/x.mp3"], "", 1, "thư mục"),
        (["speak", "Xin chào.", "--out", "x.mp3", "--voice", "nobody"], "", 1, "nobody"),
        (["speak", "Xin chào."], "", 2, "--out"),
        (["dispatch", "no-such-file.txt"], "", 1, "no-such-file.txt"),
        (["load", "no-such-file.toml"], "", 1, "no-such-file.toml"),
        (["plan", "S"], "", 1, "Chưa có dữ liệu"),
        (["report", "X", "--from", "2026-02-30", "--until", "2026-03-01"], "", 2, "2026-02-30"),
        (["report", "X", "--from", "2026-02-01"], "", 2, "--until"),
        (["plan", "S", "--now", "yesterday"], "", 2, "ISO 8601"),
        (["nonsense"], "", 2, "nonsense"),
        (["restore", "no-such.tar"], "", 1, "sao lưu"),
        (["restore", "/dev/zero"], "", 1, "sao lưu"),
        (["load", "/dev/zero"], "", 1, "tệp thường"),
        (["dispatch", "/dev/zero"], "", 1, "tệp thường"),
        (["plan", "S", "--from", "9999-12-31"], "", 2, "2200"),
        (["plan", "S", "--from", "0001-01-01"], "", 2, "1945"),
        (["plan", "S", "--now", "9999-12-31T23:59:59-12:00"], "", 2, "ISO 8601"),
        (["plan", "S", "--now", "9999-12-31T23:59:59+00:00"], "", 2, "2200"),
        (["plan", "S", "--now", "0001-01-01T00:00:00+07:00"], "", 2, "ISO 8601"),
        (["report", "X", "--from", "0001-01-01", "--until", "9999-12-31"], "", 2, "1945"),
    ],
)
def test_bad_input_is_one_line_and_the_right_exit_code(
    env: dict[str, str], tmp_path: Path, arguments: list[str], stdin: str | bytes, code: int, told: str
) -> None:
    arguments = [str(tmp_path / value) if value == "x.mp3" else value for value in arguments]
    done = broadcast(*arguments, env=env, stdin=stdin)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "x.mp3").exists()


def test_a_pipe_holds_no_command(env: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for command in ("load", "dispatch", "restore"):
        done = broadcast(command, str(tmp_path / "pipe"), env=env)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)


def test_both_ends_of_what_may_be_asked_are_answered(filled: dict[str, str]) -> None:
    for day in ("1945-01-01", "2200-12-31"):
        done = broadcast("plan", "S", "--from", day, "--now", f"{day}T12:00:00+07:00", env=filled)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["from"] == day


def test_a_fault_of_our_own_is_one_line_and_its_details_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken() -> Settings:
        raise LookupError("a table of ours has a hole")

    monkeypatch.setattr(cli, "load_settings", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # Under a test the streams are not those of a process.
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr(sys, "stderr", error := io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(SystemExit) as ended:
        cli.main(["voice", "list"])
    assert ended.value.code == 1
    error.seek(0)
    (line,) = error.read().splitlines()
    (details,) = tmp_path.iterdir()
    assert "Lỗi của chương trình" in line
    assert str(details) in line
    assert "a table of ours has a hole" in details.read_text(encoding="utf-8")


def test_a_binary_file_is_no_dispatch(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(bytes(range(256)) * 50)
    done = broadcast("dispatch", str(tmp_path / "b.txt"), env=env)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_setting_that_does_not_exist_stops_the_start(env: dict[str, str]) -> None:
    done = broadcast("voice", "list", env=env | {"BROADCAST_VOLUME": "11"})
    assert done.returncode == 1
    assert "BROADCAST_VOLUME" in done.stderr
    assert "BROADCAST_DATA_DIR" in done.stderr


def test_the_plan_of_a_station_is_json_in_local_time(filled: dict[str, str]) -> None:
    done = broadcast("plan", "S", "--days", "2", "--now", "2026-11-22T10:00:00+07:00", env=filled)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert (plan["station"], plan["from"], plan["until"]) == ("S", "2026-11-22", "2026-11-23")
    # Outside the policy's one session: refused, with words.
    assert plan["airings"] == []
    assert [entry["at"] for entry in plan["refused"]] == ["2026-11-22T17:15:00+07:00", "2026-11-23T17:15:00+07:00"]
    assert {entry["code"] for entry in plan["refused"]} == {"policy"}
    assert all("sáng" in entry["reason"] for entry in plan["refused"])
    unknown = broadcast("plan", "NOBODY", env=filled)
    assert (unknown.returncode, "NOBODY" in unknown.stderr) == (1, True)


def test_a_station_is_added_once_and_its_new_code_ends_the_old_one(filled: dict[str, str]) -> None:
    first = broadcast("station", "add", "S2", "--unit", "X", env=filled)
    again = broadcast("station", "add", "S2", "--unit", "X", env=filled)
    assert (first.returncode, again.returncode) == (0, 0)
    assert first.stdout.split()[-1] != again.stdout.split()[-1]
    elsewhere = broadcast("station", "add", "S2", "--unit", "H", env=filled)
    assert elsewhere.returncode == 1
    assert "X" in elsewhere.stderr
    nowhere = broadcast("station", "add", "S3", "--unit", "Q", env=filled)
    assert (nowhere.returncode, "“Q”" in nowhere.stderr) == (1, True)


def test_a_report_of_nothing_is_a_whole_report_of_zeros(filled: dict[str, str], tmp_path: Path) -> None:
    span = ("--from", "2026-11-01", "--until", "2026-11-22")
    done = broadcast("report", "H", *span, "--as", "json", env=filled)
    report = json.loads(done.stdout)
    assert report["totals"]["planned"] == 0
    assert [station["code"] for station in report["stations"]] == ["S"]
    out = tmp_path / "bao-cao.xlsx"
    assert broadcast("report", "H", *span, "--as", "xlsx", "--out", str(out), env=filled).returncode == 0
    assert out.read_bytes().startswith(b"PK")
    backwards = broadcast("report", "H", "--from", "2026-11-22", "--until", "2026-11-01", env=filled)
    assert (backwards.returncode, len(backwards.stderr.splitlines())) == (1, 1)


def test_an_audit_of_silent_stations_finds_nothing_wrong(filled: dict[str, str]) -> None:
    done = broadcast("audit", env=filled)
    assert done.returncode == 0
    assert done.stdout.startswith("S: 0 ")
