"""A script with variables in an invented district of three communes, sound by sound: as if each had been rendered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.bulletin import Bulletin, Revision
from broadcast.deciding import approve, submit
from broadcast.unit import Unit
from tests.district import District

SCRIPT = "Mời bà con {xã} gọi số {điện thoại}."


class Communes(District):
    """H with communes X, Y, Z; X and Y have a station, Z has none yet."""

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__(session, now)
        self.x = self.commune
        self.y = self.unit("Y", parent=self.top)
        self.z = self.unit("Z", parent=self.top)
        self.top.variables = {"điện thoại": "0276 3 111 000"}
        self.at_x = self.station("SX", self.x)
        self.at_y = self.station("SY", self.y)

    def made(self, rendering: Rendering, words: str | None = None) -> AudioAsset:
        """As if `rendering` had been worked: its sound is that of `words`, by default of its own."""
        asset = self.sound(words or f"{rendering.revision_id}/{rendering.unit_id}")
        rendering.state, rendering.audio, rendering.finished_at = "ready", asset, self.now
        self.session.flush()
        return asset

    def failed(self, rendering: Rendering, why: str = "Giọng đọc không trả lời.") -> None:
        rendering.state, rendering.message_vi, rendering.finished_at = "failed", why, self.now
        self.session.flush()

    def sounding(self, code: str = "M", script: str = SCRIPT, *, bulletin_class: str = "normal") -> Bulletin:
        """A draft whose sounds are all there."""
        bulletin = self.draft(code, script, bulletin_class=bulletin_class)
        for rendering in bulletin.latest.renderings:
            self.made(rendering)
        return bulletin

    def approved(self, code: str = "M", *, bulletin_class: str = "normal") -> Bulletin:
        bulletin = self.sounding(code, bulletin_class=bulletin_class)
        submit(self.session, bulletin, self.author, self.now)
        approve(
            self.session,
            bulletin,
            self.approver,
            self.now,
            revision_number=bulletin.latest.number,
            audio_sha256=bulletin.latest.sound_key,
        )
        return bulletin


def own(revision: Revision, unit: Unit) -> Rendering:
    """The newest order for the sound of `unit`."""
    return [each for each in revision.renderings if each.unit_id == unit.id][-1]
