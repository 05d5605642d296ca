"""Trạm: the list, one station, its week, and what is done to it."""

from web.stations.pages import blueprint

__all__ = ["blueprint"]
