"""Nhật ký: who sounded what, when, and its link in the chain."""

from web.log.pages import blueprint

__all__ = ["blueprint"]
