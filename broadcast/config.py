"""Settings, read once and loudly.

Sources, the first wins: `BROADCAST_*` environment variables, then the TOML file named by `BROADCAST_CONFIG` (lower-case
names without the prefix). An unknown or impossible setting stops the start with one line that says how to mend it.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from broadcast.addresses import is_safe
from broadcast.errors import ConfigurationError, StorageError

PREFIX = "BROADCAST_"
# Read by the file itself, by tests and by nothing else: not settings, not unknown either.
NOT_SETTINGS = ("CONFIG", "TEST_")


class Settings(BaseModel):
    """Everything an operator can set. Names are those of the environment without `BROADCAST_`, in lower case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_dir: Path = Field(default=Path("var/data"), validate_default=True)
    """Absolute once it is read: parts of the program resolve relative paths each in their own way."""
    database_url: str = ""
    secret_key: str = Field(default="", repr=False)
    timezone: str = "Asia/Ho_Chi_Minh"
    voice: str = "espeak"
    """Voices in the order in which they are tried, separated by commas; the offline voice always ends the list."""
    voice_collection: str = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
    """Where `broadcast voice install` finds `voices.json` and the files it names."""
    sound_profile: str = "gentle"
    """How finished sound is shaped; the names are in audio/profiles.toml."""
    longest_script_minutes: int = Field(default=30, ge=1, le=240)
    silent_after_minutes: int = Field(default=15, ge=1, le=1440)
    """A station not heard of for so long counts as silent (trạm im lặng)."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies stand before the server and are to be believed."""
    public_url: str = ""
    session_hours: int = Field(default=12, ge=1, le=720)
    relay_private: bool = False
    """Whether a relayed stream may lie inside a network: each station asks its own then."""

    @field_validator("data_dir")
    @classmethod
    def _from_here(cls, folder: Path) -> Path:
        return folder.absolute()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"múi giờ “{name}” không có; ví dụ đúng: Asia/Ho_Chi_Minh") from error
        return name

    @field_validator("voice_collection")
    @classmethod
    def _only_over_tls(cls, url: str) -> str:
        if not is_safe(url):
            raise ValueError("phải là địa chỉ bắt đầu bằng https://")
        return url.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _whole_url(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc):
            raise ValueError("phải là địa chỉ đầy đủ, ví dụ https://truyenthanh.example.vn")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _both_halves(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("TLS_CERT và TLS_KEY phải được đặt cùng nhau")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The SQLAlchemy address; SQLite under `data_dir` where none is given."""
        return self.database_url or f"sqlite:///{self.data_dir / 'broadcast.db'}"

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def audio_dir(self) -> Path:
        return self.data_dir / "audio"

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def voices(self) -> tuple[str, ...]:
        """Names in the order of trying, the offline voice last if it is not named."""
        names = [name.strip() for name in self.voice.split(",") if name.strip()]
        return tuple(dict.fromkeys([*names, "espeak"]))


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises ConfigurationError with one line for the operator."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    if config := environ.get(f"{PREFIX}CONFIG"):
        try:
            values.update(tomllib.loads(Path(config).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"Không đọc được tệp cấu hình {config}: {error}") from error
    for name, value in environ.items():
        if name.startswith(PREFIX) and not name.removeprefix(PREFIX).startswith(NOT_SETTINGS):
            values[name.removeprefix(PREFIX).lower()] = value
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_in_one_line(error)) from error


def _in_one_line(error: ValidationError) -> str:
    told = []
    for problem in error.errors():
        name = f"{PREFIX}{'_'.join(str(part) for part in problem['loc']).upper()}" if problem["loc"] else "Cấu hình"
        if problem["type"] == "extra_forbidden":
            known = ", ".join(PREFIX + field.upper() for field in Settings.model_fields)
            told.append(f"{name} không phải là một cài đặt; các cài đặt có: {known}")
        else:
            told.append(f"{name}: {_words(problem)}")
    return "; ".join(told)


def _words(problem: ErrorDetails) -> str:
    match problem["type"]:
        case "greater_than_equal":
            return f"phải từ {problem['ctx']['ge']} trở lên"
        case "less_than_equal":
            return f"phải không quá {problem['ctx']['le']}"
        case "int_parsing" | "int_type":
            return f"“{problem['input']}” không phải là số nguyên"
        case _:
            return problem["msg"].removeprefix("Value error, ")


def secret_key(settings: Settings) -> str:
    """The key that signs sessions: the one given, else one made once and kept under `keys/` (0600)."""
    if settings.secret_key:
        return settings.secret_key
    return keep_secret(settings.keys_dir / "secret_key", lambda: secrets.token_hex(32).encode()).decode()


def keep_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """The bytes of `path`; the first time they are made by `make()` and written readable by the owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(partial, path)  # whole at its name, or not there; the first of two processes wins
            except FileExistsError:
                pass
            finally:
                partial.unlink()
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"Không ghi được khoá vào {path.parent}: {error.strerror or error}") from error
