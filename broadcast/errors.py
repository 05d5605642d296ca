"""Everything that can go wrong on purpose, in one place.

Each error carries `message_vi`, the sentence a person reads, and `status`, the HTTP status it becomes at the web edge.
Commands print the sentence on one line and exit with 1. Nothing else decides statuses or wording.
"""

from __future__ import annotations


class BroadcastError(Exception):
    """Base of all expected errors. `field` names the input at fault, where there is one."""

    status = 422

    def __init__(self, message_vi: str, *, field: str | None = None) -> None:
        super().__init__(message_vi)
        self.message_vi = message_vi
        self.field = field


class Invalid(BroadcastError):
    """The input cannot be used as it is; the message says what would be right."""

    status = 422


class NotSignedIn(BroadcastError):
    """No valid session, token or enrolment code."""

    status = 401


class Forbidden(BroadcastError):
    """Known, but not allowed to do this here."""

    status = 403


class NotFound(BroadcastError):
    """No such thing, or not in the subtree of the one who asks."""

    status = 404


class Conflict(BroadcastError):
    """The state has moved on, or two things cannot both be."""

    status = 409


class TooLarge(BroadcastError):
    """More bytes, words or entries than are accepted at once."""

    status = 413


class TooMany(BroadcastError):
    """Asked too often; try again later, after `retry_after_s` where that is known."""

    status = 429

    def __init__(self, message_vi: str, *, field: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(message_vi, field=field)
        self.retry_after_s = retry_after_s


class Busy(BroadcastError):
    """Too much at once for this machine; in `retry_after_s` seconds it will be better."""

    status = 503
    retry_after_s = 5


class ConfigurationError(BroadcastError):
    """The program cannot start as it is set up; the message says how to mend it."""

    status = 500


class StorageError(BroadcastError):
    """Disk full, read-only folder, locked or foreign data."""

    status = 500


class VoiceError(BroadcastError):
    """A voice could not say a sentence; the next voice is tried."""

    status = 502
