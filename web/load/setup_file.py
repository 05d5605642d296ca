"""The set-up file (INTERFACES §4) as typed values. A mistake names its line, its field and what would be right.

In the demonstration file alone a date may be "today" or "today+30" and a time "+1", "+2" (whole minutes from now, the
first at least 20 s ahead): `Moment` says when that is; without one such values are refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from broadcast.arrangement import LONGEST_GAP_S, MOST_READINGS, closing_fault
from broadcast.errors import BroadcastError, Invalid, StorageError, TooLarge
from broadcast.signs import LONGEST_CODE, code_fault, has_control_signs, is_hidden
from broadcast.variables import values_fault

LARGEST_FILE = 4 * 1024 * 1024
FIRST_YEAR, LAST_YEAR = 1900, 2200  # no calendar may run over its end
FIRST_AIRING_AHEAD = timedelta(seconds=20)


@dataclass(frozen=True)
class Moment:
    """The instant against which the demonstration's relative days and times are filled in."""

    now: datetime
    zone: ZoneInfo

    def day(self, offset: int) -> date:
        # A demonstration that starts at 23:59 airs after midnight: its days follow its first airing.
        return self.minute(1).date() + timedelta(days=offset)

    def minute(self, offset: int) -> datetime:
        earliest = (self.now + FIRST_AIRING_AHEAD).astimezone(self.zone)
        whole = earliest.replace(second=0, microsecond=0)
        return whole + timedelta(minutes=offset - (whole == earliest))


_moment: ContextVar[Moment | None] = ContextVar("moment", default=None)


@contextmanager
def _relative_to(moment: Moment | None) -> Iterator[None]:
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def _day(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, str | date):
        raise ValueError("phải là một ngày, ví dụ 2026-11-22")  # noqa: TRY004 -- pydantic takes ValueError
    if isinstance(value, date):
        return _possible(value)
    if (moment := _moment.get()) is not None and (found := re.fullmatch(r"today(?:\+(\d{1,4}))?", value)):
        return moment.day(int(found[1] or 0))
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"“{value}” không phải là một ngày có thật, ví dụ đúng: 2026-11-22") from error
    return _possible(day)


def _possible(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"ngày phải từ năm {FIRST_YEAR} đến {LAST_YEAR}; bỏ trường này nghĩa là từ trước hoặc mãi mãi")
    return day


def _wall(value: object) -> object:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if not isinstance(value, str):
        raise ValueError("phải là giờ trong ngày, ví dụ “17:15”")  # noqa: TRY004
    if (moment := _moment.get()) is not None and (found := re.fullmatch(r"\+(\d{1,3})", value)):
        return f"{moment.minute(int(found[1])):%H:%M}"
    found = re.fullmatch(r"\s*(\d{1,2})\s*[:hg]\s*(\d{2})?\s*", value)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise ValueError(f"“{value}” không phải là giờ trong ngày, ví dụ đúng: “05:30”")
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"


Day = Annotated[date, BeforeValidator(_day)]
Wall = Annotated[str, BeforeValidator(_wall)]


def _code(value: str) -> str:
    if fault := code_fault(value):
        raise ValueError(fault)
    return value


def _login(value: str) -> str:
    if fault := code_fault(value.replace("@", "_"), "person"):
        raise ValueError(fault)
    return value


def _free(noun: str) -> AfterValidator:
    """A code of its own, not one that only names what is elsewhere: it must be none of the pages of its noun."""

    def check(value: str) -> str:
        if fault := code_fault(value, noun):
            raise ValueError(fault)
        return value

    return AfterValidator(check)


def _seen(value: str) -> str:
    if is_hidden(value):
        raise ValueError("có ký tự không nhìn thấy được; hãy gõ lại trên một dòng")
    return value


def _said(value: str) -> str:
    if fault := closing_fault(value):
        raise ValueError(fault)
    return value


Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE), AfterValidator(_code)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_seen)]
Line = Annotated[str, AfterValidator(_seen)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: object) -> object:
        texts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and has_control_signs(text) for text in texts):
            raise ValueError("có ký tự điều khiển không đọc được (như U+0000)")
        return value


class _Span(_Table):
    from_on: Day | None = Field(default=None, alias="from")
    until_on: Day | None = Field(default=None, alias="until")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.from_on and self.until_on and self.until_on < self.from_on:
            raise ValueError("ngày kết thúc (until) phải từ ngày bắt đầu (from) trở đi")
        return self


