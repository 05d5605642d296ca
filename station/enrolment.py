"""Who this machine is: the enrolment that made it a station, in one file that only its owner reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broadcast.wire import EnrolAnswer, EnrolRequest, public_key_text, split_code
from station.address import checked_url
from station.errors import StationError
from station.files import only_process, write_whole
from station.server import Server, ServerError, parse

_FILE = "enrolment.json"


@dataclass(frozen=True)
class Enrolment:
    """What the server gave, and the station's own secret key (hex of the raw 32 bytes)."""

    url: str
    pin: str | None
    enrolment: str
    station: str
    name: str
    token: str
    manifest_key: str
    enrolled_ms: int
    private_key: str

    def key(self) -> Ed25519PrivateKey:
        """The key that signs the log."""
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.private_key))


def load_enrolment(folder: Path) -> Enrolment:
    """The enrolment in `folder`. Raises StationError where there is none or it cannot be read."""
    path = folder / _FILE
    try:
        return Enrolment(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise StationError(
            f"Thư mục {folder} chưa ghi danh; hãy chạy: broadcast-station enrol ĐỊA-CHỈ MÃ --data {folder}"
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise StationError(f"Không đọc được tệp {path}: {error}") from error


def enrol(url: str, code: str, folder: Path) -> Enrolment:
    """Make this machine the station that `code` stands for. Raises StationError with one line that says why not."""
    address = checked_url(url)
    code, pin = split_code(code)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with only_process(folder):
            return _enrol_locked(address, code, pin, folder)
    except OSError as error:
        raise StationError(f"Không ghi được vào thư mục {folder}: {error.strerror}.") from error


def _enrol_locked(address: str, code: str, pin: str | None, folder: Path) -> Enrolment:
    path = folder / _FILE
    if path.exists():
        raise StationError(
            f"Thư mục {folder} đã là trạm “{load_enrolment(folder).name}”; muốn ghi danh lại, hãy dùng thư mục khác."
        )
    key = Ed25519PrivateKey.generate()
    # A code works once: whether the disk takes a file is tried before the code is spent.
    write_whole(folder / "probe", b"x" * 4096)
    (folder / "probe").unlink()
    server = Server(address, pin=pin)
    try:
        answer = server.ask(
            "POST", "/api/v1/station/enrol", body=EnrolRequest(code=code, public_key=public_key_text(key))
        )
        given = parse(EnrolAnswer, answer)
    except ServerError as error:
        raise StationError(_why_not(error, address)) from error
    finally:
        server.close()
    enrolment = Enrolment(
        url=address,
        pin=pin,
        enrolment=str(given.enrolment),
        station=given.station,
        name=given.name,
        token=given.token,
        manifest_key=given.manifest_key,
        enrolled_ms=given.server_time_ms,
        private_key=key.private_bytes_raw().hex(),
    )
    write_whole(path, json.dumps(asdict(enrolment), ensure_ascii=False, indent=1).encode())
    return enrolment


def _why_not(error: ServerError, address: str) -> str:
    if error.status is None:
        return f"Chưa ghi danh được với {address}: {error}"
    if error.status == 429:
        return "Đã thử sai mã quá nhiều lần; hãy đợi ít phút rồi thử lại."
    if error.status in (400, 401, 403, 404, 409, 410, 422):
        return f"Máy chủ không nhận mã ghi danh (sai, đã dùng hoặc đã hết hạn). {error}"
    return f"Máy chủ chưa ghi danh được trạm: {error}"
