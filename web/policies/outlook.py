"""The page before a policy is saved or ended: what it says, and what it does to what is planned."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template

from broadcast.policy import Policy
from web.policies.effect import MOST_GROUPS, Effect
from web.policies.form import COLUMNS

OVER = "Quy định này đã kết thúc từ trước."
REPLANNED = "Lịch phát sẽ được xếp lại trong giây lát."


def show(
    told: Effect,
    *,
    heading: str,
    sentences: list[str],
    says: list[tuple[str, str]],
    fields: list[tuple[str, str]],
    button: str,
    back: str | None,
) -> str:
    """`fields`: what was typed, sent again with the answer. `back` is an address; None goes back to the form."""
    return render_template(
        "policies/outlook.html", effect=told, most=MOST_GROUPS, heading=heading, sentences=sentences, says=says,
        fields=fields, button=button, back=back,
    )  # fmt: skip


def detail(policy: Policy) -> dict[str, Any]:
    """The policy for the trail: only what it says."""
    told = {name: getattr(policy, name) for name in COLUMNS if getattr(policy, name) is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
