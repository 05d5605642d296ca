"""Người dùng: accounts, assignments, sign-in."""

from web.people.pages import blueprint

__all__ = ["blueprint"]
