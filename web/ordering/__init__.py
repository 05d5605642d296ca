"""Thứ tự: in which order the items of a commune go where they meet, and which of them it does not air."""

from web.ordering.pages import blueprint

__all__ = ["blueprint"]
