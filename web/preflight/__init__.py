"""Sắp phát: what begins in the next half hour, and what of it is in danger."""

from web.preflight.pages import blueprint

__all__ = ["blueprint"]
