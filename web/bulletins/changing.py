"""What may change of a bulletin that is there, whatever its content, and what the trail says about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from audio.outdated import flag_sounds, outdated_sounds_of
from broadcast.bulletin import Bulletin, BulletinClass, State
from broadcast.errors import Conflict, Invalid
from broadcast.replanning import bulletin_changed
from broadcast.rights import Act
from web.bulletins import reach
from web.bulletins.acting import day_text
from web.bulletins.forms import Typed, describe
from web.services import services
from web.shell.access import current_rights, now, today


def refuse_change(session: Session, bulletin: Bulletin, typed: Typed) -> None:
    """Raises Conflict where somebody decides on it, Invalid where its class or validity may not become what was typed.

    The bulletin is as it was; see `describe_anew`.
    """
    if bulletin.latest.state == State.SUBMITTED.value:
        raise Conflict("Bản tin đang chờ duyệt nên không sửa được. Hãy rút lại trước khi sửa.")
    if bulletin.bulletin_class != typed.bulletin_class and bulletin.airing_revision is not None:
        raise Invalid(
            "Bản tin đã từng được duyệt theo loại này nên không đổi loại được. Hãy soạn bản tin mới từ bản này.",
            field="class",
        )
    if (
        bulletin.airing_revision is not None
        and (bulletin.valid_from, bulletin.valid_until) != (typed.valid_from, typed.valid_until)
        and not current_rights().may(Act.DECIDE, bulletin.unit_id)
    ):
        raise Invalid(
            "Bản tin đã được duyệt: đổi thời hạn có thể làm dừng hoặc phát lại, nên chỉ người phê duyệt đổi được.",
            field="valid_until",
        )
    if typed.bulletin_class == BulletinClass.EMERGENCY.value != bulletin.bulletin_class:
        reach.refuse_in_rules(session, bulletin)


def sounds_of_validity(session: Session, bulletin: Bulletin, typed: Typed) -> dict[int, bool]:
    """Of a bulletin on air whose validity is to change: rendering id → whether it is said otherwise by now. While it
    had expired nobody looked. To be read before the transaction that writes."""
    airing = bulletin.airing_revision
    if airing is None or (bulletin.valid_from, bulletin.valid_until) == (typed.valid_from, typed.valid_until):
        return {}
    return outdated_sounds_of(session, services().settings, now(), airing)


def describe_anew(
    session: Session, bulletin: Bulletin, typed: Typed, sounds: Mapping[int, bool] | None = None
) -> dict[str, str]:
    """Writes what was typed about the bulletin; what the trail says of a changed validity, which the plan follows.

    `sounds`: of a text, what `sounds_of_validity` found.
    """
    before = (bulletin.valid_from, bulletin.valid_until)
    describe(bulletin, typed)
    after = (bulletin.valid_from, bulletin.valid_until)
    if before == after:
        return {}
    bulletin_changed(session, bulletin.id, today())
    flag_sounds(session, sounds or {}, now())
    return {"valid_before": _span_text(before), "valid": _span_text(after)}


def _span_text(span: tuple[date | None, date | None]) -> str:
    return f"{day_text(span[0]) or '…'} – {day_text(span[1]) or '…'}"
