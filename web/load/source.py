"""Where in a set-up file a mistake is, and what it is, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ValidationError

from broadcast.errors import BroadcastError, Invalid, StorageError


class Source:
    """The text of a set-up file, able to say on which line a field stands."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()

    def line_of(self, table: str, index: int, name: str | None = None) -> int | None:
        """1-based; of the table's header where the field is not written down."""
        header = re.compile(rf"\s*\[\[\s*{re.escape(table)}\s*\]\]")
        seen = -1
        found = None
        for number, line in enumerate(self.lines, 1):
            if header.match(line):
                seen += 1
                if seen == index:
                    found = number
                    if name is None:
                        break
            elif found is not None and re.match(r"\s*\[", line):
                if name and re.match(rf"\s*\[\s*{re.escape(table)}\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*\]", line):
                    return number
                break
            elif found is not None and name and re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]", line):
                return number
        return found

    def mistake(self, table: str, index: int, name: str | None, message: str) -> Invalid:
        """An error that names the line, the table and the field."""
        line = self.line_of(table, index, name)
        where = f"dòng {line}, " if line else ""
        what = f"[[{table}]]" + (f" {name}" if name else "")
        return Invalid(f"{where}{what}: {message}", field=name)

    @contextmanager
    def at(self, table: str, index: int, name: str | None = None) -> Iterator[None]:
        """Turns an expected error inside the block into one that names this line."""
        try:
            yield
        except BroadcastError as error:
            # A full disk is no mistake of the file.
            if isinstance(error, StorageError) or error.message_vi.startswith("dòng "):
                raise
            raise self.mistake(table, index, error.field or name, error.message_vi) from error


def toml_words(message: str) -> str:
    found = re.search(r"at line (\d+), column (\d+)", message)
    where = f"dòng {found[1]}, cột {found[2]}: " if found else ""
    return f"{where}không đúng cú pháp TOML ({message.partition(' (at')[0]})"


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda problem: "thiếu trường này",
    "extra_forbidden": lambda problem: "không có trường nào tên như vậy",
    "string_too_short": lambda problem: "không được để trống",
    "string_too_long": lambda problem: f"dài quá {problem['ctx']['max_length']} ký tự",
    "string_type": lambda problem: "phải là chữ trong dấu nháy",
    "string_pattern_mismatch": lambda problem: f"“{problem['input']}” không dùng được ở đây",
    "literal_error": lambda problem: f"phải là một trong: {problem['ctx']['expected'].replace(' or ', ', ')}",
    "greater_than_equal": lambda problem: f"phải từ {problem['ctx']['ge']} trở lên",
    "less_than_equal": lambda problem: f"phải không quá {problem['ctx']['le']}",
    "int_type": lambda problem: "phải là số nguyên",
    "int_parsing": lambda problem: "phải là số nguyên",
    "int_from_float": lambda problem: "phải là số nguyên",
    "bool_type": lambda problem: "phải là true hoặc false",
    "bool_parsing": lambda problem: "phải là true hoặc false",
    "list_type": lambda problem: "phải là một danh sách trong ngoặc vuông",
    "too_short": lambda problem: f"cần ít nhất {problem['ctx']['min_length']} mục",
    "too_long": lambda problem: f"nhiều nhất {problem['ctx']['max_length']} mục",
    "value_error": lambda problem: str(problem["ctx"]["error"]),
    "model_type": lambda problem: "phải là một bảng",
    "dict_type": lambda problem: "phải là một bảng",
}


def first_mistake(error: ValidationError, source: Source, file: type[BaseModel]) -> Invalid:
    """In words; `file` is the whole file as a model, for the names there are."""
    # A misspelt field is missing under its right name too: the misspelling is what helps.
    problem: Any = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    in_words = _WORDS.get(problem["type"])
    words = in_words(problem) if in_words else str(problem["msg"])
    path = [part for part in problem["loc"] if part != "daily" and not str(part).startswith("list[")]
    if len(path) == 1 and problem["type"] == "extra_forbidden":
        known = ", ".join(f"[[{name}]]" for name in file.model_fields)
        return Invalid(f"[[{path[0]}]]: không có bảng nào tên như vậy; các bảng có: {known}")
    if len(path) < 2 or not isinstance(path[1], int):
        return Invalid(f"{path[0] if path else 'tệp'}: {words}")
    name = next((str(part) for part in path[2:] if isinstance(part, str)), None)
    deeper = ".".join(str(part) for part in path[3:] if isinstance(part, str))
    mistake = source.mistake(str(path[0]), path[1], name, f"{deeper}: {words}" if deeper else words)
    if problem["type"] == "extra_forbidden":
        fields = file.model_fields[str(path[0])].annotation.__args__[0].model_fields  # type: ignore[union-attr]
        known = ", ".join(info.alias or key for key, info in fields.items())
        return Invalid(f"{mistake.message_vi}; các trường có: {known}", field=name)
    return mistake
