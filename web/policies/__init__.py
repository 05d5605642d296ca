"""Quy định phát thanh: dated curfews, sessions and limits of a unit, each with the document it comes from."""

from web.policies.pages import blueprint

__all__ = ["blueprint"]
