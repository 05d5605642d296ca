"""Chỉ tiêu trong công văn: what a dispatch orders to be aired so often, and what rests on it already."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.dispatch import Dispatch
from broadcast.obligation import Obligation
from broadcast.receiving import DispatchText, Owed, receive
from broadcast.rule import Rule


def owed_in(dispatch: Dispatch) -> tuple[Owed, ...]:
    """In its order; a dispatch that was received before this was read is read again."""
    if "obligations" in dispatch.parsed:
        return DispatchText.model_validate(dispatch.parsed).obligations
    return receive(dispatch.text).obligations


def is_used(session: Session, dispatch: Dispatch) -> bool:
    """Whether a bulletin, an obligation or a rule names it: then it stays."""
    return any(
        session.scalar(select(noun.id).where(noun.dispatch_id == dispatch.id).limit(1)) is not None
        for noun in (Bulletin, Obligation, Rule)
    )
