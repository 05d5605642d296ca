"""What the documents say is there: every setting and command is in them, links lead somewhere, examples are read."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from broadcast.config import PREFIX, Settings
from station.cli import _parser
from tests.processes import broadcast, environment
from web.cli import cli

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "huong-dan.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LARGEST_PICTURE = 200_000  # bytes; the guide is read over mobile networks


def commands(group: click.Group, above: str) -> Iterator[tuple[str, click.Command]]:
    """`broadcast station add`, … with what each takes."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}", command


SERVER_COMMANDS = dict(commands(cli, "broadcast"))


def row_of(command: str) -> str:
    """The command's line in the table of commands."""
    found = [line for line in OPERATIONS.splitlines() if re.match(rf"\| `{re.escape(command)}[ `]", line)]
    assert len(found) == 1, f"{command} has {len(found)} rows in docs/operations.md"
    return found[0]


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_has_a_row_with_its_default(field: str) -> None:
    name = f"`{PREFIX}{field.upper()}`"
    rows = [line for line in OPERATIONS.splitlines() if line.startswith("| `BROADCAST_") and name in line.split("|")[1]]
    assert len(rows) == 1, name
    default = Settings.model_fields[field].default
    if default not in ("", None):
        assert f"`{default}`" in rows[0].split("|")[2]


def test_no_document_names_a_setting_that_is_not_there() -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    for path in DOCUMENTS:
        named = set(re.findall(r"BROADCAST_[A-Z_]*[A-Z]", path.read_text("utf-8")))
        assert {name for name in named if not name.startswith(f"{PREFIX}TEST_")} <= known, path.name


@pytest.mark.parametrize("command", SERVER_COMMANDS)
def test_every_command_has_a_row_with_all_its_options(command: str) -> None:
    row = row_of(command)
    for option in SERVER_COMMANDS[command].params:
        name = option.opts[0]
        if isinstance(option, click.Option) and name == "--now":
            told = re.search(r"(.*) nhận thêm `--now`", OPERATIONS)
            assert told is not None
            assert f"`{command.removeprefix('broadcast ')}`" in told[1]
        elif isinstance(option, click.Option):
            assert name in row


def test_every_command_of_the_station_has_a_row_with_all_its_options() -> None:
    (choices,) = [action.choices for action in _parser()._actions if action.dest == "command"]
    assert choices
    for name, parser in dict(choices).items():
        row = row_of(f"broadcast-station {name}")
        for action in parser._actions:
            for option in action.option_strings:
                if option.startswith("--") and option != "--help":
                    assert option in row


def test_no_document_calls_a_command_that_is_not_there() -> None:
    firsts = {command.split()[1] for command in SERVER_COMMANDS}
    pattern = re.compile(r"(?:`|bin[/\\]|^|[0-9a-z] )broadcast ([a-z]+)", re.MULTILINE)
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "docs" / "operations.md"):
        called = set(pattern.findall(path.read_text("utf-8")))
        assert called, path.name
        assert called <= firsts, path.name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), target


def test_every_link_inside_the_operators_document_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", OPERATIONS))
    assert links
    assert links <= anchors


def test_the_example_of_a_set_up_file_is_loaded_and_planned(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", OPERATIONS, re.DOTALL)
    (tmp_path / "co-so.toml").write_text(example, encoding="utf-8")
    env = environment(tmp_path / "data", BROADCAST_VOICE="tone")
    monday = "2026-11-23T08:00:00+07:00"
    loaded = broadcast("load", str(tmp_path / "co-so.toml"), "--now", monday, env=env)
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.count("/loi-moi/") == 3
    planned = broadcast("plan", "HL-01", "--now", monday, env=env)
    assert [each["starts_at"][:16] for each in json.loads(planned.stdout)["airings"]][:2] == [
        "2026-11-26T17:00",
        "2026-11-27T17:00",
    ]


def test_the_pictures_of_the_guide_are_small_png_files() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\((images/[^)]+)\)", GUIDE)
    assert 1 <= len(pictures) <= 5
    for picture in pictures:
        data = (ROOT / "docs" / picture).read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(data) < LARGEST_PICTURE
        width, height = struct.unpack(">II", data[16:24])
        assert min(width, height) >= 300


def test_the_guide_names_the_six_pages_and_all_roles() -> None:
    shell = (ROOT / "web" / "templates" / "base.html").read_text("utf-8")
    for page in ("Hôm nay", "Bản tin", "Lịch phát", "Trạm", "Nhật ký", "Báo cáo"):
        assert f'("{page}"' in shell
        assert f"| **{page}** |" in GUIDE
    from broadcast.person import Role

    for role in Role:
        assert f"| {role.label.capitalize()} |" in GUIDE


def test_the_guide_explains_every_shape_that_the_screens_show() -> None:
    macros = (ROOT / "web" / "templates" / "_macros.html").read_text("utf-8")
    shown = re.findall(r'"\w+": \("(.)", "([^"]+)"\)', macros)
    assert len(shown) >= 15
    for shape, word in shown:
        assert f"| {shape} {word} |" in GUIDE
