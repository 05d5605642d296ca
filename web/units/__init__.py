"""Đơn vị: the tree and its units; the values that each fills into scripts."""

from web.units.pages import blueprint

__all__ = ["blueprint"]
