"""The form of a policy: hours as people type them, empty fields inherited, each mistake at its field."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from broadcast.errors import BroadcastError
from broadcast.policy import Policy
from broadcast.rights import Act
from schedules.checks.policy_checks import LONGEST_SESSION_NAME, problems_of_policy
from schedules.checks.ready_made import ReadyMade
from schedules.days.typed_hours import parse_end, parse_minute
from schedules.facts import PolicyFact
from schedules.facts_of import policy_fact
from web.shell.access import now, today, unit_choices
from web.shell.formats import WEEKDAY_CODES, vn_date
from web.shell.forms import Form

LEAST_SESSIONS, MOST_SESSIONS = 4, 24
LEAST_CURFEWS, MOST_CURFEWS = 2, 6
LIMITS = {
    "sessions_a_day": ("số buổi một ngày", 48),
    "longest_session_minutes": ("số phút của một buổi", 1440),
    "same_text_a_day": ("số lượt của một nội dung", 200),
}
COLUMNS = ("curfew", "sessions", "longest_session_minutes", "sessions_a_day", "days", "same_text_a_day",
           "no_repeat_before", "source", "from_on", "until_on")  # fmt: skip
NEW = "~"
"""The id of a typed policy among facts: after all figures, so that it counts as the latest made."""


def defaults(unit_code: str, policy: Policy | None, ready: ReadyMade | None) -> dict[str, Any]:
    """What the form shows before anything was typed: a policy to change, or a ready-made set, or nothing said."""
    columns: dict[str, Any] = dict(ready.columns) if ready is not None else {}
    shown: dict[str, Any] = {"unit": unit_code, "from": today() + timedelta(days=1)}
    if policy is not None:
        columns = {name: getattr(policy, name) for name in COLUMNS}
        shown["until"] = policy.until_on
        if policy.from_on is not None and policy.from_on > today():
            shown["from"] = policy.from_on
    for name in ("curfew", "sessions"):
        said = columns.get(name)
        shown[name] = "silent" if said is None else "set" if said else "none"
    curfew = columns.get("curfew") or []
    shown["curfew_from"], shown["curfew_until"] = curfew[::2], curfew[1::2]
    for name in ("name", "from", "until"):
        shown[f"session_{name}"] = [one[name] for one in columns.get("sessions") or ()]
    for name in (*LIMITS, "days", "no_repeat_before", "source"):
        shown[name] = columns.get(name)
    return shown


def curfew_rows(form: Form, more: bool = False) -> list[tuple[str, ...]]:
    return _rows(form, ("curfew_from", "curfew_until"), LEAST_CURFEWS, MOST_CURFEWS, more)


def session_rows(form: Form, more: bool = False) -> list[tuple[str, ...]]:
    return _rows(form, ("session_name", "session_from", "session_until"), LEAST_SESSIONS, MOST_SESSIONS, more)


def _rows(form: Form, names: tuple[str, ...], least: int, most: int, more: bool) -> list[tuple[str, ...]]:
    """As typed, those left empty last: at least `least`, one of them empty; with `more` two more than were shown."""
    rows = _filled(form, names, most)
    shown = max(least, len(form.values(names[0])) + 2) if more else max(least, len(rows) + 1)
    wanted = min(most, shown)
    return rows + [("",) * len(names)] * (wanted - len(rows))


def _filled(form: Form, names: tuple[str, ...], most: int) -> list[tuple[str, ...]]:
    columns = [[value.strip() for value in form.values(name)] for name in names]
    height = min(most, max(map(len, columns)))
    padded = [column + [""] * (height - len(column)) for column in columns]
    return [row for row in zip(*(column[:height] for column in padded), strict=True) if any(row)]


def read_policy(form: Form, keep: Policy | None = None) -> tuple[str, dict[str, Any]]:
    """The unit's code and the columns of a Policy as typed; mistakes are on `form`. `keep`: what is being changed."""
    unit_code = form.choice("unit", "đơn vị", dict(unit_choices(Act.ADMINISTER)))
    columns: dict[str, Any] = {
        "from_on": form.day("from", "ngày bắt đầu", required=True),
        "until_on": form.day("until", "ngày kết thúc"),
        "curfew": _curfew(form),
        "sessions": _sessions(form),
        "days": [day for day in WEEKDAY_CODES if day in form.values("days")] or None,
        "no_repeat_before": _minute(form, "no_repeat_before", form.value("no_repeat_before").strip()),
        "source": form.text("source", "văn bản làm căn cứ", longest=500),
    }
    for name, (label, most) in LIMITS.items():
        columns[name] = form.whole(name, label, 1, most) if form.value(name).strip() else None
    _check_range(form, columns["from_on"], columns["until_on"], keep)
    if not form.errors:
        said = [name for name in COLUMNS if name not in {"source", "from_on", "until_on"} and columns[name] is not None]
        if not said:
            form.fail(
                "curfew", "Quy định này chưa nói gì: hãy đặt ít nhất một mục, như giờ cấm phát hay khung giờ phát."
            )
        for problem in problems_of_policy(fact_of(columns)):
            form.fail(problem.field, problem.message_vi)
    return unit_code, columns


