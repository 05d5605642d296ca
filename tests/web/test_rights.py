"""Every role against every route (DESIGN §5.6). A route without a line in one of these tables fails a test.

A line says which roles get in when the thing asked for lies in H1 (all of the district) or in X1 (the operator's own
commune). "In" is any answer but 401, 403, 404 and the way to the sign-in page; what an act does has tests elsewhere.
"""

from __future__ import annotations

import re
import uuid

import pytest

from tests.web.seed import SOUND

E, A, O, S, Q = "editor", "approver", "operator", "supervisor", "administrator"  # noqa: E741
ALL = frozenset({E, A, O, S, Q})
WRITERS = frozenset({E, A})
WRITERS_OWN = WRITERS | {O}
TENDERS = frozenset({O, Q})
ADMIN = frozenset({Q})
DECIDERS = frozenset({A})
OBLIGERS = WRITERS | ADMIN
NOBODY: frozenset[str] = frozenset()

# endpoint → (address with handles filled in, who gets in). Web pages of this half.
SHELL: dict[str, tuple[str, frozenset[str]]] = {
    "GET today.board": ("/", ALL),
    "GET today.board_part": ("/hom-nay/bang", ALL),
    "GET airings.index": ("/luot-phat", ALL),
    "GET airings.page": ("/luot-phat/{complete}", ALL),
    "GET airings.sound": ("/luot-phat/{complete}/am-thanh", NOBODY),  # the seeded sound has no file: 404 for everyone
    "GET stations.index": ("/tram", ALL),
    "GET stations.page": ("/tram/S1", ALL),
    "GET stations.page_part": ("/tram/S1/tinh-hinh", ALL),
    "POST stations.set_volume": ("/tram/S1/am-luong", TENDERS),
    "GET stations.enrolment": ("/tram/S1/ghi-danh", TENDERS),
    "POST stations.enrolment_submit": ("/tram/S1/ghi-danh", TENDERS),
    "GET stations.arrival": ("/tram/S1/da-len-tieng", TENDERS),
    "GET stations.feeds": ("/tram/S1/lich-dien-thoai", ALL - {S}),
    "POST stations.feeds_submit": ("/tram/S1/lich-dien-thoai", ALL - {S}),
    # The seeded station has no link; who may revoke one is in test_feeds.py.
    "GET stations.revoke": ("/tram/S1/lich-dien-thoai/1/thu-hoi", NOBODY),
    "POST stations.revoke_submit": ("/tram/S1/lich-dien-thoai/1/thu-hoi", NOBODY),
    "GET stations.create": ("/tram/them", ADMIN),
    "POST stations.create_submit": ("/tram/them", ADMIN),
    "GET stations.move": ("/tram/S1/chuyen", ADMIN),
    "POST stations.move_submit": ("/tram/S1/chuyen", ADMIN),
    "GET stations.retire": ("/tram/S1/ngung", ADMIN),
    "POST stations.retire_submit": ("/tram/S1/ngung", ADMIN),
    "POST stations.bring_back": ("/tram/S1/hoat-dong-lai", ADMIN),
    "GET units.index": ("/don-vi", ADMIN),
    "GET units.create": ("/don-vi/them", ADMIN),
    "POST units.create_submit": ("/don-vi/them", ADMIN),
    "GET units.page": ("/don-vi/X1", ADMIN),
    "POST units.rename": ("/don-vi/X1", ADMIN),
    "POST units.move": ("/don-vi/X1/chuyen", ADMIN),
    "GET units.values": ("/don-vi/X1/gia-tri", ALL - {S}),
    "POST units.values_submit": ("/don-vi/X1/gia-tri", ALL - {S}),
    "GET units.values_below": ("/don-vi/H1/gia-tri/cap-duoi", WRITERS | ADMIN),
    "POST units.values_below_submit": ("/don-vi/H1/gia-tri/cap-duoi", WRITERS | ADMIN),
    "GET people.index": ("/nguoi-dung", ADMIN),
    "GET people.create": ("/nguoi-dung/them", ADMIN),
    "POST people.create_submit": ("/nguoi-dung/them", ADMIN),
    "GET people.page": ("/nguoi-dung/editor", ADMIN),
    "POST people.rename": ("/nguoi-dung/editor", ADMIN),
    "POST people.assign_role": ("/nguoi-dung/editor/phan-cong", ADMIN),
    "POST people.end_role": ("/nguoi-dung/editor/phan-cong/1/ket-thuc", ADMIN),
    "POST people.renew_link": ("/nguoi-dung/editor/loi-moi", ADMIN),
    "GET people.deactivate": ("/nguoi-dung/editor/khoa", ADMIN),
    "POST people.deactivate_submit": ("/nguoi-dung/editor/khoa", ADMIN),
    "POST people.reactivate": ("/nguoi-dung/editor/mo-lai", ADMIN),
    "GET policies.index": ("/chinh-sach", ALL),
    "GET policies.create": ("/chinh-sach/them", ADMIN),
    "POST policies.create_submit": ("/chinh-sach/them", ADMIN),
    "GET policies.edit": ("/chinh-sach/{policy}/sua", ADMIN),
    "POST policies.edit_submit": ("/chinh-sach/{policy}/sua", ADMIN),
    "GET policies.end": ("/chinh-sach/{policy}/ket-thuc", ADMIN),
    "POST policies.end_submit": ("/chinh-sach/{policy}/ket-thuc", ADMIN),
    "GET audit_trail.index": ("/vet", ADMIN),
    "GET voices.index": ("/giong-doc", ADMIN),
    "GET voices.part": ("/giong-doc/tinh-hinh", ADMIN),
    "POST voices.install_submit": ("/giong-doc/cai", ADMIN),
    "POST voices.cancel_submit": ("/giong-doc/dung-cai", ADMIN),
    "POST voices.order_submit": ("/giong-doc/thu-tu", ADMIN),
    "GET voices.consent": ("/giong-doc/ra-nuoc-ngoai", ADMIN),
    "POST voices.consent_submit": ("/giong-doc/ra-nuoc-ngoai", ADMIN),
    "GET voices.remove": ("/giong-doc/espeak/xoa-tep", ADMIN),
    "POST voices.remove_submit": ("/giong-doc/espeak/xoa-tep", ADMIN),
    "GET voices.hear": ("/giong-doc/espeak/nghe-thu.wav", ADMIN),
    "GET accounts.own": ("/tai-khoan", ALL),
    "POST accounts.look_at": ("/don-vi-dang-xem", NOBODY),  # no unit named: 404 for everyone
    "POST sessions.sign_out": ("/dang-xuat", NOBODY),  # leads to the sign-in page
}

