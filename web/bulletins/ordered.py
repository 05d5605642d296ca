"""Chỉ tiêu trong công văn: what a dispatch orders to be aired so often."""

from __future__ import annotations

from broadcast.dispatch import Dispatch
from broadcast.receiving import DispatchText, Owed, receive


def owed_in(dispatch: Dispatch) -> tuple[Owed, ...]:
    """In its order; a dispatch that was received before this was read is read again."""
    if "obligations" in dispatch.parsed:
        return DispatchText.model_validate(dispatch.parsed).obligations
    return receive(dispatch.text).obligations
