"""Links by date: a merged commune, a moved station, a role that ends are rows with an end, never an update."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped, mapped_column


class Dated:
    """`from_on` and `until_on` are local days, both included; None means always."""

    from_on: Mapped[date | None] = mapped_column(default=None)
    until_on: Mapped[date | None] = mapped_column(default=None)

    def holds_on(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.until_on is None or day <= self.until_on)

    @classmethod
    def holding_on(cls, day: date) -> ColumnElement[bool]:
        """The same as SQL."""
        return and_(or_(cls.from_on.is_(None), cls.from_on <= day), or_(cls.until_on.is_(None), cls.until_on >= day))