class UnitTable(_Table):
    code: Annotated[Code, _free("unit")]
    name: Name
    kind: Annotated[Line, Field(min_length=1, max_length=40)]
    parent: Code | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    variables: dict[str, str] = Field(default_factory=dict)

    @field_validator("variables")
    @classmethod
    def _fillable(cls, values: dict[str, str]) -> dict[str, str]:
        if fault := values_fault(values):
            raise ValueError(fault)
        return values


class AssignmentTable(_Span):
    role: Literal["editor", "approver", "operator", "supervisor", "administrator"]
    unit: Code


class PersonTable(_Table):
    login: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.@\-]+$"), AfterValidator(_login)]
    name: Name
    password: str | None = Field(default=None, repr=False)
    assignments: list[AssignmentTable] = Field(default_factory=list)


class StationTable(_Table):
    code: Annotated[Code, _free("station")]
    name: Name
    unit: Code
    volume: int = Field(default=80, ge=0, le=100)


class SessionTable(_Table):
    name: Annotated[Line, Field(min_length=1, max_length=40)]
    from_time: Wall = Field(alias="from")
    until_time: Wall = Field(alias="until")

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.until_time <= self.from_time:
            raise ValueError("khung giờ phải kết thúc sau khi bắt đầu, trong cùng một ngày")
        return self


class PolicyTable(_Span):
    unit: Code
    curfew: list[Wall] | None = None
    sessions: list[SessionTable] | None = None
    longest_session_minutes: int | None = Field(default=None, ge=1, le=1440)
    sessions_a_day: int | None = Field(default=None, ge=0, le=48)
    days: list[Weekday] | None = None
    same_text_a_day: int | None = Field(default=None, ge=0, le=200)
    source: str = ""

    @model_validator(mode="after")
    def _whole_spans(self) -> Self:
        if self.curfew is not None and len(self.curfew) not in {0, 2}:
            raise ValueError('curfew là ["22:00", "05:00"], hoặc [] khi không có giờ cấm phát')
        if self.curfew and self.curfew[0] == self.curfew[1]:
            raise ValueError("curfew bắt đầu và kết thúc cùng một giờ thì cấm phát cả ngày; hãy ghi hai giờ khác nhau")
        return self


class RelayTable(_Table):
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)]
    minutes: int = Field(ge=1, le=240)


class BulletinTable(_Table):
    code: Annotated[Code, _free("bulletin")]
    title: Annotated[Line, Field(min_length=1, max_length=300)]
    bulletin_class: Literal["normal", "priority", "emergency"] = Field(alias="class")
    script: str | None = None
    sound: str | None = None
    relay: RelayTable | None = None
    author: str
    approver: str | None = None
    unit: Code | None = None
    read_as_is: bool = False
    chime: Literal["gong", "bells", "bamboo", "none"] | None = None
    readings: int | None = Field(default=None, ge=1, le=MOST_READINGS)
    reading_gap_seconds: int | None = Field(default=None, ge=0, le=LONGEST_GAP_S)
    closing: Annotated[str, Field(max_length=500), AfterValidator(_said)] | None = None
    source: str = ""
    field: str = ""
    valid_from: Day | None = None
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if sum(content is not None for content in (self.script, self.sound, self.relay)) != 1:
            raise ValueError("cần đúng một trong ba: script (lời), sound (tệp âm thanh) hoặc relay (tiếp sóng)")
        if self.approver is not None and self.approver == self.author:
            raise ValueError("người phê duyệt (approver) phải là người khác với người viết (author)")
        return self


