"""Two people at one rule: who saw the newest version claims the next; the other is told, and nothing is overwritten."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcast.audit_event import AuditEvent
from broadcast.errors import Conflict
from broadcast.rule import Rule
from web.audit_words import act_in_words, actor_in_words, detail_in_words
from web.shell.access import now
from web.shell.formats import vn_datetime

# What an edit takes over from what was typed. The rest is the rule's own: its code, its unit, who made and stopped it.
_TYPED = (
    "name", "source", "weekdays", "dates", "lunar_days", "holidays", "times", "every_minutes", "between", "sessions",
    "per_day", "place", "except_on", "repeats", "gap_seconds", "on_collision", "shift_minutes", "ends_when_met",
    "from_on", "until_on",
)  # fmt: skip
_MOST_TOLD = 5


def claim(session: Session, rule: Rule, version: str | int) -> None:
    """The version after `version` is ours, or somebody else's: Conflict, which tells what the other one did. So is a
    rule that was started by hand."""
    if rule.starts_at is not None:
        raise Conflict("Lệnh phát khẩn cấp không sửa được, chỉ dừng được.")
    seen = _number(version)
    claimed = session.execute(
        update(Rule)
        .where(Rule.id == rule.id, Rule.version == seen)
        .values(version=seen + 1, updated_at=now())
        .execution_options(synchronize_session="fetch")
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        session.refresh(rule, ["version"])
        told = "; ".join(done_since(session, rule, seen))
        raise Conflict(
            f"Người khác vừa sửa lịch phát này nên chưa lưu{f' ({told})' if told else ''}. Nội dung bạn gõ vẫn còn; "
            "hãy xem bản mới nhất rồi lưu lại nếu cần."
        )


def done_since(session: Session, rule: Rule, version: int) -> list[str]:
    """What was done to the rule after it had `version`, the newest first: who, when, what. Each act is one version."""
    missed = min(max(rule.version - version, 0), _MOST_TOLD)
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.noun == "rule", AuditEvent.noun_id == str(rule.id))
        .order_by(AuditEvent.id.desc())
        .limit(missed)
    )
    return [_in_words(event) for event in events]


def _in_words(event: AuditEvent) -> str:
    detail = detail_in_words(event, {})
    told = f"{actor_in_words(event)} {act_in_words(event)} lúc {vn_datetime(event.at)}"
    return f"{told}: {', '.join(detail)}" if detail else told


def _number(version: str | int) -> int:
    """0, which no rule has, for what is no version."""
    if isinstance(version, int):
        return version
    return int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0


def take_over(session: Session, kept: Rule, typed: Rule) -> None:
    """`kept` becomes what was `typed`, a rule of no session. What the form does not ask stays."""
    columns = Rule.__table__.columns
    for name in _TYPED:
        value = getattr(typed, name)
        if value is not None or columns[name].nullable:
            setattr(kept, name, value)
    bulletins, targets = list(typed.bulletins), list(typed.targets)
    typed.bulletins.clear()
    typed.targets.clear()
    kept.bulletins[:] = bulletins
    kept.targets[:] = targets
    session.flush()