def _check_range(form: Form, from_on: date | None, until_on: date | None, keep: Policy | None) -> None:
    if from_on is not None and from_on < today():
        form.fail("from", "Quy định chỉ có hiệu lực từ hôm nay trở đi: những ngày đã qua không thay đổi.")
    if from_on and until_on and until_on < from_on:
        form.fail("until", "Ngày kết thúc phải từ ngày bắt đầu trở đi.")
    if keep is None or from_on is None or not has_begun(keep):
        return
    if from_on == keep.from_on:
        form.fail("from", "Quy định này mới có hiệu lực từ hôm nay; muốn đổi thì sớm nhất là từ ngày mai.")
    if keep.until_on is not None and from_on > keep.until_on + timedelta(days=1):
        form.fail(
            "from", f"Quy định này hết hiệu lực ngày {vn_date(keep.until_on)}; sau đó thì hãy thêm một quy định mới."
        )


def has_begun(policy: Policy) -> bool:
    return policy.from_on is None or policy.from_on <= today()


def is_over(policy: Policy) -> bool:
    return policy.until_on is not None and policy.until_on < today()


def fact_of(columns: dict[str, Any], unit_key: str = "") -> PolicyFact:
    """The typed policy as the plan takes it."""
    return replace(policy_fact(Policy(id=0, unit_id=0, created_at=now(), **columns), {0: unit_key}), id=NEW)


def fingerprint(policy: Policy) -> str:
    """Differs where the policy was changed since."""
    told = json.dumps([getattr(policy, name) for name in COLUMNS], default=str, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _curfew(form: Form) -> list[str] | None:
    rows = _filled(form, ("curfew_from", "curfew_until"), MOST_CURFEWS)
    if not _is_set(form, "curfew", "cách đặt giờ cấm phát", bool(rows), "giờ cấm phát, từ giờ nào đến giờ nào"):
        return [] if form.value("curfew") == "none" else None
    return [wall for start, end in rows for wall in (_minute(form, "curfew", start), _end(form, "curfew", end)) if wall]


def _sessions(form: Form) -> list[dict[str, str]] | None:
    rows = _filled(form, ("session_name", "session_from", "session_until"), MOST_SESSIONS)
    if not _is_set(form, "sessions", "cách đặt khung giờ phát", bool(rows), "ít nhất một khung giờ"):
        return [] if form.value("sessions") == "none" else None
    sessions = []
    for name, start, end in rows:
        if not name or len(name) > LONGEST_SESSION_NAME or not name.isprintable():
            form.fail("sessions", f"Mỗi khung giờ cần một tên như sáng, chiều, dài nhất {LONGEST_SESSION_NAME} ký tự.")
        begins, ends = _minute(form, "sessions", start), _end(form, "sessions", end)
        if begins and ends:
            sessions.append({"name": name, "from": begins, "until": ends})
    return sessions


def _is_set(form: Form, name: str, label: str, typed: bool, wanted: str) -> bool:
    """Whether the rows below the choice count. Rows beside another choice are told, not dropped."""
    kind = form.choice(name, label, {"set", "none", "silent"})
    if kind == "set" and not typed:
        form.fail(name, f"Hãy ghi {wanted}.")
    elif kind in {"none", "silent"} and typed:
        form.fail(name, "Có giờ ghi ở dưới nhưng lựa chọn ở đây bỏ qua chúng. Hãy đổi lựa chọn hoặc xoá các giờ ấy.")
    return kind == "set"


def _minute(form: Form, name: str, text: str) -> str | None:
    return _wall(form, name, text, is_end=False) if text or name != "no_repeat_before" else None


def _end(form: Form, name: str, text: str) -> str | None:
    return _wall(form, name, text, is_end=True)


def _wall(form: Form, name: str, text: str, *, is_end: bool) -> str | None:
    if not text:
        form.fail(name, "Có dòng còn thiếu giờ. Hãy ghi cả giờ bắt đầu và giờ kết thúc, như 05:30 và 06:30.")
        return None
    try:
        wall: time = parse_end(text[:40]) if is_end else parse_minute(text[:40])
    except BroadcastError as error:
        form.fail(name, error.message_vi)
        return None
    return f"{wall:%H:%M}"
