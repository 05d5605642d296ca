"""Lịch phát: a rule written as a sentence, and what it would do."""

from web.rules.pages import blueprint

__all__ = ["blueprint"]
