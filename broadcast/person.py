"""People, what they may do where and when, and how they first get in."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from broadcast.db import Base
from broadcast.errors import Invalid
from broadcast.passwords import fits, hashed, spend_the_time_of_a_check
from broadcast.span import Dated
from broadcast.unit import Unit

INVITATION_DAYS = 7
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200  # argon2 reads all of it; an endless one would be a way to stop the server

# Without marks and blanks: what people type first when a machine asks for a password, and what is on every key.
_GUESSED = (
    "matkhau", "password", "passw0rd", "qwertyuiop", "asdfghjkl", "zxcvbnm", "truyenthanh", "phatthanh", "vietnam",
    "anhyeuem", "emyeuanh", "khongbiet", "iloveyou", "admin", "quantri", "letmein", "welcome", "xinchao",
    "daitruyenthanh",
)  # fmt: skip
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
_MARKS = re.compile("[\u0300-\u036f]")


class Role(StrEnum):
    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return {
            Role.EDITOR: "biên tập viên",
            Role.APPROVER: "người phê duyệt",
            Role.OPERATOR: "người vận hành trạm",
            Role.SUPERVISOR: "người giám sát",
            Role.ADMINISTRATOR: "quản trị",
        }[self]


class Person(Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200), default=None)
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Rises when the password changes: sessions signed with an older one end."""
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None] = mapped_column(default=None)

    assignments: Mapped[list[Assignment]] = relationship(back_populates="person")

    def set_password(self, password: str) -> None:
        """Raises Invalid where the password is too short, too long or among the first that anybody would try."""
        self.take_password(new_password(password, self.login or ""))

    def take_password(self, kept: str) -> None:
        """The same with what `new_password` gave, which takes time that no transaction should wait for."""
        self.password_hash = kept
        self.session_epoch = (self.session_epoch or 0) + 1

    def has_password(self, password: str) -> bool:
        """False for a wrong one, for an account without one and for a deactivated account."""
        if self.password_hash is None or self.deactivated_at is not None or len(password) > LONGEST_PASSWORD:
            spend_the_time_of_a_check()
            return False
        return fits(password, self.password_hash)


def new_password(password: str, login: str) -> str:
    """What is kept of it. Raises Invalid where it is too short, too long or among the first that anybody would try."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"Mật khẩu phải có từ {SHORTEST_PASSWORD} đến {LONGEST_PASSWORD} ký tự.", field="password")
    if (why := weakness(password, login)) is not None:
        raise Invalid(f"{why} Hãy chọn một câu ngắn dễ nhớ mà người khác không đoán được.", field="password")
    return hashed(password)


def weakness(password: str, login: str) -> str | None:
    """Why a password of good length is no secret, as a sentence; None where nothing speaks against it."""
    bare = "".join(_without_marks(password).split())
    if bare.isdigit():
        return "Mật khẩu chỉ gồm chữ số thì rất dễ bị dò."
    if len(set(bare)) < 4 or _is_a_run(bare):
        return "Mật khẩu là một dãy lặp lại hoặc liền nhau trên bàn phím."
    # A short login may lie in any sentence once marks and blanks are gone ("mot" in "một mật khẩu").
    own = login.casefold()
    if own and own in (bare if len(own) >= 6 else password.casefold()):
        return "Mật khẩu không được chứa tên đăng nhập."
    # With what everybody puts behind it: figures, a year, an exclamation mark.
    core = re.sub(r"[\W\d_]+", "", bare)
    if core in _GUESSED or any(core == word * (len(core) // len(word)) for word in _GUESSED if core):
        return "Mật khẩu này quá phổ biến."
    return None


def _without_marks(text: str) -> str:
    folded = _MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
    return unicodedata.normalize("NFC", folded).replace("đ", "d")


def _is_a_run(text: str) -> bool:
    """Wholly made of stretches of four and more that follow the alphabet, the figures or the keyboard, either way."""
    at = 0
    while at < len(text):
        end = max(
            (
                at + length
                for row in _ROWS
                for way in (row * 2, row[::-1] * 2)
                for length in range(4, len(text) - at + 1)
                if text[at : at + length] in way
            ),
            default=at,
        )
        if end == at:
            return False
        at = end
    return True


class Assignment(Dated, Base):
    """`person` has `role` in the subtree of `unit` on these days."""

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))

    person: Mapped[Person] = relationship(back_populates="assignments")
    unit: Mapped[Unit] = relationship()


class Invitation(Base):
    """A single-use link with which a person sets a password, the first or a new one. Only its hash is kept."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    """None for one that a command gave."""

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    made_by: Mapped[Person | None] = relationship(foreign_keys=[made_by_id])


class EndedSession(Base):
    """A sign-in that was ended by signing out: a copy of its cookie is worth nothing. Forgotten once it would be over
    anyway."""

    __tablename__ = "ended_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The hash of what the cookie carries."""
    forgotten_at: Mapped[datetime] = mapped_column(index=True)


def end_session(session: Session, mark: str, now: datetime, lifetime: timedelta) -> None:
    """`mark` is what only that sign-in's cookie carries, `lifetime` the longest that the cookie may live from now."""
    session.execute(delete(EndedSession).where(EndedSession.forgotten_at <= now))
    session.merge(EndedSession(id=token_hash(mark), forgotten_at=now + lifetime))


def is_ended(session: Session, mark: str) -> bool:
    return session.get(EndedSession, token_hash(mark)) is not None


def token_hash(token: str) -> str:
    """How every token, link and enrolment code is kept: SHA-256 of a value too long to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def person_by_login(session: Session, login: str) -> Person | None:
    return session.scalar(select(Person).where(Person.login == login.strip().lower()))


def assign(
    session: Session,
    person: Person,
    role: Role,
    unit: Unit,
    from_on: date | None = None,
    until_on: date | None = None,
) -> Assignment:
    """Raises Invalid where the span ends before it begins."""
    if from_on and until_on and until_on < from_on:
        raise Invalid("Ngày kết thúc phân công phải từ ngày bắt đầu trở đi.", field="until")
    assignment = Assignment(person=person, role=role.value, unit=unit, from_on=from_on, until_on=until_on)
    session.add(assignment)
    session.flush()
    return assignment
