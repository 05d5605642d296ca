"""`broadcast`: the commands of INTERFACES §1. Heavy parts are imported by the command that needs them.

Exit 0 done, 2 wrong usage, 1 anything else with one clear line on stderr; never a traceback.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from broadcast import __version__, clock
from broadcast.config import Settings, load_settings
from broadcast.db import Database
from broadcast.errors import BroadcastError, Invalid, NotFound
from web.commands.arguments import Day, now_option, read_text, text_argument


def main(arguments: list[str] | None = None) -> None:
    """Runs a command and ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        code = cli.main(args=arguments, prog_name="broadcast", standalone_mode=False)
    except click.exceptions.Abort:
        code = _fail("Đã dừng.")
    except click.ClickException as error:
        from web.commands.usage import wrong_usage

        click.echo(wrong_usage(error), err=True)
        code = error.exit_code
    except BroadcastError as error:
        code = _fail(error.message_vi)
    except OperationalError as error:
        place = load_settings().data_dir
        code = _fail(
            f"Không đọc hoặc không ghi được cơ sở dữ liệu ({error.orig}). "
            f"Hãy kiểm tra quyền ghi và chỗ trống ở {place}."
        )
    except SQLAlchemyError as error:
        code = _fail(f"Cơ sở dữ liệu báo lỗi: {_first_line(error)}")
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong here.
        sys.stderr.close()
        code = 0
    except OSError as error:
        code = _fail(f"{error.filename or 'Hệ thống'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 -- the last net: what nobody foresaw is our fault, told in one line
        code = _fail(_own_fault(error))
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> int:
    click.echo(" ".join(message.split()), err=True)
    return 1


def _own_fault(error: Exception) -> str:
    """One line for a fault of the program; what we need to mend it lies in a file of its own."""
    told = f"Lỗi của chương trình ({type(error).__name__}), không phải do cách dùng."
    try:
        handle, name = tempfile.mkstemp(prefix="broadcast-loi-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{__version__}\n{''.join(traceback.format_exception(error))}")
    except OSError:
        return f"{told} {_first_line(error)}"
    return f"{told} Chi tiết đã ghi vào {name}; hãy gửi kèm tệp ấy khi báo lỗi."


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def print_json(value: object, *, compact: bool = False) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=None if compact else 1))


@contextmanager
def opened(settings: Settings, *, upgrade: bool = False) -> Iterator[Database]:
    """The database of the settings; a command that only reads refuses one that was never made."""
    from broadcast.migrations import upgrade as bring_up

    database = Database(settings.database)
    try:
        if upgrade:
            bring_up(database)
        elif database.is_sqlite and database.url.database and not Path(database.url.database).exists():
            raise NotFound(f"Chưa có dữ liệu ở {database.url.database}. Hãy chạy broadcast load hoặc serve trước.")
        yield database
    finally:
        database.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="broadcast")
