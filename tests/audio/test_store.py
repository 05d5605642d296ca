from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audio.store import MASTER, AudioStore, temporary
from broadcast.errors import Invalid, NotFound, StorageError

CONTENT = b"tieng loa truyen thanh" * 5000


def files(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_a_file_at_its_final_name_is_whole_and_has_the_hash_in_its_name(store: AudioStore, tmp_path: Path) -> None:
    source = tmp_path / "nguon.mp3"
    source.write_bytes(CONTENT)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert store.put(source) == sha256
    path = store.path(sha256)
    assert path == store.root / sha256[:2] / sha256[2:4] / f"{sha256}.mp3"
    assert path.read_bytes() == CONTENT
    assert files(store.root) == [f"{sha256}.mp3"], "nothing temporary is left"


def test_a_file_that_is_being_written_has_no_final_name_even_if_its_writer_is_killed(store: AudioStore) -> None:
    writer = (
        "import os, sys; from pathlib import Path; from audio import store\n"
        "real = store.os.fsync\n"
        "store.os.fsync = lambda handle: os.kill(os.getpid(), 9)\n"
        f"store.AudioStore(Path({str(store.root)!r})).put(b'x' * 100000)\n"
    )
    ended = subprocess.run([sys.executable, "-c", writer], check=False, cwd=Path(__file__).parents[2])
    assert ended.returncode == -9
    (leftover,) = files(store.root)
    assert leftover.endswith(".part")
    AudioStore(store.root)
    assert files(store.root) == []


def test_the_same_content_is_kept_once(store: AudioStore) -> None:
    first = store.put(CONTENT)
    written = store.path(first).stat().st_mtime_ns
    assert store.put(CONTENT) == first
    assert store.path(first).stat().st_mtime_ns == written


def test_a_damaged_file_is_found_and_mended_by_putting_it_again(store: AudioStore) -> None:
    sha256 = store.put(CONTENT)
    store.path(sha256).write_bytes(CONTENT[:-1])
    assert store.has(sha256)
    assert not store.verify(sha256)
    store.put(CONTENT)
    assert store.verify(sha256)


def test_masters_and_finished_sounds_live_side_by_side(store: AudioStore) -> None:
    sha256 = store.put(CONTENT, MASTER)
    assert not store.has(sha256)
    assert store.has(sha256, MASTER)
    with store.open(sha256, MASTER) as source:
        assert source.read() == CONTENT
    assert list(store.all()) == [(sha256, ".flac")]


def test_what_is_not_there_is_not_found(store: AudioStore) -> None:
    with pytest.raises(NotFound):
        store.open("0" * 64)
    assert not store.verify("0" * 64)


@pytest.mark.parametrize("name", ["", "../../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_nothing_but_a_hash_is_a_name(store: AudioStore, name: str) -> None:
    with pytest.raises(Invalid):
        store.path(name)


def test_what_this_process_is_writing_survives_a_second_store(store: AudioStore) -> None:
    with temporary(store.root / "tmp") as unfinished:
        unfinished.write_bytes(b"half")
        AudioStore(store.root)
        assert unfinished.exists()
    assert not unfinished.exists()


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "audio").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="Không đọc hoặc ghi được"):
        AudioStore(tmp_path / "audio")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said_in_words(store: AudioStore) -> None:
    (store.root / "tmp").chmod(0o500)
    try:
        with pytest.raises(StorageError, match="Không có quyền ghi"):
            store.put(CONTENT)
    finally:
        (store.root / "tmp").chmod(0o700)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_in_words_and_leaves_nothing_half_written(store: AudioStore) -> None:
    # The kernel's own full device, where the temporary file would be: every write to it ends in ENOSPC.
    writer = (
        "from pathlib import Path\n"
        "from audio.store import AudioStore; from broadcast.errors import StorageError\n"
        f"store = AudioStore(Path({str(store.root)!r}))\n"
        "real_open = Path.open\n"
        "full = Path('/dev/full')\n"
        "Path.open = lambda path, mode: real_open(full, 'wb') if mode == 'xb' else real_open(path, mode)\n"
        "try:\n    store.put(b'x' * 1000000)\n"
        "except StorageError as full:\n    print(full.message_vi)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", writer], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert "Ổ đĩa đã đầy" in said.stdout
    assert files(store.root) == []
