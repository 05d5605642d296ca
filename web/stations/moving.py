"""What becomes of a station: moved to another unit from a day on, retired, brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcast.errors import Invalid
from broadcast.rights import Act
from web.shell import lookups
from web.shell.access import actor, db_reading, db_writing, needs, now, today, unit_choices
from web.shell.formats import vn_date
from web.shell.forms import Form
from web.stations import acts as station_acts


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/tram/<code>/chuyen", view_func=move)
    blueprint.add_url_rule("/tram/<code>/chuyen", view_func=move_submit, methods=["POST"])
    blueprint.add_url_rule("/tram/<code>/ngung", view_func=retire)
    blueprint.add_url_rule("/tram/<code>/ngung", view_func=retire_submit, methods=["POST"])
    blueprint.add_url_rule("/tram/<code>/hoat-dong-lai", view_func=bring_back, methods=["POST"])


@needs(Act.ADMINISTER)
def move(code: str) -> ResponseReturnValue:
    station = lookups.station(db_reading(), code, Act.ADMINISTER)
    tomorrow: dict[str, Any] = {"from": today() + timedelta(days=1)}
    return render_template(
        "stations/move.html", station=station, units=unit_choices(Act.ADMINISTER), form=Form(None, **tomorrow)
    )


@needs(Act.ADMINISTER)
def move_submit(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    unit_code = form.choice("unit", "đơn vị", dict(unit_choices(Act.ADMINISTER)))
    from_on = form.day("from", "ngày bắt đầu", required=True)
    try:
        with db_writing() as session:
            station = lookups.station(session, code, Act.ADMINISTER)
            if from_on is not None and not form.errors:
                unit = lookups.unit(session, unit_code, Act.ADMINISTER)
                station_acts.move_station(session, actor(), station, unit, from_on, today=today(), now=now())
    except Invalid as error:
        form.take(error)
    if form.errors:
        station = lookups.station(db_reading(), code, Act.ADMINISTER)
        return render_template(
            "stations/move.html", station=station, units=unit_choices(Act.ADMINISTER), form=form
        ), form.status
    when = f"từ {vn_date(from_on)}" if from_on != today() else "từ hôm nay"
    flash(f"{station.name} thuộc {unit.name} {when}. Lịch phát sẽ được xếp lại trong giây lát.", "good")
    return redirect(url_for("stations.page", code=code))


@needs(Act.ADMINISTER)
def retire(code: str) -> ResponseReturnValue:
    session = db_reading()
    station = lookups.station(session, code, Act.ADMINISTER)
    coming = station_acts.coming_airings(session, station, now())
    return render_template(
        "confirm.html",
        title=f"Ngừng {station.name}?",
        sentences=[
            f"{coming} lượt phát sắp tới sẽ bị huỷ." if coming else "Trạm không còn lượt phát nào sắp tới.",
            "Máy ở trạm sẽ không liên lạc được với máy chủ nữa. Nhật ký và báo cáo của những ngày qua vẫn giữ nguyên.",
            "Có thể cho trạm hoạt động lại sau, bằng một mã ghi danh mới.",
        ],
        action=url_for("stations.retire_submit", code=code),
        button="Ngừng trạm",
        back=url_for("stations.page", code=code),
    )


@needs(Act.ADMINISTER)
def retire_submit(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        station = lookups.station(session, code, Act.ADMINISTER)
        unit_id = lookups.unit_of_station(station, today())
        station_acts.retire_station(session, actor(), station, unit_id=unit_id, now=now())
    flash(f"{station.name} đã ngừng hoạt động.", "good")
    return redirect(url_for("stations.page", code=code))


@needs(Act.ADMINISTER)
def bring_back(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        station = lookups.station(session, code, Act.ADMINISTER)
        unit_id = lookups.unit_of_station(station, today())
        station_acts.bring_back_station(session, actor(), station, unit_id=unit_id, now=now())
    flash(f"{station.name} hoạt động lại. Hãy cấp mã ghi danh để máy ở trạm kết nối.", "good")
    return redirect(url_for("stations.page", code=code))
