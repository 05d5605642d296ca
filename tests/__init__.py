"""Mirrors the source; `cases/` holds tables of text, `journeys/` the ways from end to end."""
