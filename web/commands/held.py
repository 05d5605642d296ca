"""What a backup file holds, and whether it can be relied on: read whole and looked into before it is restored."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import tarfile
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from broadcast.errors import Invalid
from broadcast.keys import FILE as SIGNING_KEYS
from broadcast.migrations import known_revisions

MANIFEST = "manifest.json"
DATABASE = "broadcast.db"
FORMAT = 1
FOLDERS = ("keys", "audio", "uploads", "voices")
"""Of the data directory, beside the database."""

_LARGEST_MANIFEST = 64 << 20  # a line for each of half a million sounds
_MEMBER = re.compile(
    r"broadcast\.db|keys/[A-Za-z0-9][A-Za-z0-9._-]{0,99}|uploads/(?P<upload>[0-9a-f]{64})|"
    r"voices/(?:order\.json|[A-Za-z0-9][A-Za-z0-9._-]{0,59}\.(?:onnx|onnx\.json|about\.json))|"
    r"audio/(?P<a>[0-9a-f]{2})/(?P<b>[0-9a-f]{2})/(?P<sha256>[0-9a-f]{64})\.[a-z0-9]{1,5}"
)
_PIECE = 1 << 20


class Manifest(BaseModel):
    """The last member: what belongs to the backup, each with its SHA-256, and what it was made of."""

    format: Literal[1]
    made_at: AwareDatetime
    version: Annotated[str, Field(max_length=100)]
    counts: dict[str, Annotated[int, Field(ge=0)]]
    sha256: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]


@dataclass(frozen=True)
class BackedUp:
    """What a backup holds; the counts are those of its database, counted anew."""

    made_at: datetime
    version: str
    bytes: int
    counts: dict[str, int]

    def in_words(self) -> str:
        parts = [f"{self.counts['stations']} trạm", f"{self.counts['bulletins']} bản tin"]
        parts += [f"{self.counts['log_entries']} dòng nhật ký", f"{self.counts['audio']} tệp âm thanh"]
        parts += [f"{self.counts['voices']} tệp giọng"]
        made_at = self.made_at.isoformat(timespec="seconds")
        return f"Bản sao lưu {made_at}, {self.bytes / 1e6:.1f} MB: " + ", ".join(parts) + ". Đã kiểm tra."


def read_whole(path: Path) -> Manifest:
    """Reads every byte once and writes none. Raises Invalid for anything that is not a whole backup of this program."""
    sums: dict[str, str] = {}
    body: bytes | None = None
    if not path.is_file():
        raise Invalid(f"Không đọc được bản sao lưu {path}: không có tệp nào như vậy.")
    try:
        # Uncompressed, and no member with holes: nothing here unpacks to more than the file itself is long.
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() and not member.issparse() else None
                if file is None or member.name in sums or body is not None:
                    raise Invalid(f"Bản sao lưu {path} có mục không hợp lệ: {member.name[:100]!r}")
                if member.name == MANIFEST:
                    body = file.read(_LARGEST_MANIFEST + 1)
                else:
                    sums[member.name] = sha256_of(file)
                    if not fits_name(member.name, sums[member.name]):
                        raise Invalid(f"Bản sao lưu {path}: nội dung không đúng với tên của mục {member.name[:100]!r}.")
    except (OSError, tarfile.TarError, ValueError, EOFError, OverflowError) as error:
        raise Invalid(f"Không đọc được bản sao lưu {path}: tệp hỏng, dở dang hoặc không phải bản sao lưu.") from error
    if body is None or DATABASE not in sums:
        raise Invalid(f"Bản sao lưu {path} không nguyên vẹn: thiếu mục.")
    manifest = _manifest(path, body)
    if manifest.sha256 != sums:
        raise Invalid(f"Bản sao lưu {path} không nguyên vẹn: thiếu mục hoặc nội dung đã thay đổi.")
    return manifest


def fits_name(name: str, sha256: str | None) -> bool:
    """Whether a member may have this name and this content: a sound and an upload carry their hash in their name."""
    found = _MEMBER.fullmatch(name)
    if found is None:
        return False
    if found["upload"] is not None:
        return found["upload"] == sha256
    if found["sha256"] is None:
        return True
    return found["sha256"] == sha256 and found["sha256"].startswith(found["a"] + found["b"])


def is_upload(name: str) -> bool:
    """Whether a file under `uploads/` is whole, by its name."""
    return _MEMBER.fullmatch(f"uploads/{name}") is not None


def _manifest(path: Path, body: bytes) -> Manifest:
    try:
        if len(body) <= _LARGEST_MANIFEST:
            return Manifest.model_validate_json(body)
    except ValidationError as error:
        if any(fault["loc"] == ("format",) for fault in error.errors(include_input=False, include_url=False)):
            raise Invalid(f"Bản sao lưu {path} có dạng mà phiên bản này không đọc được; hãy cập nhật.") from None
    raise Invalid(f"Bản sao lưu {path} không nguyên vẹn: bảng kê ({MANIFEST}) không đọc được.")


def look_into(database: Path, manifest: Manifest, path: Path) -> BackedUp:
    """What the unpacked `database` of the backup at `path` holds. Raises Invalid where no server could run on it."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            whole = file.execute("PRAGMA integrity_check(1)").fetchone()
            revisions = [row[0] for row in file.execute("SELECT version_num FROM alembic_version")]
            counts = _counts(file)
            enrolled = file.execute("SELECT count(*) FROM enrolment").fetchone()[0]
    except sqlite3.Error as error:
        raise Invalid(f"Bản sao lưu {path}: cơ sở dữ liệu bên trong hỏng hoặc không phải của hệ thống này.") from error
    if whole != ("ok",):
        raise Invalid(f"Bản sao lưu {path}: cơ sở dữ liệu bên trong bị hỏng.")
    if len(revisions) != 1 or revisions[0] not in known_revisions():
        raise Invalid(
            f"Bản sao lưu {path} do một phiên bản khác làm ra ({manifest.version}), mới hơn chương trình này. "
            "Hãy cập nhật chương trình rồi khôi phục."
        )
    if enrolled and f"keys/{SIGNING_KEYS}" not in manifest.sha256:
        raise Invalid(f"Bản sao lưu {path} thiếu khoá ký (keys/{SIGNING_KEYS}): các trạm sẽ không nhận chương trình.")
    return BackedUp(manifest.made_at, manifest.version, path.stat().st_size, counts | counts_in(manifest.sha256))


def counts_in(names: Collection[str]) -> dict[str, int]:
    """How many members of these names there are of each sort."""
    return {
        "audio": sum(name.startswith("audio/") for name in names),
        "voices": sum(name.startswith("voices/") and name.endswith(".onnx") for name in names),
    }


def _counts(database: sqlite3.Connection) -> dict[str, int]:
    counted = (
        "SELECT (SELECT count(*) FROM station), (SELECT count(*) FROM bulletin), "
        "(SELECT count(*) FROM log_entry), (SELECT count(*) FROM person)"
    )
    row = database.execute(counted).fetchone()
    return dict(zip(("stations", "bulletins", "log_entries", "people"), row, strict=True))


def counts_of(database: Path) -> dict[str, int]:
    """How many rows of each sort the file has. Raises sqlite3.Error."""
    with closing(sqlite3.connect(database)) as file:
        return _counts(file)


class Hashing:
    """A reader that remembers the hash of what went through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.sha256.update(piece)
        return piece


def sha256_of(file: IO[bytes]) -> str:
    digest = Hashing(file)
    while digest.read(_PIECE):
        pass
    return digest.sha256.hexdigest()
