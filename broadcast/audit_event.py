"""Who did what to which, when, from where. Written with the act, in its transaction; never edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from broadcast.db import Base


class AuditEvent(Base):
    """Names, not links: the row outlives everything it speaks of."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_noun", "noun", "noun_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(default=None)
    actor_name: Mapped[str] = mapped_column(String(200))
    act: Mapped[str] = mapped_column(String(60))
    noun: Mapped[str] = mapped_column(String(40))
    noun_id: Mapped[str] = mapped_column(String(64))
    noun_name: Mapped[str] = mapped_column(String(300))
    unit_id: Mapped[int | None] = mapped_column(default=None, index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str] = mapped_column(String(64), default="")


class Actor:
    """Who acts, and from where: a signed-in person, a command or a tick of the clockwork."""

    def __init__(self, name: str, person_id: int | None = None, address: str = "") -> None:
        self.name = name
        self.person_id = person_id
        self.address = address


SYSTEM = Actor("hệ thống")


def record(
    session: Session,
    actor: Actor,
    act: str,
    noun: str,
    noun_id: object,
    noun_name: str,
    *,
    now: datetime,
    unit_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Adds one event to the transaction of the act itself."""
    event = AuditEvent(
        at=now,
        actor_id=actor.person_id,
        actor_name=actor.name,
        act=act,
        noun=noun,
        noun_id=str(noun_id),
        noun_name=noun_name[:300],
        unit_id=unit_id,
        detail=detail or {},
        address=actor.address,
    )
    session.add(event)
    return event
