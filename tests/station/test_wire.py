"""What server and station must agree on to the byte."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from broadcast import wire
from tests.station.bench import ENROLMENT, MORNING, Author, airing_id


def entry(**changes: Any) -> wire.Entry:
    plain: dict[str, Any] = {
        "seq": 1,
        "event_id": airing_id("event"),
        "previous_hash": str(ENROLMENT),
        "manifest_sequence": 0,
        "kind": "ready",
        "at": wire.instant_of_ms(MORNING),
        "clock_offset_ms": None,
        "clock_source": "none",
    }
    return wire.Entry.model_validate(plain | changes)


def test_importing_the_wire_brings_in_neither_sqlalchemy_nor_flask() -> None:
    code = "import sys, broadcast.wire, station.run; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "pydantic" in loaded
    assert not any(name in loaded for name in ("'sqlalchemy'", "'flask'", "'alembic'", "'numpy'"))


def test_a_manifest_has_one_spelling_and_keeps_what_is_null_on_purpose() -> None:
    author = Author()
    body, _ = author.manifest(
        author.airing("bão", MORNING, audio="a" * 64, repeats=None, **{"class": "emergency"}),
        curfew=[(MORNING, MORNING + 1)],
        a_field_of_next_year={"x": 1},
    )
    manifest = wire.read_manifest(body)
    spelled = wire.to_bytes(manifest)
    assert wire.to_bytes(wire.read_manifest(spelled)) == spelled
    plain = json.loads(spelled)
    assert plain["airings"][0]["repeats"] is None
    assert plain["airings"][0]["class"] == "emergency"
    assert plain["curfew"] == [{"from": "2026-11-22T22:00:00.000Z", "until": "2026-11-22T22:00:00.001Z"}]
    assert not {"next_manifest_key", "a_field_of_next_year"} & plain.keys()
    assert not {"relay", "volume"} & plain["airings"][0].keys()
    assert "bão".encode() in spelled


def test_the_described_shape_of_an_answer_asks_for_no_field_that_is_left_out() -> None:
    schema = wire.Manifest.model_json_schema(mode="serialization")
    assert "next_manifest_key" in schema["properties"]
    assert "next_manifest_key" not in schema["required"]
    airing = schema["$defs"]["ManifestAiring"]
    assert {"class", "repeats", "starts_at"} <= set(airing["required"])
    assert not {"audio", "relay", "volume"} & set(airing["required"])
    assert airing["properties"]["starts_at"]["format"] == "date-time"


def test_an_entry_leaves_out_what_may_be_missing_and_its_hash_is_over_its_own_bytes() -> None:
    text = wire.entry_text(entry(note="Trạm đã sẵn sàng"))
    assert text == (
        '{"at":"2026-11-22T22:00:00.000Z","clock_offset_ms":null,"clock_source":"none",'
        f'"event_id":"{airing_id("event")}","kind":"ready","manifest_sequence":0,'
        f'"note":"Trạm đã sẵn sàng","previous_hash":"{ENROLMENT}","seq":1}}'
    )
    assert wire.Entry.model_validate_json(text) == entry(note="Trạm đã sẵn sàng")
    assert wire.entry_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_signature_holds_for_its_key_and_bytes_only() -> None:
    key = Ed25519PrivateKey.generate()
    public = wire.public_key_text(key)
    data = wire.batch_text(ENROLMENT, 7, "f" * 64)
    assert data == f"{ENROLMENT}:7:{'f' * 64}".encode()
    signature = wire.sign(key, data)
    assert wire.verify(public, data, signature)
    assert not wire.verify(public, data + b"0", signature)
    assert not wire.verify(wire.public_key_text(Ed25519PrivateKey.generate()), data, signature)
    for nonsense in ("", "không phải base64", signature[:-4], "AAAA"):
        assert not wire.verify(public, data, nonsense)
        assert not wire.verify(nonsense, data, signature)


def test_the_batch_is_signed_over_its_highest_entry_in_whatever_order_they_stand() -> None:
    items = [{"seq": seq, "entry": "{}", "hash": str(seq) * 64} for seq in (2, 3, 1)]
    assert wire.LogBatch.model_validate({"entries": items, "signature": "x"}).last().seq == 3


@pytest.mark.parametrize(
    ("typed", "code", "pin"),
    [
        ("ABCD-EFGH-JKMN", "ABCD-EFGH-JKMN", None),
        (" abcd efgh jkmn\n", "ABCD-EFGH-JKMN", None),
        ("O1IL-0000-zzzz", "0111-0000-ZZZZ", None),
        ("ABCD-EFGH-JKMN." + "q7" * 26, "ABCD-EFGH-JKMN", "Q7" * 26),
    ],
)
def test_a_code_is_understood_as_people_type_it(typed: str, code: str, pin: str | None) -> None:
    assert wire.split_code(typed) == (code, pin)


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGH-JKMU", "ABCD-EFGH-JKMN.", "ABCD-EFGH-JKMN.18", "."])
def test_what_is_no_code_is_refused_with_its_form(typed: str) -> None:
    with pytest.raises(wire.WireError, match="XXXX-XXXX-XXXX"):
        wire.split_code(typed)


def test_made_codes_are_understood_and_never_the_same() -> None:
    codes = {wire.make_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(wire.split_code(code) == (code, None) for code in codes)
    pin = wire.fingerprint(b"certificate")
    assert wire.split_code(wire.make_code(pin))[1] == pin
    assert len(pin) == 52


def test_instants_are_utc_with_milliseconds_and_z_and_nothing_else_is_read() -> None:
    hanoi = datetime(2026, 1, 1, 6, 59, 59, 999_000, tzinfo=timezone(timedelta(hours=7)))
    assert wire.instant_text(hanoi) == "2025-12-31T23:59:59.999Z"
    assert wire.instant_of_ms(wire.milliseconds(hanoi)) == hanoi
    assert wire.milliseconds(datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC)) == 1
    for wrong in ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+00:00", "2026-02-30T00:00:00.000Z", 0):
        with pytest.raises(ValidationError):
            entry(at=wrong)
    with pytest.raises(ValidationError):
        entry(at=datetime(2026, 1, 1))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 0},
        {"seq": "1"},
        {"seq": 2**60},
        {"previous_hash": "F" * 64},
        {"kind": "sang"},
        {"reason": "vì sao"},
        {"volume": 101},
        {"audio": "a" * 63},
        {"sounded_ms": -1},
        {"note": "\x00"},
        {"note": "x" * 501},
        {"clock_source": "gps"},
    ],
)
def test_an_entry_outside_its_limits_is_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        entry(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"relay": "r1", "audio": "a" * 64},
        {},
        {"audio": "a" * 64, "duration_ms": 0},
        {"audio": "a" * 64, "repeats": 0},
        {"audio": "a" * 64, "late_ms": -1},
        {"audio": "a" * 64, "on_overrun": "shout"},
    ],
)
def test_an_airing_without_sense_is_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        wire.ManifestAiring.model_validate_json(json.dumps(Author().airing("x", MORNING, **changes)))


def test_a_body_that_is_no_manifest_says_where_it_fails() -> None:
    with pytest.raises(wire.WireError, match="version"):
        wire.read_manifest(Author().manifest(version=2)[0])
    with pytest.raises(wire.WireError, match="khuôn dạng"):
        wire.read_manifest(b"\xff not json")


def test_a_batch_holds_one_to_five_hundred_entries() -> None:
    item = {"seq": 1, "entry": "{}", "hash": "a" * 64}
    for count in (0, 501):
        with pytest.raises(ValidationError):
            wire.LogBatch.model_validate({"entries": [item] * count, "signature": "x"})
    assert len(wire.LogBatch.model_validate({"entries": [item] * 500, "signature": "x"}).entries) == 500


def test_the_protocols_page_explains_every_field_kind_and_reason() -> None:
    page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
    shapes = (
        wire.EnrolRequest,
        wire.EnrolAnswer,
        wire.Manifest,
        wire.ManifestAiring,
        wire.ManifestRelay,
        wire.AudioFile,
        wire.Span,
        wire.Entry,
        wire.LogBatch,
        wire.LogItem,
        wire.LogAnswer,
        wire.Rejected,
        wire.StatusReport,
        wire.StatusAnswer,
        wire.Problem,
    )
    words = {field.alias or name for shape in shapes for name, field in shape.model_fields.items()}
    kinds = (wire.EntryKind, wire.EntryReason, wire.ClockSource, wire.AiringClass)
    words |= {str(word) for kind in kinds for word in kind}
    assert {word for word in words if not re.search(rf"[`{{\[ \"]{word}[`?,:\]}}\" ]", page)} == set()
