"""The sounds that were made for a set-up file, and how its bulletins are arranged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from audio.jobs import SaidSound
from broadcast.arrangement import Arrangement, usual_arrangement
from broadcast.bulletin import Revision
from web.load.setup_file import BulletinTable


@dataclass
class Sounds:
    """What was made, by bulletin and unit, for `Rows`."""

    made: dict[tuple[str, str | None], SaidSound] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    """Bulletins on air whose text says another value now: a new revision carries their sounds."""

    def of(self, code: str) -> dict[str | None, SaidSound]:
        """Unit code (None: everybody) → sound."""
        return {unit: sound for (bulletin, unit), sound in self.made.items() if bulletin == code}


def arrangement_of(table: BulletinTable, latest: Revision | None) -> Arrangement:
    """As the file says, else as it was."""
    before = usual_arrangement("recording" if table.sound is not None else "text")
    if latest is not None:
        is_alike = (latest.content == "recording") == (table.sound is not None)
        before = latest.arrangement if is_alike else replace(before, profile=latest.sound_profile)
    return Arrangement(
        chime=before.chime if table.chime is None else table.chime,
        readings=before.readings if table.readings is None else table.readings,
        gap_s=before.gap_s if table.reading_gap_seconds is None else table.reading_gap_seconds,
        closing=before.closing if table.closing is None else table.closing,
        profile=before.profile,
    )