# Bulletins, rules, programmes, the log, reports. BT1 and LP1 belong to H1, where the operator of X1 reads nothing.
DISTRICT = ALL - {O}
CONTENT: dict[str, tuple[str, frozenset[str]]] = {
    "GET bulletins.index": ("/ban-tin", ALL),
    "GET bulletins.new": ("/ban-tin/moi", WRITERS_OWN),
    "GET bulletins.create": ("/ban-tin/soan", WRITERS_OWN),
    "POST bulletins.create_submit": ("/ban-tin/soan", WRITERS_OWN),
    "POST bulletins.said": ("/ban-tin/doc-thu", WRITERS_OWN),
    "GET bulletins.show": ("/ban-tin/BT1", DISTRICT),
    "GET bulletins.edit": ("/ban-tin/BT1/sua", WRITERS),
    "POST bulletins.edit_submit": ("/ban-tin/BT1/sua", WRITERS),
    "GET bulletins.history": ("/ban-tin/BT1/lich-su", DISTRICT),
    "POST bulletins.render_again": ("/ban-tin/BT3/dung-lai", WRITERS_OWN),
    "POST bulletins.stop_rendering": ("/ban-tin/BT3/ngung-dung", WRITERS_OWN),
    "GET bulletins.sound_panel": ("/ban-tin/BT1/am-thanh", DISTRICT),
    "GET bulletins.sound": ("/am-thanh/" + SOUND + ".mp3", NOBODY),  # the seeded sound has no file
    "POST bulletins.submit_submit": ("/ban-tin/BT3/gui-duyet", WRITERS_OWN),
    "POST bulletins.take_back": ("/ban-tin/BT2/rut-lai", WRITERS),
    "GET bulletins.withdraw_confirm": ("/ban-tin/BT1/thu-hoi", DECIDERS),
    "POST bulletins.withdraw_submit": ("/ban-tin/BT1/thu-hoi", DECIDERS),
    "GET bulletins.discard_confirm": ("/ban-tin/BT3/bo-ban-nhap", frozenset({O})),  # who wrote it, and nobody else
    "POST bulletins.discard_submit": ("/ban-tin/BT3/bo-ban-nhap", frozenset({O})),
    "POST listening.hear": ("/nghe-thu", WRITERS_OWN),
    "GET listening.sound": ("/nghe-thu/" + SOUND + ".mp3", NOBODY),  # nobody listened to it
    "GET bulletins.queue": ("/duyet", DECIDERS),
    "GET bulletins.review": ("/duyet/BT2", DECIDERS),
    "POST bulletins.approve_submit": ("/duyet/BT2", DECIDERS),
    "GET bulletins.review_added": ("/duyet/BT1/xa-moi", DECIDERS),
    "POST bulletins.approve_added_submit": ("/duyet/BT1/xa-moi", DECIDERS),
    "POST bulletins.send_back_submit": ("/duyet/BT2/tra-lai", DECIDERS),
    "GET bulletins.start_confirm": ("/ban-tin/BT1/khan-cap", DECIDERS),
    "POST bulletins.start_submit": ("/ban-tin/BT1/khan-cap", DECIDERS),
    "GET bulletins.stop_confirm": ("/khan-cap/LP1/dung", frozenset({A, Q})),
    "POST bulletins.stop_submit": ("/khan-cap/LP1/dung", frozenset({A, Q})),
    "GET bulletins.stop_here_confirm": ("/khan-cap/LP1/dung-tai-tram", frozenset({A, O, Q})),
    "POST bulletins.stop_here_submit": ("/khan-cap/LP1/dung-tai-tram", frozenset({A, O, Q})),
    "GET bulletins.dispatches": ("/cong-van", ALL),
    "GET bulletins.receive_form": ("/cong-van/moi", WRITERS_OWN),
    "POST bulletins.receive_submit": ("/cong-van/moi", WRITERS_OWN),
    "GET bulletins.dispatch": ("/cong-van/{dispatch}", DISTRICT),
    "POST bulletins.draft_submit": ("/cong-van/{dispatch}/soan", WRITERS),
    # Only whoever received it; the seeded one came with a set-up file.
    "GET bulletins.remove_confirm": ("/cong-van/{dispatch}/go", NOBODY),
    "POST bulletins.remove_submit": ("/cong-van/{dispatch}/go", NOBODY),
    "GET bulletins.relay": ("/ban-tin/tiep-song/moi", WRITERS_OWN),
    "POST bulletins.relay_submit": ("/ban-tin/tiep-song/moi", WRITERS_OWN),
    "GET bulletins.relay_edit": ("/ban-tin/BT1/tiep-song", WRITERS),
    "POST bulletins.relay_edit_submit": ("/ban-tin/BT1/tiep-song", WRITERS),
    "GET uploads.create": ("/ban-tin/thu-am/moi", WRITERS_OWN),
    "POST uploads.create_submit": ("/ban-tin/thu-am/moi", WRITERS_OWN),
    "GET uploads.edit": ("/ban-tin/BT1/thu-am", WRITERS),
    "POST uploads.edit_submit": ("/ban-tin/BT1/thu-am", WRITERS),
    "GET uploads.chimes": ("/nhac-hieu", ALL),
    "POST uploads.chime_submit": ("/nhac-hieu", WRITERS_OWN),
    "GET uploads.hear": ("/nhac-hieu/nghe/gong", ALL),
    # The seeded district has no chime of its own; who may is in test_uploads_chimes.py.
    "POST uploads.retire": ("/nhac-hieu/1/ngung", NOBODY),
    "POST uploads.bring_back": ("/nhac-hieu/1/dung-lai", NOBODY),
    "GET lexicon.index": ("/tu-dien", ALL),
    "GET lexicon.create": ("/tu-dien/them", WRITERS_OWN),
    "POST lexicon.create_submit": ("/tu-dien/them", WRITERS_OWN),
    "POST lexicon.try_out": ("/tu-dien/doc-thu", WRITERS_OWN),
    "GET lexicon.mend": ("/tu-dien/sua-nhanh", WRITERS_OWN),
    "POST lexicon.mend_submit": ("/tu-dien/sua-nhanh", WRITERS_OWN),
    # The operator of X1 reads with the entries of H1 above, and may not change them.
    "GET lexicon.edit": ("/tu-dien/{lexicon}/sua", WRITERS),
    "POST lexicon.edit_submit": ("/tu-dien/{lexicon}/sua", WRITERS),
    "GET lexicon.end": ("/tu-dien/{lexicon}/thoi", WRITERS),
    "POST lexicon.end_submit": ("/tu-dien/{lexicon}/thoi", WRITERS),
    "GET lexicon.restore": ("/tu-dien/{lexicon}/dung-lai", WRITERS),
    "POST lexicon.restore_submit": ("/tu-dien/{lexicon}/dung-lai", WRITERS),
    "GET lexicon.outdated_index": ("/tu-dien/doc-cu", ALL),
    "POST lexicon.render_all_anew": ("/tu-dien/doc-cu", WRITERS_OWN),
    "GET lexicon.outdated": ("/tu-dien/doc-cu/BT1", DISTRICT),
    "POST lexicon.render_anew": ("/tu-dien/doc-cu/BT1", WRITERS),
    "GET rules.index": ("/lich-phat", ALL),
    "GET rules.create": ("/lich-phat/moi", WRITERS_OWN),
    "POST rules.create_submit": ("/lich-phat/moi", WRITERS_OWN),
    "POST rules.preview_typed": ("/lich-phat/xem-truoc", WRITERS_OWN),
    "POST rules.preview_page": ("/lich-phat/xem-thu", WRITERS_OWN),
    "GET rules.show": ("/lich-phat/LP1", DISTRICT),
    "GET rules.edit": ("/lich-phat/LP1/sua", WRITERS),
    "POST rules.edit_submit": ("/lich-phat/LP1/sua", WRITERS),
    "GET rules.slot": ("/lich-phat/LP1/luot?ngay=2026-11-22&khe=17:15", DISTRICT),
    "POST rules.slot_submit": ("/lich-phat/LP1/luot?ngay=2026-11-22&khe=17:15", WRITERS),
    "POST rules.restore_submit": ("/lich-phat/LP1/thay-doi/1/bo", NOBODY),  # no such change: 404 for everyone
    "GET rules.stop_confirm": ("/lich-phat/LP1/dung", WRITERS),
    "POST rules.stop_submit": ("/lich-phat/LP1/dung", WRITERS),
    "POST rules.resume": ("/lich-phat/LP1/mo-lai", WRITERS),
    "GET programmes.week": ("/tram/S1/chuong-trinh", ALL),
    "GET day_of_all.index": ("/ca-ngay", ALL),
    "GET preflight.index": ("/sap-phat", ALL),
    "GET preflight.part": ("/sap-phat/bang", ALL),
    "GET ordering.index": ("/thu-tu", ALL),
    # No unit named: 404 for everyone; who may do what where is in test_ordering.py.
    "POST ordering.move_submit": ("/thu-tu/chuyen", NOBODY),
    "POST ordering.forget_submit": ("/thu-tu/mac-dinh", NOBODY),
    "GET ordering.decline": ("/thu-tu/khong-phat", NOBODY),
    "POST ordering.decline_submit": ("/thu-tu/khong-phat", NOBODY),
    "POST ordering.accept_submit": ("/thu-tu/phat-lai", NOBODY),
    # The operator of X1 reads what X1 owes; the bulletins are those of H1.
    "GET obligations.index": ("/chi-tieu", ALL),
    "GET obligations.show": ("/chi-tieu/{obligation}", ALL),
    "GET obligations.create": ("/chi-tieu/moi", OBLIGERS),
    "POST obligations.create_submit": ("/chi-tieu/moi", OBLIGERS),
    "GET obligations.edit": ("/chi-tieu/{obligation}/sua", OBLIGERS),
    "POST obligations.edit_submit": ("/chi-tieu/{obligation}/sua", OBLIGERS),
    "GET obligations.end": ("/chi-tieu/{obligation}/ket-thuc", OBLIGERS),
    "POST obligations.end_submit": ("/chi-tieu/{obligation}/ket-thuc", OBLIGERS),
    "POST obligations.take_submit": ("/chi-tieu/{obligation}/bu", WRITERS_OWN),
    "GET log.index": ("/nhat-ky", ALL),
    "GET log.entry": ("/nhat-ky/1", ALL),
    "GET reports.index": ("/bao-cao", ALL),
    "GET reports.airings": ("/bao-cao/luot-phat", ALL),
    "GET reports.picture": ("/bao-cao/bieu-do.svg", ALL),
    "GET reports.download": ("/bao-cao/tep.xlsx", ALL),
}

