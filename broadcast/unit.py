"""Units: tỉnh, huyện, xã, thôn. A tree by date; `kind` is a label and never logic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from broadcast.db import Base
from broadcast.errors import NotFound
from broadcast.span import Dated


class Unit(Base):
    """A place with an authority. Merged units stay as rows; `Succession` says what became of them."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)
    variables: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Values for scripts, such as the portal's address or the telephone of the office."""
    created_at: Mapped[datetime]

    parents: Mapped[list[UnitParent]] = relationship(
        back_populates="unit", foreign_keys="UnitParent.unit_id", order_by="UnitParent.from_on"
    )


class UnitParent(Dated, Base):
    """`unit` lies below `parent` on these days."""

    __tablename__ = "unit_parent"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id], back_populates="parents")
    parent: Mapped[Unit] = relationship(foreign_keys=[parent_id])


class Succession(Base):
    """A merger or split: `old` went into `new`, whole or in part, on a date."""

    __tablename__ = "succession"

    id: Mapped[int] = mapped_column(primary_key=True)
    old_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    new_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    extent: Mapped[str] = mapped_column(String(10))  # "whole" | "part"
    on_date: Mapped[date]


class UnitTree:
    """The tree on one day, read once: a few hundred rows, asked thousands of times."""

    def __init__(self, units: Iterable[Unit], parent_of: dict[int, int]) -> None:
        self.units = {unit.id: unit for unit in units}
        self.parent_of = parent_of
        self.children: dict[int, list[int]] = {}
        for child, parent in parent_of.items():
            self.children.setdefault(parent, []).append(child)

    @classmethod
    def on(cls, session: Session, day: date) -> UnitTree:
        """The tree as it stands on local `day`."""
        links = session.execute(
            select(UnitParent.unit_id, UnitParent.parent_id).where(UnitParent.holding_on(day))
        ).all()
        return cls(session.scalars(select(Unit)).all(), dict(links))

    def path(self, unit_id: int) -> list[int]:
        """The unit, its parent, … up to the root; a ring in the data ends it instead of hanging."""
        path: list[int] = []
        at: int | None = unit_id
        while at is not None and at not in path:
            path.append(at)
            at = self.parent_of.get(at)
        return path

    def below(self, unit_ids: Iterable[int]) -> set[int]:
        """The units and everything under them."""
        seen: set[int] = set()
        stack = list(unit_ids)
        while stack:
            at = stack.pop()
            if at not in seen:
                seen.add(at)
                stack.extend(self.children.get(at, ()))
        return seen

    def roots(self) -> list[int]:
        return [unit for unit in self.units if unit not in self.parent_of]


def unit_by_code(session: Session, code: str) -> Unit:
    """Raises NotFound in the words of the one who typed the code."""
    unit = session.scalar(select(Unit).where(Unit.code == code))
    if unit is None:
        raise NotFound(f"Không có đơn vị mang mã “{code}”.", field="unit")
    return unit
