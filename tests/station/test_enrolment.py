"""`broadcast-station enrol`: codes, addresses, certificates, and one clear line for every failure."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from broadcast import wire
from station.cli import main
from station.enrolment import load_enrolment
from station.server import Server, ServerError
from tests.station.standin import CODE, StandIn, self_signed, serving


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on stderr of a command that ends with 1."""
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_enrolling_makes_this_folder_the_station_and_prints_its_name(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    box = tmp_path / "box"
    assert main(["enrol", stand_in.url + "/", CODE.lower().replace("-", " "), "--data", str(box)]) == 0
    assert capsys.readouterr().out == "Trạm Thử Nghiệm\n"
    kept = load_enrolment(box)
    assert wire.public_key_text(kept.key()) == stand_in.station_key
    assert (kept.token, kept.manifest_key) == (stand_in.token, wire.public_key_text(stand_in.author.key))
    assert stat.S_IMODE((box / "enrolment.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in box.iterdir()) == ["enrolment.json", "lock"]


def test_a_folder_is_enrolled_once_and_its_code_is_not_spent_again(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["enrol", stand_in.url, CODE, "--data", str(tmp_path)]) == 0
    capsys.readouterr()
    asked = len(stand_in.asked)
    assert "đã là trạm “Trạm Thử Nghiệm”" in refused(capsys, "enrol", stand_in.url, CODE, "--data", str(tmp_path))
    assert len(stand_in.asked) == asked


def test_a_used_code_an_unreachable_server_and_one_that_answers_nonsense_leave_nothing_behind(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path)]
    stand_in.code_used = True
    assert "không nhận mã ghi danh" in refused(capsys, "enrol", stand_in.url, CODE, *data)
    assert "Không nối được" in refused(capsys, "enrol", "http://127.0.0.1:9", CODE, *data)
    stand_in.faults["enrol"] = [429, 500]
    assert "quá nhiều lần" in refused(capsys, "enrol", stand_in.url, CODE, *data)
    assert "500" in refused(capsys, "enrol", stand_in.url, CODE, *data)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("http://tinh.example", CODE, "https"),
        ("http://192.168.1.5:8000", CODE, "https"),
        ("ftp://127.0.0.1", CODE, "không đúng"),
        ("https://127.0.0.1:70000", CODE, "không đúng"),
        ("chỗ nào đó", CODE, "không đúng"),
        ("https://127.0.0.1:9", "ABCD-EFGH", "XXXX-XXXX-XXXX"),
        ("https://127.0.0.1:9", CODE + ".SHORT", "XXXX-XXXX-XXXX"),
    ],
)
def test_bad_addresses_and_codes_are_refused_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, code: str, says: str
) -> None:
    assert says in refused(capsys, "enrol", url, code, "--data", str(tmp_path))


def test_a_folder_that_cannot_be_written_spends_no_code(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    refused(capsys, "enrol", stand_in.url, CODE, "--data", str(tmp_path / "file" / "box"))
    assert stand_in.asked == []


def test_running_a_folder_that_is_no_station_or_is_damaged_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "chưa ghi danh" in refused(capsys, "run", "--data", str(tmp_path), "--output", "null")
    (tmp_path / "enrolment.json").write_text(json.dumps({"url": 1}))
    assert "Không đọc được" in refused(capsys, "run", "--data", str(tmp_path), "--output", "null")


@pytest.mark.parametrize("arguments", [[], ["run"], ["run", "--data", "x", "--output", "loa"], ["enrol", "u", "c"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_station_enrols_over_tls_with_the_pinned_self_signed_certificate_and_with_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context, certificate = self_signed(tmp_path)
    other, _ = self_signed(tmp_path, "somebody-else")
    code = f"{CODE}.{wire.fingerprint(certificate)}"
    with serving(StandIn(), tls=other) as impostor:
        said = refused(capsys, "enrol", impostor.url, code, "--data", str(tmp_path / "box"))
        assert "không phải chứng thư" in said
        assert impostor.asked == []
    with serving(StandIn(), tls=context) as real:
        said = refused(capsys, "enrol", real.url, CODE, "--data", str(tmp_path / "box"))
        assert "Không kiểm được chứng thư" in said
        assert main(["enrol", real.url, code, "--data", str(tmp_path / "box")]) == 0
        kept = load_enrolment(tmp_path / "box")
        port = int(real.url.rpartition(":")[2])
        real.publish()
        server = Server(kept.url, token=kept.token, pin=kept.pin)
        assert server.ask("GET", "/api/v1/station/manifest").body == real.body
        server.close()
    with serving(StandIn(), port=port, tls=other):
        server = Server(kept.url, token=kept.token, pin=kept.pin)
        with pytest.raises(ServerError, match="không phải chứng thư"):
            server.ask("GET", "/api/v1/station/manifest")
        server.close()
