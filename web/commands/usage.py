"""What click says of a wrong command line, in Vietnamese."""

from __future__ import annotations

import re

import click

_SAID = [
    (r"^Missing option (.+?)\.", r"Thiếu tuỳ chọn \1."),
    (r"^Missing argument (.+?)\.", r"Thiếu tham số \1."),
    (r"^Missing parameter(.*?)\.", r"Thiếu tham số\1."),
    (r"^Missing command\.", "Chưa nói lệnh nào."),
    (r"^No such command (.+?)\.$", r"Không có lệnh \1."),
    (r"^No such option: (\S+)", r"Không có tuỳ chọn \1."),
    (r"Did you mean (.+?)\?$", r"Có phải là \1?"),
    (r"\(Possible options: (.+)\)$", r"Các tuỳ chọn gần giống: \1."),
    (r"^Invalid value for (.+?): ", r"Giá trị không đúng cho \1: "),
    (r"^Invalid value: ", "Giá trị không đúng: "),
    (r"^Got unexpected extra arguments? \((.+)\)", r"Thừa tham số: \1."),
    (r"^Option (.+?) requires (?:an argument|\d+ arguments)\.", r"Tuỳ chọn \1 cần một giá trị."),
    (r"^Option (.+?) does not take a value\.", r"Tuỳ chọn \1 không nhận giá trị."),
    (r"(\S+) is not in the range (.+?)\.$", r"\1 nằm ngoài khoảng \2."),
    (r"('.*?') is not a valid (?:integer|int)(?: range)?\.$", r"\1 không phải là số nguyên."),
    (r"('.*?') is not (?:one of (.+)|('.+'))\.$", r"\1 không phải là một trong: \2\3."),
    (r"(?:File|Path|Directory) ('.*?') is a directory\.$", r"\1 là một thư mục, cần một tệp."),
    (r"(?:File|Path|Directory) ('.*?') does not exist\.$", r"không có \1."),
    (r"Choose from:\s+", "Chọn một trong: "),
]
_IN_USAGE = {"[OPTIONS]": "[TUỲ CHỌN]", "COMMAND [ARGS]...": "LỆNH [THAM SỐ]..."}


def wrong_usage(error: click.ClickException) -> str:
    """How the command is used, and on the last line what was wrong. What click says in words unknown here stays."""
    lines = []
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        usage = " ".join(piece.strip() for piece in context.command.collect_usage_pieces(context))
        for english, words in _IN_USAGE.items():
            usage = usage.replace(english, words)
        lines = [f"Cách dùng: {context.command_path} {usage}", f"Xem thêm: {context.command_path} --help"]
    return "\n".join([*lines, f"Lỗi: {in_vietnamese(error.format_message())}"])


def in_vietnamese(message: str) -> str:
    """A message of click on one line; as it is where it is not known."""
    for said, words in _SAID:
        message = re.sub(said, words, message, flags=re.DOTALL)
    return " ".join(message.split())
