"""Chỉ tiêu: what is owed, how it stands at each station and day, and free slots that mend a shortage."""

from web.obligations.pages import blueprint

__all__ = ["blueprint"]
