"""What can go wrong on purpose on a station."""

from __future__ import annotations

from broadcast.wire import EntryReason, WireError


class StationError(WireError):
    """The command cannot go on; the message is the one line that its user reads."""


class Refused(WireError):
    """A programme was not accepted. `reason` is what the alarm in the log says."""

    def __init__(self, message_vi: str, reason: EntryReason = EntryReason.SIGNATURE) -> None:
        super().__init__(message_vi)
        self.reason = reason


class OutputError(WireError):
    """Sound could not be played: `output` where the device is at fault, `error` where the file is."""

    def __init__(self, message_vi: str, reason: EntryReason = EntryReason.OUTPUT) -> None:
        super().__init__(message_vi)
        self.reason = reason
