"""`broadcast voice` as an operator runs it: real processes, a loopback copy of the collection over real TLS."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audio.voices.collection_double import Shelf, collection_double
from tests.audio.voices.loopback import self_signed
from tests.audio.voices.tiny_voice import onnx, write_voice
from tests.processes import broadcast, environment

NAME = "vi_VN-vais1000-medium"


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    certificate = self_signed(tmp_path / "loopback.pem")
    with collection_double(tmp_path / "collection", NAME, certificate=certificate, sound=onnx(symbols=60_000)) as made:
        yield made


@pytest.fixture
def env(tmp_path: Path, shelf: Shelf) -> dict[str, str]:
    return environment(
        tmp_path / "data",
        BROADCAST_VOICE_COLLECTION=shelf.address,
        SSL_CERT_FILE=str(tmp_path / "loopback.pem"),
    )


def test_a_voice_is_installed_with_progress_and_speaks_from_then_on(tmp_path: Path, env: dict[str, str]) -> None:
    before = broadcast("voice", "list", env=env)
    assert before.returncode == 0
    assert before.stdout.splitlines()[1].split() == [
        "espeak", "giọng", "máy", "vi-VN", "dùng", "trước", "tiên", "GPL-3.0,", "đi", "kèm", "phần", "mềm",
    ]  # fmt: skip
    done = broadcast("voice", "install", NAME, env=env)
    assert done.returncode == 0, done.stderr
    for words in ("danh mục", "(0 %)", "(100 %)", "MB", "đọc thử", f"thứ tự dùng: {NAME}, espeak"):
        assert words in done.stdout
    head, first, *_ = broadcast("voice", "list", env=env).stdout.splitlines()
    assert head.split() == ["Tên", "Loại", "Ngôn", "ngữ", "Tình", "trạng", "Giấy", "phép"]
    assert first.startswith(NAME)
    assert "dùng trước tiên" in first
    assert "CC BY 4.0" in first
    spoken = broadcast("speak", "Kính thưa bà con. Xin cảm ơn.", "--out", str(tmp_path / "x.mp3"), env=env)
    assert spoken.returncode == 0, spoken.stderr
    assert json.loads(spoken.stdout.splitlines()[-1])["voice"] == NAME
    sound = tmp_path / "data" / "voices" / f"{NAME}.onnx"
    sound.write_bytes(sound.read_bytes()[:200])
    _, damaged, second, *_ = broadcast("voice", "list", env=env).stdout.splitlines()
    assert "không còn nguyên" in damaged
    assert second.startswith("espeak")
    assert "dùng trước tiên" in second, "who reads now, not who would"


def test_what_cannot_be_installed_is_one_line_and_exit_1(env: dict[str, str], shelf: Shelf, tmp_path: Path) -> None:
    cut = write_voice(tmp_path, "giong-cut", sound=onnx()[:200])
    shelf.behaviour = "wrong"
    for arguments, told in (
        (["install", NAME], "không đúng mã kiểm"),
        (["install", "vi_VN-khong_co-low"], "không có giọng"),
        (["install", "../../x"], "Tên giọng chỉ gồm"),
        (["add", str(cut)], "hỏng hoặc bị cắt"),
        (["add", str(tmp_path / "khong-co.onnx")], "Không có tệp"),
    ):
        done = broadcast("voice", *arguments, env=env)
        assert done.returncode == 1
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1
    without = {name: value for name, value in env.items() if name != "SSL_CERT_FILE"}
    distrusting = broadcast("voice", "install", NAME, env=without)
    assert (distrusting.returncode, "Chứng chỉ" in distrusting.stderr) == (1, True)
    assert [path.name for path in (tmp_path / "data" / "voices").glob("*.onnx")] == []


def test_a_voice_from_a_file_is_trailed_and_an_operators_order_stays(
    env: dict[str, str], tmp_path: Path, migrated_file: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "broadcast.db").write_bytes(migrated_file.read_bytes())
    path = write_voice(tmp_path, "giong-co-lan")
    done = broadcast("voice", "add", str(path), env=env | {"BROADCAST_VOICE": "espeak"})
    assert done.returncode == 0, done.stderr
    assert "thứ tự dùng: espeak" in done.stdout
    assert "BROADCAST_VOICE" in done.stdout
    with sqlite3.connect(tmp_path / "data" / "broadcast.db") as connection:
        rows = connection.execute("SELECT actor_name, act, noun_name FROM audit_event").fetchall()
    connection.close()
    assert rows == [("broadcast voice add", "install_voice", "giong-co-lan")]
    assert "giong-co-lan" in broadcast("voice", "list", env=env).stdout.splitlines()[2]


def test_a_file_that_nobody_here_knows_comes_second_until_somebody_heard_it(
    env: dict[str, str], tmp_path: Path
) -> None:
    done = broadcast("voice", "add", str(write_voice(tmp_path, "giong-la")), env=env)
    assert done.returncode == 0, done.stderr
    assert "thứ tự dùng: espeak, giong-la" in done.stdout
    assert "hãy nghe thử" in done.stdout
    _, first, second, *_ = broadcast("voice", "list", env=env).stdout.splitlines()
    assert (first.split()[0], second.split()[0]) == ("espeak", "giong-la")


def test_a_collection_out_of_reach_names_the_way_without_a_network(env: dict[str, str]) -> None:
    away = env | {"BROADCAST_VOICE_COLLECTION": "https://127.0.0.1:9"}
    known = broadcast("voice", "install", NAME, env=away)
    unknown = broadcast("voice", "install", "vi_VN-khong_co-low", env=away)
    for done in (known, unknown):
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert "Không kết nối được" in done.stderr
        assert "broadcast voice add TỆP" in done.stderr
    assert "chưa kiểm tra được bộ sưu tập có giọng “vi_VN-khong_co-low” hay không" in unknown.stderr
    assert "chưa kiểm tra" not in known.stderr


def test_a_collection_without_tls_stops_the_start_with_one_line(env: dict[str, str]) -> None:
    done = broadcast("voice", "list", env=env | {"BROADCAST_VOICE_COLLECTION": "http://example.org/voices"})
    assert done.returncode == 1
    assert "BROADCAST_VOICE_COLLECTION: phải là địa chỉ bắt đầu bằng https://" in done.stderr