def cli() -> None:
    """Hệ thống phát thanh cho các trạm truyền thanh cơ sở."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--tls", type=click.Choice(["auto"]), default=None, help="tự tạo chứng thư cho mạng nội bộ")
@click.option("--demo", is_flag=True, help="huyện trình diễn, chỉ trên máy này")
def serve(host: str, port: int, tls: str | None, demo: bool) -> None:
    """Chạy trang quản trị, cổng cho trạm và bộ lập lịch trong một tiến trình."""
    from web.serve import serve as run

    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that still runs is no news
    run(load_settings(), host=host, port=port, tls=tls, demo=demo)


@cli.command()
@text_argument
def read(text: str) -> None:
    """In ra lời sẽ được đọc, mỗi câu một dòng; chỗ còn ngờ in ra stderr."""
    from audio.reading import read_aloud
    from audio.reading.script import refuse_unreadable
    from audio.speaker import open_questions

    script = read_text(text)
    spoken = read_aloud(script)
    for sentence in spoken.sentences:
        click.echo(sentence.spoken)
    try:
        refuse_unreadable(script)
    except BroadcastError as refusal:
        click.echo(refusal.message_vi, err=True)
    for question in open_questions(spoken):
        click.echo(question, err=True)


@cli.command()
@text_argument
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--voice", default=None, help="giọng đọc; mặc định theo cài đặt")
def speak(text: str, out: Path, voice: str | None) -> None:
    """Dựng âm thanh hoàn chỉnh của một văn bản vào tệp .mp3, .wav hoặc .flac; chỗ còn ngờ in ra stderr."""
    from web.commands.speak import speak as run

    done = run(load_settings(), read_text(text), out, voice, lambda told: click.echo(told, err=True))
    print_json(done, compact=True)


@cli.group()
def voice() -> None:
    """Các giọng đọc."""


@voice.command("list")
def voice_list() -> None:
    """Các giọng đang có, giọng được dùng trước tiên ở trên cùng."""
    from web.commands.voice import voice_table

    for line in voice_table(load_settings()):
        click.echo(line)


@voice.command("install")
@click.argument("name")
def voice_install(name: str) -> None:
    """Tải một giọng máy học từ bộ sưu tập công cộng, kiểm tra rồi đưa vào dùng."""
    from web.commands.voice import install_voice

    install_voice(load_settings(), name, clock.now(), click.echo)


@voice.command("add")
@click.argument("file", type=click.Path(path_type=Path))
def voice_add(file: Path) -> None:
    """Nhận một giọng từ tệp .onnx, với tệp .onnx.json cùng tên ở bên cạnh."""
    from web.commands.voice import add_voice

    add_voice(load_settings(), file, clock.now(), click.echo)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
def dispatch(file: Path) -> None:
    """Đọc một công văn và in ra JSON."""
    from broadcast.receiving import LARGEST_BYTES, decode_dispatch, receive
    from web.commands.reading import read_regular

    data = read_regular(file, LARGEST_BYTES)
    print_json(receive(decode_dispatch(data, file.name)).model_dump(mode="json"))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@now_option
def load(file: Path, now: datetime | None) -> None:
    """Thiết lập mọi thứ từ một tệp TOML: tất cả hoặc không gì cả; lần sau chỉ ghi chỗ thay đổi."""
    from web.load import load as run

    settings = load_settings()
    with opened(settings, upgrade=True) as database:
        done = run(database, settings, file, now or clock.now(), tell=click.echo)
    nouns = {
        "unit": "đơn vị", "person": "tài khoản", "station": "trạm", "policy": "quy định", "bulletin": "bản tin",
        "rule": "lịch phát", "obligation": "nghĩa vụ phát",
    }  # fmt: skip
    for words, book in (("thêm", done.added), ("thay đổi", done.changed)):
        for noun, codes in book.items():
            click.echo(f"{words} {len(codes)} {nouns[noun]}: {', '.join(codes)}")
    if done.nothing:
        click.echo("Không có gì thay đổi.")
    base = settings.public_url or "http://127.0.0.1:8000"
    for login, token in done.invitations:
        click.echo(f"đường dẫn đặt mật khẩu của {login} (dùng một lần, trong 7 ngày): {base}/loi-moi/{token}")


@cli.command()
@click.argument("station")
@click.option("--from", "from_on", type=Day(), default=None, help="ngày đầu; mặc định hôm nay")
@click.option("--days", type=click.IntRange(1, 366), default=None, help="số ngày; mặc định đến hết 14 ngày tới")
@now_option
def plan(station: str, from_on: date | None, days: int | None, now: datetime | None) -> None:
    """Tính chương trình của một trạm và in ra JSON; không ghi gì."""
    from web.commands.plan_document import plan_document

    settings = load_settings()
    with opened(settings) as database, database.reading() as session:
        print_json(plan_document(session, settings, station, now or clock.now(), from_on, days))


@cli.group()
def station() -> None:
    """Các trạm truyền thanh."""


@station.command("add")
@click.argument("code")
@click.option("--unit", required=True, help="mã đơn vị của trạm")
@click.option("--name", default=None, help="tên trạm; mặc định là mã")
@now_option
def station_add(code: str, unit: str, name: str | None, now: datetime | None) -> None:
    """Đăng ký trạm và in ra mã ghi danh dùng một lần; trạm đã có thì mã cũ hết hiệu lực."""
    from web.commands.station_add import station_code

    settings = load_settings()
    with opened(settings, upgrade=True) as database, database.writing() as session:
        enrolment_code = station_code(session, settings, code, unit, name, now or clock.now())
    click.echo(f"Mã ghi danh của trạm {code}, dùng một lần trong 7 ngày: {enrolment_code}")


@cli.command()
@click.argument("unit")
@click.option("--from", "from_on", type=Day(), required=True)
@click.option("--until", "until_on", type=Day(), required=True)
@click.option("--as", "form", type=click.Choice(["json", "csv", "xlsx", "docx", "pdf"]), default="json")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None)
@now_option
def report(unit: str, from_on: date, until_on: date, form: str, out: Path | None, now: datetime | None) -> None:
    """Báo cáo phát thanh của một đơn vị và cấp dưới, tính cả hai ngày đầu cuối."""
    from broadcast.reports import write_report

    if form in {"docx", "pdf"}:
        raise Invalid(f"Báo cáo dạng {form} chưa có trong phiên bản này; hãy dùng json, csv hoặc xlsx.")
    settings = load_settings()
    with opened(settings) as database, database.reading() as session:
        data = write_report(session, unit, from_on, until_on, form, as_of=now or clock.now(), zone=settings.zone)
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        _write_whole(out, data)
        click.echo(str(out))


@cli.command()
def audit() -> None:
    """Kiểm tra chuỗi nhật ký của mọi trạm; thoát với mã 1 khi có chỗ sai."""
    from broadcast.audit import audit as run

    settings = load_settings()
    with opened(settings) as database, database.reading() as session:
        lines = run(session)
    for line in lines:
        click.echo(str(line))
    if any(not line.ok for line in lines):
        raise Invalid("Có nhật ký không nguyên vẹn, xem các dòng trên.")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@now_option
def backup(file: Path, now: datetime | None) -> None:
    """Sao lưu cơ sở dữ liệu, khoá và âm thanh vào một tệp, trong khi máy chủ vẫn chạy."""
    from web.commands.backup import back_up

    click.echo(back_up(load_settings(), file, now or clock.now()).in_words())


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Khôi phục từ bản sao lưu, chỉ vào nơi còn trống."""
    from web.commands.backup import restore as run

    click.echo(run(load_settings(), file).in_words())


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.tmp")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
