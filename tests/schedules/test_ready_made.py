"""Ready-made policies can be used as they are, and say where they come from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from broadcast.policy import Policy
from schedules.checks.policy_checks import problems_of_policy
from schedules.checks.ready_made import BY_CODE, BY_SLUG, READY_MADE, ReadyMade
from schedules.facts_of import policy_fact


@pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.code)
def test_each_is_a_policy_without_problems_that_names_a_document(ready: ReadyMade) -> None:
    policy = Policy(id=1, unit_id=1, created_at=datetime(2026, 11, 1, tzinfo=UTC), **ready.columns)
    fact = policy_fact(policy, {1: "unit/H"})
    assert problems_of_policy(fact) == ()
    assert fact.source


def test_what_they_say_is_what_the_reports_say() -> None:
    inner, rural, two = (
        BY_CODE[code].columns for code in ("hanoi-2021-inner", "hanoi-2021-rural", "two-sessions-of-60")
    )
    assert (inner["sessions_a_day"], inner["longest_session_minutes"], len(inner["days"])) == (2, 15, 5)
    assert rural["longest_session_minutes"] == 45
    assert [(each["from"], each["until"]) for each in two["sessions"]] == [("05:30", "06:30"), ("17:00", "18:00")]
    assert len(BY_SLUG) == len(BY_CODE) == 3
