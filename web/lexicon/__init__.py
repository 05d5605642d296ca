"""Từ điển đọc: how staff want words read, what a change does to bulletins, mending a sentence from the editor."""

from web.lexicon.pages import blueprint

__all__ = ["blueprint"]
