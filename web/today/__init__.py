"""Hôm nay: four figures, what needs a hand, and the day as lanes."""

from web.today.pages import blueprint

__all__ = ["blueprint"]