ROUTES = SHELL | CONTENT

# Open without an account, with the test that covers what they let through.
OPEN = {
    "GET static": "files of ours",
    "GET bootstrap.static": "files of Bootstrap",
    "GET sessions.sign_in": "tests/web/test_signing_in.py",
    "POST sessions.sign_in_submit": "tests/web/test_signing_in.py",
    "POST sessions.sign_in_demo": "tests/web/test_signing_in.py",
    "GET stations.feed": "tests/web/test_feeds.py",
    "GET accounts.invitation": "tests/web/test_signing_in.py",
    "POST accounts.invitation_submit": "tests/web/test_signing_in.py",
    "POST accounts.change_password": "tests/web/test_signing_in.py",
}


def routes_of(app) -> set[str]:
    """`GET stations.page` for every method of every rule; the API has tokens and tests of its own."""
    return {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith("/api/")
    }


def test_every_route_has_a_line_in_a_table(app):
    listed = set(ROUTES) | set(OPEN)
    assert routes_of(app) - listed == set(), "new routes: say who gets in"
    assert listed - routes_of(app) == set(), "lines without a route"


def address(key: str, district) -> str:
    handles = district.airings | {
        "policy": district.policy, "dispatch": district.dispatch, "lexicon": district.lexicon,
        "obligation": district.obligation,
    }  # fmt: skip
    return ROUTES[key][0].format(**handles)


