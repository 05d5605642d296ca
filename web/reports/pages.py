"""Báo cáo: what was planned, what sounded and why the rest did not, for a unit and a period; as a page and as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.utils import secure_filename

from broadcast.airing import Airing
from broadcast.errors import Invalid
from broadcast.outcome import OutcomeKind
from broadcast.reports.counted import still_to_come
from broadcast.reports.documents import MEDIA_TYPES, render
from broadcast.reports.figures import Counts, Report, StationCounts, report
from broadcast.reports.words import ENDED, reason_in_words
from broadcast.rights import Act
from broadcast.station import StationStatus
from web.airings import shown
from web.reports.airings import list_airings
from web.reports.asked import PERIODS, Asked, asked
from web.reports.chart import NARROW, WIDE, chart
from web.reports.paging import keep, kept, milliseconds
from web.reports.spans import bars, spans, squares, step_of
from web.services import services
from web.shell.access import current_rights, db_reading, needs, now, today
from web.shell.fold import matches

blueprint = Blueprint("reports", __name__)

SHOWN_AT_FIRST = 30
"""Stations, those that need a hand first; the others are one click away."""
_OUTCOMES = ("complete", "partial", "late", "missed", "unknown", "cancelled")
_CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Reason:
    """Why so many airings ended as they did. `share` is of all with a reason, in percent."""

    kind: OutcomeKind
    code: str
    words: str
    number: int
    share: int


@blueprint.get("/bao-cao")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    """?ky=hom-nay|tuan-nay|thang-nay|thang-truoc or ?tu=2026-11-01&den=2026-11-22; &don-vi=X1&tim=…&tat-ca=1."""
    session = db_reading()
    wanted, form = asked(session, request.args, today())
    if wanted is None:
        return render_template("reports/index.html", form=form, asked=None, periods=PERIODS), form.status
    made = _made(session, wanted, now())
    columns = spans(wanted.from_on, wanted.until_on)
    drawn = bars(made, columns)
    keep(wanted, now(), drawn)
    stations, found = _shown_stations(made)
    return render_template(
        "reports/index.html",
        form=form,
        asked=wanted,
        periods=PERIODS,
        report=made,
        to_come=_to_come(session, wanted),
        playing=_playing(session, wanted) if made.totals.unknown else 0,
        outcomes=_OUTCOMES,
        share=_share,
        columns=columns,
        bars=drawn,
        step=step_of(columns),
        stations=[(station, squares(station, columns)) for station in stations],
        found=found,
        bulletins=sorted(made.bulletins, key=lambda row: (_need(row), row.title)),
        reasons=_reasons(made),
        readable={unit.code for unit in current_rights().tree.units.values() if unit.id in _readable()},
        at_ms=milliseconds(now()),
    )


@blueprint.get("/bao-cao/luot-phat")
@needs(Act.READ)
def airings() -> ResponseReturnValue:
    """The airings behind the figures: …&tram=S1&ban-tin=BT1&ket-qua=missed&ly-do=no_audio&trang=2."""
    session = db_reading()
    wanted, form = asked(session, request.args, today())
    if wanted is None:
        return render_template("reports/airings.html", form=form, asked=None), form.status
    listed = list_airings(session, wanted, request.args, now())
    return render_template("reports/airings.html", form=form, asked=wanted, listed=listed, readable=_readable())


@blueprint.get("/bao-cao/bieu-do.svg")
@needs(Act.READ)
def picture() -> ResponseReturnValue:
    """The chart of a page, narrow with `hep`. `luc`, the instant of that page in milliseconds, makes both show the same
    figures."""
    session = db_reading()
    wanted, form = asked(session, request.args, today())
    if wanted is None:
        raise Invalid(next(iter(form.errors.values())))
    as_of = _instant(request.args.get("luc"))
    drawn = kept(wanted, as_of)
    if drawn is None:
        drawn = bars(_made(session, wanted, as_of), spans(wanted.from_on, wanted.until_on))
    answer = Response(chart(drawn, NARROW if request.args.get("hep") else WIDE), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=600"
    return answer


# Opened by itself the picture needs its own style sheet, which the policy of the pages would refuse.
picture.talisman_view_options = {"content_security_policy": _CHART_POLICY}  # type: ignore[attr-defined]


@blueprint.get("/bao-cao/tep.<any(json, csv, xlsx):form>")
@needs(Act.READ)
def download(form: str) -> ResponseReturnValue:
    """The report as a file whose name says what it is about."""
    session = db_reading()
    wanted, typed = asked(session, request.args, today())
    if wanted is None:
        raise Invalid(next(iter(typed.errors.values())))
    answer = Response(render(_made(session, wanted, now()), form, services().zone), content_type=_media_type(form))
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(wanted, form)}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def file_name(wanted: Asked, form: str) -> str:
    """`bao-cao-phat-thanh_X1_2026-11-01_2026-11-22.xlsx`; one day stands there once."""
    days = [wanted.from_on.isoformat()] + ([] if wanted.one_day else [wanted.until_on.isoformat()])
    return "_".join(["bao-cao-phat-thanh", secure_filename(wanted.unit.code) or "don-vi", *days]) + f".{form}"


def _media_type(form: str) -> str:
    return MEDIA_TYPES[form] + ("; charset=utf-8" if form == "csv" else "")


def _made(session: Session, wanted: Asked, as_of: datetime) -> Report:
    return report(session, wanted.unit, wanted.from_on, wanted.until_on, as_of=as_of, zone=services().zone)


def _to_come(session: Session, wanted: Asked) -> int | None:
    """What this day still holds, where the period reaches today."""
    if not wanted.from_on <= today() <= wanted.until_on:
        return None
    units = current_rights().tree.below([wanted.unit.id])
    return still_to_come(session, units, today(), now(), services().zone)


def _playing(session: Session, wanted: Asked) -> int:
    """Of those whose end is not known: how many sound at this moment."""
    units = current_rights().tree.below([wanted.unit.id])
    said = session.scalars(select(StationStatus.playing).where(StationStatus.playing.is_not(None))).all()
    found = session.scalars(
        select(Airing).where(
            Airing.id.in_(said),
            Airing.unit_id.in_(units),
            Airing.local_date.between(wanted.from_on, wanted.until_on),
            Airing.starts_at <= now(),
        )
    )
    return sum(one.kind == "playing" and one.outcome.kind is OutcomeKind.UNKNOWN for one in shown(session, list(found)))


def _readable() -> set[int]:
    return current_rights().units(Act.READ)


def _need(counts: Counts) -> tuple[int, int, int, int]:
    """Sorts what needs a hand first to the top."""
    return -counts.missed, -counts.partial, -counts.unknown, -counts.late


def _shown_stations(made: Report) -> tuple[list[StationCounts], int]:
    """Those in need first, narrowed by `tim`; and how many there are where not all are shown."""
    wanted = request.args.get("tim", "").strip()[:100]
    found = [row for row in made.stations if not wanted or matches(wanted, row.code, row.name, row.unit_name)]
    found.sort(key=lambda row: (_need(row), row.name))
    return (found if request.args.get("tat-ca") else found[:SHOWN_AT_FIRST]), len(found)


def _reasons(made: Report) -> list[Reason]:
    total = sum(sum(reasons.values()) for reasons in made.reasons.values())
    return [
        Reason(kind, code, reason_in_words(kind, code), number, round(100 * number / total))
        for kind in ENDED
        for code, number in sorted(made.reasons[kind].items(), key=lambda each: (-each[1], each[0]))
    ]


def _share(part: int, whole: int) -> str:
    """`67%`; what is not all is never shown as all, what is not nothing never as nothing."""
    if not whole:
        return "–"
    percent = round(100 * part / whole)
    if percent == 100 and part < whole:
        return "hơn 99%"
    return "dưới 1%" if percent == 0 and part else f"{percent}%"


def _instant(text: str | None) -> datetime:
    """The past instant in milliseconds, else that of this request."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 14:
        return now()
    return min(datetime.fromtimestamp(int(text) / 1000, UTC), now())
