"""Voices from a loopback copy of the collection and from files: whole, checked, spoken once; else nothing is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from audio.voices.neural.collection import Collection, InstallingCancelled
from audio.voices.neural.files import VoiceFile, safe_name, voice_files
from audio.voices.neural.installing import Installing, add, cancel, claim, claimed, install, licence_in, state_of
from audio.voices.registry import VoiceSettings, all_offers, voices_from
from broadcast.addresses import is_safe
from broadcast.errors import BroadcastError, Conflict, Invalid, NotFound, VoiceError
from tests.audio.voices.collection_double import Shelf, collection_double
from tests.audio.voices.loopback import self_signed
from tests.audio.voices.tiny_voice import onnx, write_voice

NAME = "vi_VN-vais1000-medium"
# Some hundred kilobytes, so that there is a middle to be cut in; still a voice, behind a table that nothing needs.
LARGER = onnx(symbols=60_000)

Fetch = Callable[..., VoiceFile]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with collection_double(tmp_path / "collection", NAME, sound=LARGER) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "voices"


@pytest.fixture
def fetch(shelf: Shelf, folder: Path, now: datetime) -> Fetch:
    def fetch(name: str = NAME, tell: Callable[[Installing], None] | None = None, **limits: float) -> VoiceFile:
        with claimed(folder):
            return install(name, folder=folder, collection=Collection(shelf.address, **limits), now=now, tell=tell)

    return fetch


def left_in(folder: Path) -> set[str]:
    """Names of voice files, whole or begun."""
    return {path.name for path in folder.iterdir() if path.name.startswith("vi_") or path.suffix == ".part"}


def change_index(shelf: Shelf, change: Callable[[dict[str, Any]], None]) -> None:
    path = shelf.folder / "voices.json"
    index = json.loads(path.read_text("utf-8"))
    change(index)
    path.write_text(json.dumps(index), "utf-8")


def test_a_voice_of_the_collection_is_fetched_checked_and_speaks(fetch: Fetch, folder: Path, shelf: Shelf) -> None:
    steps: list[tuple[str, int, int]] = []
    file = fetch(tell=lambda state: steps.append((state.step, state.done_bytes, state.total_bytes)))
    assert file.onnx.read_bytes() == LARGER
    assert file.trouble_vi is None
    assert file.language == "vi-VN"
    assert file.about is not None
    assert (file.about.licence, file.about.bytes) == ("CC BY 4.0", len(LARGER))
    assert file.about.sha256 == hashlib.sha256(LARGER).hexdigest()
    assert left_in(folder) == {f"{NAME}.onnx", f"{NAME}.onnx.json", f"{NAME}.about.json"}
    assert all_offers(VoiceSettings(folder=str(folder)))[NAME].recommended
    assert [step for step, _, _ in steps][:: len(steps) - 1] == ["index", "done"]
    loading = [(done, total) for step, done, total in steps if step == "load"]
    assert loading == sorted(loading)
    assert loading[0] == (0, len(LARGER))
    assert len(loading) >= 3
    (voice,) = voices_from([NAME], settings=VoiceSettings(folder=str(folder)), with_fallback=False)
    assert voice.say("Kính thưa bà con.").duration_s > 0.5
    voice.close()
    assert shelf.ranges(".onnx") == [""]


def test_the_certificate_of_the_collection_is_verified(
    tmp_path: Path, folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "loopback.pem")
    with collection_double(tmp_path / "tls", NAME, certificate=certificate) as shelf, claimed(folder):
        collection = Collection(shelf.address)
        with pytest.raises(VoiceError, match="Chứng chỉ"):
            install(NAME, folder=folder, collection=collection, now=now)
        assert shelf.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert install(NAME, folder=folder, collection=collection, now=now).name == NAME


def test_a_connection_that_breaks_is_gone_on_from_where_it_broke(fetch: Fetch, shelf: Shelf, folder: Path) -> None:
    shelf.behaviour = "cut"
    with pytest.raises(VoiceError, match="tải tiếp"):
        fetch()
    begun = (folder / f"{NAME}.onnx.loading").stat().st_size
    assert 0 < begun <= len(LARGER) // 2
    assert voice_files(folder) == []
    assert fetch().onnx.read_bytes() == LARGER
    assert shelf.ranges(".onnx") == ["", f"bytes={begun}-"]


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(fetch: Fetch, shelf: Shelf, folder: Path) -> None:
    shelf.behaviour = "cut"
    with pytest.raises(VoiceError):
        fetch()
    shelf.behaviour = "no-range"
    assert fetch().onnx.read_bytes() == LARGER


def test_a_beginning_that_does_not_fit_is_fetched_once_more_from_its_first_byte(
    fetch: Fetch, shelf: Shelf, folder: Path
) -> None:
    folder.mkdir(parents=True)
    (folder / f"{NAME}.onnx.loading").write_bytes(b"\0" * 100_000)
    assert fetch().onnx.read_bytes() == LARGER
    assert shelf.ranges(".onnx") == ["bytes=100000-", ""]


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("wrong", "không đúng mã kiểm"),
        ("more", "nhiều hơn kích thước"),
        ("less", "bị ngắt giữa chừng"),
        ("busy", "mã 429"),
        ("gone", "không có tệp này"),
        ("loop", "lòng vòng"),
    ],
)
def test_an_answer_that_is_not_the_voice_is_told_and_leaves_no_voice(
    fetch: Fetch, shelf: Shelf, folder: Path, behaviour: str, message: str
) -> None:
    shelf.behaviour = behaviour
    with pytest.raises(BroadcastError, match=message):
        fetch()
    assert voice_files(folder) == []
    state = state_of(folder)
    assert state is not None
    assert state.step == "failed"
    assert state.message_vi
    shelf.behaviour = "serves"
    assert fetch().name == NAME, "the next try is not spoilt by the last"


def test_a_trickle_is_cut_off_when_it_brings_too_little_and_at_the_end_of_its_time(fetch: Fetch, shelf: Shelf) -> None:
    shelf.behaviour = "trickles"
    for limits in ({"quiet_s": 0.8}, {"deadline_s": 1.0}):
        with pytest.raises(VoiceError, match="quá chậm"):
            fetch(**limits)


def test_redirects_are_followed_and_never_lead_out_of_tls(
    tmp_path: Path, folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "loopback.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with collection_double(tmp_path / "tls", NAME, certificate=certificate) as shelf, claimed(folder):
        shelf.behaviour = "redirect"
        assert install(NAME, folder=folder, collection=Collection(shelf.address), now=now).name == NAME


@pytest.mark.parametrize(
    ("address", "start", "safe"),
    [
        ("https://example.org/x", "https://example.org/", True),
        ("https://cdn.example.net/x", "https://example.org/", True),
        ("http://127.0.0.1:9/x", "https://example.org/", False),
        ("http://example.org/x", "http://127.0.0.1:9/", False),
        ("http://localhost:9/x", "http://127.0.0.1:9/", True),
        ("ftp://127.0.0.1/x", "http://127.0.0.1:9/", False),
        ("https:///x", "https://example.org/", False),
        ("https://[x", "https://example.org/", False),
    ],
)
def test_only_verified_tls_or_this_very_machine_is_safe(address: str, start: str, safe: bool) -> None:
    assert is_safe(address, start=start) is safe


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda index: index.clear(), "trống hoặc không đọc được"),
        (lambda index: index[NAME].pop("files"), "thiếu tệp"),
        (lambda index: index.__setitem__(NAME, "x"), "thiếu tệp"),
        (lambda index: _each(index, "size_bytes", None), "thiếu kích thước"),
        (lambda index: _each(index, "size_bytes", 10**12), "lớn quá"),
        (lambda index: _each(index, "size_bytes", 0), "lớn quá"),
        (lambda index: _each(index, "md5_digest", "x"), "mã kiểm"),
        (lambda index: _elsewhere(index, "../../keys/"), "chỉ tới một nơi khác"),
        (lambda index: _elsewhere(index, "/etc/"), "chỉ tới một nơi khác"),
    ],
)
def test_an_index_that_misleads_is_refused(
    fetch: Fetch, shelf: Shelf, folder: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    change_index(shelf, change)
    with pytest.raises(BroadcastError, match=message):
        fetch()
    assert left_in(folder) == set()


def _each(index: dict[str, Any], field: str, value: Any) -> None:
    for about in index[NAME]["files"].values():
        about[field] = value


def _elsewhere(index: dict[str, Any], to: str) -> None:
    index[NAME]["files"] = {to + path.rpartition("/")[2]: about for path, about in index[NAME]["files"].items()}


@pytest.mark.parametrize("written", ["<html>Đăng nhập Wi-Fi</html>", "[" * 100_000, "[]", ""])
def test_a_sign_in_page_is_no_index(fetch: Fetch, shelf: Shelf, written: str) -> None:
    (shelf.folder / "voices.json").write_text(written, "utf-8")
    with pytest.raises(VoiceError, match=r"[Dd]anh mục"):
        fetch()


def test_an_endless_index_is_cut_off(fetch: Fetch, shelf: Shelf, folder: Path) -> None:
    (shelf.folder / "voices.json").write_bytes(b" " * (9 * 1024 * 1024))
    with pytest.raises(VoiceError, match="nhiều hơn"):
        fetch()
    assert left_in(folder) == set()


def test_an_unknown_name_is_told_with_those_there_are(fetch: Fetch) -> None:
    with pytest.raises(NotFound, match=NAME):
        fetch("vi_VN-khong_co-medium")


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", ".an", "", "x" * 61, "tên có dấu", "a b", "x.onnx", "a..b", "espeak", "tone", "\0", "C:x", "-x"],
)
def test_a_name_that_could_lead_elsewhere_is_refused_before_anything_is_asked(
    fetch: Fetch, shelf: Shelf, folder: Path, name: str
) -> None:
    with pytest.raises(Invalid):
        fetch(name)
    assert shelf.asked == []
    assert state_of(folder) is None


@pytest.mark.parametrize("name", [NAME, "vi_VN-25hours_single-low", "vi_VN-vivos-x_low", "giong-co-Lan.v2"])
def test_names_of_the_collection_are_good_names(name: str) -> None:
    assert safe_name(name) == name


def test_somebody_may_stop_it_and_what_came_is_kept(fetch: Fetch, shelf: Shelf, folder: Path) -> None:
    shelf.behaviour = "trickles"

    def stop(state: Installing) -> None:
        if state.step == "load":
            cancel(folder)

    with pytest.raises(InstallingCancelled):
        fetch(tell=stop)
    state = state_of(folder)
    assert state is not None
    assert state.step == "cancelled"
    assert voice_files(folder) == []
    shelf.behaviour = "serves"
    assert fetch().name == NAME, "an old wish to stop does not stop the next one"


def test_two_never_install_at_once_and_a_state_without_a_worker_is_stopped(folder: Path) -> None:
    lock = claim(folder)
    (folder / "installing.json").write_text(json.dumps({"name": NAME, "step": "load", "done_bytes": 7}))
    with pytest.raises(Conflict, match="Đang cài một giọng khác"):
        claim(folder)
    state = state_of(folder)
    assert state is not None
    assert state.is_running
    lock.release()
    state = state_of(folder)
    assert state is not None
    assert (state.step, state.is_running, state.done_bytes) == ("stopped", False, 7)


def test_a_voice_that_is_there_is_not_fetched_again_unless_it_was_damaged(
    fetch: Fetch, shelf: Shelf, folder: Path
) -> None:
    file = fetch()
    with pytest.raises(Conflict, match="Đã có giọng"):
        fetch()
    file.onnx.write_bytes(LARGER[: len(LARGER) // 2])
    assert "không còn nguyên" in (voice_files(folder)[0].trouble_vi or "")
    assert not all_offers(VoiceSettings(folder=str(folder)))[NAME].recommended
    assert fetch().trouble_vi is None


def test_a_voice_that_cannot_speak_is_not_accepted_from_the_collection_either(
    tmp_path: Path, folder: Path, now: datetime
) -> None:
    with (
        collection_double(tmp_path / "mute", NAME, sound=onnx(amplitude=0.0)) as shelf,
        claimed(folder),
        pytest.raises(VoiceError, match="im lặng"),
    ):
        install(NAME, folder=folder, collection=Collection(shelf.address), now=now)
    assert left_in(folder) == set()


def test_a_file_with_its_config_is_taken_in(tmp_path: Path, folder: Path, now: datetime) -> None:
    file = add(write_voice(tmp_path, "giong-co-lan"), folder=folder, now=now)
    assert file.name == "giong-co-lan"
    assert file.about is not None
    assert file.about.source == "file"
    offer = all_offers(VoiceSettings(folder=str(folder)))["giong-co-lan"]
    assert not offer.recommended
    assert offer.quality_vi.startswith("Tệp giọng của đơn vị")
    assert "Nên dùng" not in offer.quality_vi
    with pytest.raises(Conflict, match="Đã có giọng"):
        add(tmp_path / "giong-co-lan.onnx", folder=folder, now=now)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "hỏng hoặc bị cắt"),
        (lambda path: path.write_bytes(b""), "rỗng"),
        (lambda path: path.unlink(), "Không có tệp"),
        (lambda path: path.with_name(path.name + ".json").unlink(), "Không có tệp"),
        (lambda path: path.with_name(path.name + ".json").write_text("{}"), "không dùng được"),
        (lambda path: path.with_name(path.name + ".json").write_text('{"audio": '), "không phải là JSON"),
        (lambda path: path.write_bytes(b"\xff\xd8\xff\xe0" * 100), "hỏng hoặc bị cắt"),
    ],
)
def test_a_file_that_is_no_voice_is_refused_and_nothing_of_it_stays(
    tmp_path: Path, folder: Path, now: datetime, spoil: Callable[[Path], object], message: str
) -> None:
    path = write_voice(tmp_path, "vi_giong-hong")
    spoil(path)
    with pytest.raises(BroadcastError, match=message):
        add(path, folder=folder, now=now)
    assert not folder.exists() or left_in(folder) == set()


@pytest.mark.parametrize("name", ["giong.bin", "espeak.onnx", "tên dấu.onnx"])
def test_a_file_with_another_kind_of_name_is_refused(tmp_path: Path, folder: Path, now: datetime, name: str) -> None:
    write_voice(tmp_path, name.removesuffix(".onnx"))
    with pytest.raises(Invalid):
        add(tmp_path / name, folder=folder, now=now)


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("# Card\n\n* License: CC BY 4.0\n", "CC BY 4.0"),
        ("- Licence : public domain", "public domain"),
        ("nothing said", ""),
        ("License:\n", ""),
    ],
)
def test_the_licence_is_read_from_the_card(card: str, licence: str) -> None:
    assert licence_in(card) == licence
