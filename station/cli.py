"""`broadcast-station enrol URL CODE --data DIR` and `broadcast-station run --data DIR --output OUTPUT`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from broadcast.wire import PROGRAM_VERSION, WireError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0 done, 1 with one line on stderr, 2 wrong usage."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        if chosen.command == "enrol":
            return _enrol(chosen)
        return _run(chosen)
    except WireError as error:
        sys.stderr.write(f"{error.message_vi}\n")
        return 1


def _enrol(chosen: argparse.Namespace) -> int:
    from station.enrolment import enrol

    sys.stdout.write(f"{enrol(chosen.url, chosen.code, chosen.data).name}\n")
    return 0


def _run(chosen: argparse.Namespace) -> int:
    from station.clock import MachineClock
    from station.run import run

    run(chosen.data, chosen.output, MachineClock(), battery=chosen.battery_clock, moved_to=chosen.server)
    return 0


def _output(text: str) -> str:
    if text in ("default", "null") or (text.startswith("wav:") and len(text) > 4):
        return text
    raise argparse.ArgumentTypeError("cần default, null hoặc wav:THƯ-MỤC")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="broadcast-station", description="Máy phát của trạm truyền thanh.")
    parser.add_argument("--version", action="version", version=PROGRAM_VERSION)
    commands = parser.add_subparsers(dest="command", required=True)
    enrol = commands.add_parser("enrol", help="ghi danh máy này thành một trạm")
    enrol.add_argument("url", help="địa chỉ máy chủ, dạng https://máy-chủ[:cổng]")
    enrol.add_argument("code", help="mã ghi danh dùng một lần mà máy chủ đã cấp")
    run = commands.add_parser("run", help="phát theo chương trình của máy chủ")
    run.add_argument(
        "--output", type=_output, default="default", help="default, null hoặc wav:THƯ-MỤC (mặc định: default)"
    )
    run.add_argument("--battery-clock", action="store_true", help="tin đồng hồ của máy vì máy có pin đồng hồ còn tốt")
    run.add_argument("--server", metavar="URL", help="địa chỉ mới của máy chủ, khi máy chủ đã dời chỗ")
    for command in (enrol, run):
        command.add_argument("--data", type=Path, required=True, help="thư mục dữ liệu của trạm")
    return parser


if __name__ == "__main__":
    sys.exit(main())
