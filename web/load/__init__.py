"""`broadcast load`: the set-up file, checked and written."""

from web.load.check import foreign_units
from web.load.load import load
from web.load.writing import Loaded

__all__ = ["Loaded", "foreign_units", "load"]
