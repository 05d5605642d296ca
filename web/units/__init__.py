"""Đơn vị: the tree and its units; the values that each fills into scripts."""

from web.units.pages import blueprint, options

__all__ = ["blueprint", "options"]
