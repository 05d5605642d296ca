"""Chương trình: the week of a station and the day of all stations, for people to look at and to print."""

from web.programmes import week
from web.programmes.week import blueprint

__all__ = ["blueprint", "week"]
