"""Bản tin: writing, hearing, approving; dispatches they come from and emergencies they become."""

from web.bulletins.pages import blueprint

__all__ = ["blueprint"]
