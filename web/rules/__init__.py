"""Lịch phát: a rule written as a sentence, and what it would do."""

from web.rules import slot_acts
from web.rules.pages import blueprint

slot_acts.add_to(blueprint)

__all__ = ["blueprint"]
