"""Thu âm và nhạc hiệu: files that people bring, received in pieces, looked at, kept under their hash."""

from web.uploads.pages import blueprint

__all__ = ["blueprint"]
