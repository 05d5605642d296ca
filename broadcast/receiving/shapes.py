"""What an official dispatch says, as data: the JSON of INTERFACES §3, field for field.

Null or empty means that the text does not say it; nothing here is ever guessed. All values are frozen.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class Ground(_Said):
    """A document that the dispatch rests on. `kind` as written ("Công văn"); a law carries its whole name there."""

    kind: str | None = None
    number: str | None = None
    issued_on: date | None = None
    issuer: str | None = None


class Task(_Said):
    """One duty. `number` as written without its dot ("1", "II.3", "a"); points below it are lines of `text`."""

    number: str | None = None
    addressee: str | None = None
    text: str


class Deadline(_Said):
    """By when somebody owes something. `time` is local "HH:MM", `weekday` is ISO (1 Monday … 7 Sunday)."""

    who: tuple[str, ...] = ()
    cadence: Literal["daily", "weekly", "once"]
    time: str | None = None
    weekday: int | None = Field(default=None, ge=1, le=7)
    on: date | None = None
    text: str


class Target(_Said):
    """A share or a number of things asked for; exactly one of `percent` and `count` is given."""

    percent: int | float | None = None
    count: int | None = None
    text: str


class Owed(_Said):
    """An order to air something so often: `at_least` on each day, or in all from `from` to `until`, both included."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    at_least: int | None = None
    per: Literal["day", "total"] | None = None
    from_on: date | None = Field(default=None, alias="from")
    until_on: date | None = Field(default=None, alias="until")
    text: str


class Copy(_Said):
    """One line of "Nơi nhận"; `report_to` is its (B/c)."""

    name: str
    report_to: bool = False


class Signer(_Said):
    """`capacity` line by line as signed ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")."""

    capacity: tuple[str, ...] = ()
    name: str | None = None


class DispatchText(_Said):
    """A whole dispatch. `issuer` is the body that the head names last, below its superior."""

    issuer: str | None = None
    number: str | None = None
    place: str | None = None
    issued_on: date | None = None
    subject: str | None = None
    recipients: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    tasks: tuple[Task, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    targets: tuple[Target, ...] = ()
    obligations: tuple[Owed, ...] = ()
    links: tuple[str, ...] = ()
    copies_to: tuple[Copy, ...] = ()
    signer: Signer = Signer()