class RuleTable(_Span):
    code: Annotated[Code, _free("rule")]
    bulletin: Code | None = None
    bulletins: list[Code] = Field(default_factory=list)
    targets: Annotated[list[Code], Field(min_length=1)]
    days: Literal["daily"] | list[Weekday] | None = None
    dates: list[Day] | None = None
    times: list[Wall] = Field(default_factory=list)
    sessions: list[str] = Field(default_factory=list)
    every_minutes: int | None = Field(default=None, ge=1, le=1440)
    between: Annotated[list[Wall], Field(min_length=2, max_length=2)] | None = None
    repeats: int = Field(default=1, ge=1, le=10)
    gap_seconds: int = Field(default=2, ge=0, le=60)
    on_collision: Literal["after", "refuse"] = "after"
    except_on: list[Day] = Field(default_factory=list, alias="except")
    unit: Code | None = None
    source: str = ""
    name: str = ""

    @model_validator(mode="after")
    def _says_what_and_when(self) -> Self:
        if bool(self.bulletin) == bool(self.bulletins):
            raise ValueError("cần bulletin (một bản tin) hoặc bulletins (nhiều bản tin luân phiên)")
        if (self.every_minutes is None) != (self.between is None):
            raise ValueError('every_minutes đi cùng between, ví dụ every_minutes = 90, between = ["06:00", "20:00"]')
        if self.between and self.between[1] < self.between[0]:
            raise ValueError("giờ sau của between phải từ giờ trước trở đi")
        if not (self.times or self.sessions or self.every_minutes):
            raise ValueError("cần giờ phát: times, sessions, hoặc every_minutes với between")
        if self.days == [] or self.dates == []:
            raise ValueError("không chọn ngày nào thì lịch không bao giờ phát; bỏ trường này để phát hằng ngày")
        return self


class ObligationTable(_Span):
    bulletin: Code
    units: Annotated[list[Code], Field(min_length=1)]
    at_least: int = Field(ge=1, le=200)
    per: Literal["day"] = "day"
    from_on: Day = Field(alias="from")
    until_on: Day = Field(alias="until")
    source: str = ""


class SetUpFile(_Table):
    unit: list[UnitTable] = Field(default_factory=list)
    person: list[PersonTable] = Field(default_factory=list)
    station: list[StationTable] = Field(default_factory=list)
    policy: list[PolicyTable] = Field(default_factory=list)
    bulletin: list[BulletinTable] = Field(default_factory=list)
    rule: list[RuleTable] = Field(default_factory=list)
    obligation: list[ObligationTable] = Field(default_factory=list)


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


def parse(data: bytes, moment: Moment | None = None) -> tuple[SetUpFile, Source]:
    """Raises Invalid or TooLarge; nothing is looked up yet."""
    if len(data) > LARGEST_FILE:
        raise TooLarge("Tệp thiết lập lớn hơn 4 MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("Tệp thiết lập không phải là văn bản UTF-8.") from error
    source = Source(text)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(_toml_words(str(error))) from error
    except RecursionError:
        raise Invalid("Tệp thiết lập lồng quá nhiều ngoặc vào nhau.") from None
    except ValueError as error:  # int() and datetime refuse figures that TOML allows
        raise Invalid("Tệp thiết lập có một con số hoặc một ngày ngoài mọi giới hạn.") from error
    try:
        with _relative_to(moment):
            return SetUpFile.model_validate(raw), source
    except ValidationError as error:
        raise _first_mistake(error, source) from error


def _toml_words(message: str) -> str:
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


def _first_mistake(error: ValidationError, source: Source) -> Invalid:
    # A misspelt field is missing under its right name too: the misspelling is what helps.
    problem: Any = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    in_words = _WORDS.get(problem["type"])
    words = in_words(problem) if in_words else str(problem["msg"])
    path = [part for part in problem["loc"] if part != "daily" and not str(part).startswith("list[")]
    if len(path) == 1 and problem["type"] == "extra_forbidden":
        known = ", ".join(f"[[{name}]]" for name in SetUpFile.model_fields)
        return Invalid(f"[[{path[0]}]]: không có bảng nào tên như vậy; các bảng có: {known}")
    if len(path) < 2 or not isinstance(path[1], int):
        return Invalid(f"{path[0] if path else 'tệp'}: {words}")
    name = next((str(part) for part in path[2:] if isinstance(part, str)), None)
    deeper = ".".join(str(part) for part in path[3:] if isinstance(part, str))
    mistake = source.mistake(str(path[0]), path[1], name, f"{deeper}: {words}" if deeper else words)
    if problem["type"] == "extra_forbidden":
        fields = SetUpFile.model_fields[str(path[0])].annotation.__args__[0].model_fields  # type: ignore[union-attr]
        known = ", ".join(info.alias or key for key, info in fields.items())
        return Invalid(f"{mistake.message_vi}; các trường có: {known}", field=name)
    return mistake