def ask(client, key: str, district):
    method, _ = key.split(" ")
    return client.open(address(key, district), method=method)


def got_in(answer) -> bool:
    to_sign_in = answer.status_code == 302 and answer.location.startswith("/dang-nhap")
    return answer.status_code not in {401, 403, 404, 405} and answer.status_code < 500 and not to_sign_in


@pytest.mark.parametrize("key", ROUTES)
def test_each_role_gets_in_where_the_table_says_and_nowhere_else(key, as_person, district):
    inside = {login for login in sorted(ALL) if got_in(ask(as_person(login), key, district))}
    assert inside == set(ROUTES[key][1])


@pytest.mark.parametrize("key", ROUTES)
def test_without_an_account_every_route_leads_to_the_sign_in_page(key, client, district):
    answer = ask(client, key, district)
    assert answer.status_code == 302
    assert answer.location.startswith("/dang-nhap")


@pytest.mark.parametrize("key", sorted(ROUTES))
def test_an_account_whose_role_has_ended_gets_in_nowhere(key, as_person, district):
    if key in {"GET accounts.own", "POST sessions.sign_out"}:
        return
    answer = ask(as_person("cu"), key, district)
    assert answer.status_code == 403
    assert "chưa được phân công" in answer.text


def named_things() -> list[str]:
    return [key for key in ROUTES if re.search(r"/(S1|X1|editor|BT\d|LP1)(/|$)|\{", ROUTES[key][0])]


