"""Settings are read once and loudly."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from broadcast.config import Settings, keep_secret, load_settings, secret_key
from broadcast.errors import ConfigurationError, StorageError


def test_a_relative_data_folder_is_the_one_below_where_the_command_was_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({"BROADCAST_DATA_DIR": "var/demo"}).audio_dir == tmp_path / "var/demo/audio"
    assert load_settings({}).database == f"sqlite:///{tmp_path}/var/data/broadcast.db"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "broadcast.toml"
    file.write_text('voice = "tone"\nlongest_script_minutes = 10\n', encoding="utf-8")
    settings = load_settings({"BROADCAST_CONFIG": str(file), "BROADCAST_LONGEST_SCRIPT_MINUTES": "20"})
    assert (settings.voices, settings.longest_script_minutes) == (("tone", "espeak"), 20)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"BROADCAST_VOLUME": "11"}, "BROADCAST_VOLUME"),
        ({"BROADCAST_TIMEZONE": "Asia/Saigon2"}, "Asia/Ho_Chi_Minh"),
        ({"BROADCAST_LONGEST_SCRIPT_MINUTES": "many"}, "BROADCAST_LONGEST_SCRIPT_MINUTES"),
        ({"BROADCAST_TLS_CERT": "/x.pem"}, "TLS_KEY"),
        ({"BROADCAST_PUBLIC_URL": "truyenthanh"}, "https://"),
        ({"BROADCAST_CONFIG": "/no/such.toml"}, "/no/such.toml"),
    ],
)
def test_an_unknown_or_impossible_setting_stops_the_start_with_one_line(environ: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(environ)
    assert told in raised.value.message_vi
    assert "\n" not in raised.value.message_vi


def test_what_only_tests_read_is_not_taken_for_a_setting() -> None:
    assert load_settings({"BROADCAST_TEST_POSTGRESQL": "x"}).voice == "espeak"


def test_the_secret_key_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    made = secret_key(settings)
    assert len(made) == 64
    assert secret_key(settings) == made
    assert stat.S_IMODE((tmp_path / "keys" / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret_key"]
    assert secret_key(settings.model_copy(update={"secret_key": "given"})) == "given"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file, not a folder")
    with pytest.raises(StorageError, match="khoá"):
        keep_secret(tmp_path / "file" / "keys" / "k", lambda: b"x")
