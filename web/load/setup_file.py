"""The set-up file (INTERFACES §4) as typed values. A mistake names its line, its field and what would be right."""

from __future__ import annotations

import tomllib
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from broadcast.arrangement import LONGEST_GAP_S, MOST_READINGS
from broadcast.errors import Invalid, TooLarge
from broadcast.signs import has_control_signs
from broadcast.variables import values_fault
from schedules.checks.ready_made import BY_CODE
from web.load.fields import Closing, Code, Day, End, Line, Login, Minute, Moment, Name, Wall, Weekday, free, relative_to
from web.load.source import Source, first_mistake, toml_words

LARGEST_FILE = 4 * 1024 * 1024


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
    code: Annotated[Code, free("unit")]
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
    login: Login
    name: Name
    password: str | None = Field(default=None, repr=False)
    assignments: list[AssignmentTable] = Field(default_factory=list)


class StationTable(_Table):
    code: Annotated[Code, free("station")]
    name: Name
    unit: Code
    volume: int = Field(default=80, ge=0, le=100)


class SessionTable(_Table):
    name: Annotated[Line, Field(min_length=1, max_length=40)]
    from_time: Minute = Field(alias="from")
    until_time: End = Field(alias="until")

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.until_time <= self.from_time and self.until_time != "00:00":
            raise ValueError("khung giờ phải kết thúc sau khi bắt đầu, trong cùng một ngày")
        return self


class PolicyTable(_Span):
    unit: Code
    ready_made: Literal["hanoi-2021-inner", "hanoi-2021-rural", "two-sessions-of-60"] | None = Field(
        default=None, alias="set"
    )
    curfew: list[End] | None = None
    sessions: list[SessionTable] | None = None
    longest_session_minutes: int | None = None
    sessions_a_day: int | None = None
    days: list[Weekday] | None = None
    same_text_a_day: int | None = None
    no_repeat_before: Minute | None = None
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _begun_with_a_set(cls, table: Any) -> Any:
        """What is written wins over what the set says."""
        named = table.get("set") if isinstance(table, dict) else None
        ready = BY_CODE.get(named) if isinstance(named, str) else None
        return table if ready is None else {**ready.columns, **table}

    @field_validator("curfew")
    @classmethod
    def _in_pairs(cls, curfew: list[str] | None) -> list[str] | None:
        if curfew is not None and len(curfew) % 2:
            raise ValueError(
                'phải có từng cặp giờ: ["22:00", "05:00"], hai khoảng thì ["22:00", "05:00", "11:30", "13:30"], '
                "hoặc [] khi không có giờ cấm phát"
            )
        return curfew


class RelayTable(_Table):
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)]
    minutes: int = Field(ge=1, le=240)


class BulletinTable(_Table):
    code: Annotated[Code, free("bulletin")]
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
    closing: Closing | None = None
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
    code: Annotated[Code, free("rule")]
    bulletin: Code | None = None
    bulletins: list[Code] = Field(default_factory=list)
    targets: Annotated[list[Code], Field(min_length=1)]
    days: Literal["daily"] | list[Weekday] | None = None
    dates: list[Day] | None = None
    lunar_days: Annotated[list[Annotated[int, Field(ge=1, le=30)]], Field(min_length=1)] | None = None
    holidays: Literal["any", "skip", "only"] = "any"
    times: list[Wall] = Field(default_factory=list)
    sessions: list[str] = Field(default_factory=list)
    every_minutes: int | None = Field(default=None, ge=1, le=1440)
    between: Annotated[list[Minute], Field(min_length=2, max_length=2)] | None = None
    per_day: int | None = Field(default=None, ge=1, le=48)
    place: Literal["any", "opening"] = "any"
    ends_when_met: bool = False
    repeats: int = Field(default=1, ge=1, le=10)
    gap_seconds: int = Field(default=2, ge=0, le=60)
    on_collision: Literal["after", "refuse"] = "after"
    shift_minutes: int | None = Field(default=None, ge=0, le=120)
    except_on: list[Day] = Field(default_factory=list, alias="except")
    unit: Code | None = None
    source: str = ""
    name: str = ""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if bool(self.bulletin) == bool(self.bulletins):
            raise ValueError("cần bulletin (một bản tin) hoặc bulletins (nhiều bản tin luân phiên)")
        return self

    @field_validator("days", "dates")
    @classmethod
    def _some_day(cls, days: Any) -> Any:
        if days == []:
            raise ValueError("không chọn ngày nào thì lịch không bao giờ phát; bỏ trường này để phát hằng ngày")
        return days


class ObligationTable(_Span):
    bulletin: Code
    units: Annotated[list[Code], Field(min_length=1)]
    at_least: int = Field(ge=1, le=200)
    per: Literal["day", "total"] = "day"
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
        raise Invalid(toml_words(str(error))) from error
    except RecursionError:
        raise Invalid("Tệp thiết lập lồng quá nhiều ngoặc vào nhau.") from None
    except ValueError as error:  # int() and datetime refuse figures that TOML allows
        raise Invalid("Tệp thiết lập có một con số hoặc một ngày ngoài mọi giới hạn.") from error
    try:
        with relative_to(moment):
            return SetUpFile.model_validate(raw), source
    except ValidationError as error:
        raise first_mistake(error, source, SetUpFile) from error