@pytest.mark.parametrize("key", named_things())
def test_things_of_another_district_are_as_things_that_do_not_exist(key, as_person, district):
    """Nobody of H1 may learn that they exist, whatever their role."""
    foreign, absent = foreign_address(key, district), absent_address(key)
    method, _ = key.split(" ")
    for login in sorted(ROUTES[key][1]):
        client = as_person(login)
        answer = client.open(foreign, method=method)
        assert answer.status_code == client.open(absent, method=method).status_code, login
        assert answer.status_code in {404, 422}, login


def foreign_address(key: str, district) -> str:
    """The same route on a thing of H9."""
    handles = dict.fromkeys(district.airings, district.airings["foreign"])
    address = ROUTES[key][0].format(
        **handles, policy=district.foreign_policy, dispatch=district.foreign_dispatch, lexicon=district.foreign_lexicon,
        obligation=district.foreign_obligation,
    )  # fmt: skip
    address = address.replace("/nhat-ky/1", f"/nhat-ky/{district.foreign_entry}")
    for ours, theirs in (("/S1", "/S9"), ("/X1", "/X9"), ("/editor", "/ngoai"), ("/LP1", "/LP9")):
        address = address.replace(ours, theirs)
    return re.sub(r"/BT\d", "/BT9", address)


def absent_address(key: str) -> str:
    """The same route on a thing that nobody has."""
    address = ROUTES[key][0].replace("{complete}", str(uuid.UUID(int=1)))
    address = re.sub(r"\{\w+\}|/nhat-ky/1$", lambda found: "/nhat-ky/987654" if "/" in found[0] else "987654", address)
    return re.sub(r"/(S1|X1|editor|BT\d|LP1)(?=/|$)", "/khong-co", address)


def test_the_operator_of_a_commune_sees_nothing_of_the_commune_beside_it(as_person, district):
    client = as_person("operator")
    assert client.get("/tram/S2").status_code == 404
    assert client.get(f"/luot-phat/{district.airings['silent']}").status_code == 404
    assert "Trạm Bình Minh" not in client.get("/").text
    assert client.post("/don-vi-dang-xem", data={"unit": "X2"}).status_code == 404
