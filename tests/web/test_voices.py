"""Giọng đọc on the screen: order, consent, a click that installs, a sentence to hear, what waits rendered again."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio.voices.neural.installing import Installing, add, state_of
from audio.voices.order import chosen, take_in, voice_order, voices_folder
from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.audit_event import AuditEvent
from broadcast.bulletin import Bulletin, Revision
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.person import Person, Role, assign
from broadcast.unit import Unit
from tests.audio.voices.tiny_voice import write_collection, write_voice
from tests.web.conftest import Clock, sign_in
from tests.web.seed import NOW, Handles, seed
from web.audit_words import act_in_words, detail_in_words
from web.services import Services
from web.voices.again import number_waiting, render_waiting_again
from web.voices.pages import RECOMMENDED


class Shelf(SimpleHTTPRequestHandler):
    """A loopback copy of the collection. It waits before the voice itself where `hold` is set."""

    hold: threading.Event | None = None
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path.rpartition("/")[2])
        if self.path.endswith(".onnx") and self.hold is not None:
            self.hold.wait(20)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[type[Shelf]]:
    made = type("OwnShelf", (Shelf,), {"asked": [], "folder": tmp_path / "collection"})
    write_collection(tmp_path / "collection", RECOMMENDED)
    handler = functools.partial(made, directory=str(tmp_path / "collection"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        made.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        if made.hold is not None:
            made.hold.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(tmp_path: Path, shelf: type[Shelf]) -> Settings:
    return Settings(data_dir=tmp_path / "data", secret_key="bí mật", voice_collection=shelf.address)


@pytest.fixture
def admin(as_person: Callable[[str], FlaskClient]) -> FlaskClient:
    return as_person("administrator")


def finished(settings: Settings) -> Installing:
    """The installation that runs, when it is over."""
    for thread in threading.enumerate():
        if thread.name == "install voice":
            thread.join(30)
    state = state_of(voices_folder(settings))
    assert state is not None
    return state


def told(database: Database) -> list[str]:
    with database.reading() as session:
        return [act_in_words(each) for each in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]


def renderings(database: Database) -> dict[str, int]:
    """Bulletin → how many orders for its sound there are."""
    with database.reading() as session:
        rows = session.execute(
            select(Bulletin.code, func.count(Rendering.id))
            .join(Revision, Revision.bulletin_id == Bulletin.id)
            .outerjoin(Rendering, Rendering.revision_id == Revision.id)
            .group_by(Bulletin.code)
        )
        return dict(rows.all())


def test_the_page_says_honestly_what_each_voice_is(admin: FlaskClient) -> None:
    page = admin.get("/giong-doc").text
    for words in (
        "Luôn dùng được",
        "giọng máy",
        "ở nước ngoài",
        "giọng người",
        "Nên cài",
        "CC BY 4.0",
        "Cài giọng này",
    ):
        assert words in page
    assert "đọc trước tiên" in page
    assert "Âm thử" not in page
    assert 'href="/giong-doc"' in admin.get("/").text


def test_one_click_installs_the_voice_and_what_waits_is_rendered_again(
    admin: FlaskClient, settings: Settings, web_database: Database
) -> None:
    before = renderings(web_database)
    assert admin.post("/giong-doc/cai").status_code == 302
    assert finished(settings).step == "done"
    assert voice_order(settings) == (RECOMMENDED, "espeak")
    page = admin.get("/giong-doc").text
    assert "Giọng máy học vais1000 (bản vừa)" in page
    assert "CC BY 4.0" in page
    assert "Cài giọng này" not in page
    assert "đưa vào dùng giọng đọc “vi_VN-vais1000-medium”" in told(web_database)
    after = renderings(web_database)
    again = {code for code in after if after[code] > before[code]}
    with web_database.reading() as session:
        states = {each.code: each.latest.state for each in session.scalars(select(Bulletin)) if each.code in after}
        waiting = {
            each.code
            for each in session.scalars(select(Bulletin))
            if each.latest.state != "approved" and each.latest.content == "text" and each.withdrawn_at is None
        }
    assert again
    assert again <= waiting
    assert all(states[code] != "approved" for code in again)


def test_progress_is_seen_by_every_page_and_a_second_click_starts_nothing(
    admin: FlaskClient, settings: Settings, shelf: type[Shelf]
) -> None:
    shelf.hold = threading.Event()
    admin.post("/giong-doc/cai")
    while "vi_VN-vais1000-medium.onnx" not in shelf.asked:
        threading.Event().wait(0.02)
    for address in ("/giong-doc", "/giong-doc/tinh-hinh"):
        page = admin.get(address).text
        assert "Đang cài" in page
        assert "<progress" in page
        assert "Dừng cài" in page
    second = admin.post("/giong-doc/cai")
    assert second.status_code == 409
    assert "Đang cài một giọng khác" in second.text
    shelf.hold.set()
    assert finished(settings).step == "done"
    assert shelf.asked.count("vi_VN-vais1000-medium.onnx") == 1


def test_it_can_be_stopped_and_begun_again(
    admin: FlaskClient, settings: Settings, shelf: type[Shelf], web_database: Database
) -> None:
    assert admin.post("/giong-doc/dung-cai").status_code == 409
    shelf.hold = threading.Event()
    admin.post("/giong-doc/cai")
    while "vi_VN-vais1000-medium.onnx" not in shelf.asked:
        threading.Event().wait(0.02)
    admin.post("/giong-doc/dung-cai")
    assert finished(settings).step == "cancelled"
    assert "Đã dừng cài giọng theo yêu cầu" in admin.get("/giong-doc").text
    assert voice_order(settings) == ("espeak",)
    assert told(web_database) == []
    shelf.hold.set()
    admin.post("/giong-doc/cai")
    assert finished(settings).step == "done"


def test_what_went_wrong_is_told_in_words_and_nothing_half_written_is_used(
    admin: FlaskClient, settings: Settings, shelf: type[Shelf]
) -> None:
    index = shelf.folder / "voices.json"
    index.write_text("<html>Đăng nhập Wi-Fi</html>", "utf-8")
    admin.post("/giong-doc/cai")
    assert finished(settings).step == "failed"
    page = admin.get("/giong-doc").text
    assert "Lần trước chưa cài được" in page
    assert "trang đăng nhập" in page
    assert "broadcast voice add TỆP" in page
    assert "Cài giọng này" in page
    assert voice_order(settings) == ("espeak",)


def test_an_installation_whose_server_died_is_told_as_stopped(admin: FlaskClient, settings: Settings) -> None:
    folder = voices_folder(settings)
    folder.mkdir(parents=True)
    (folder / "installing.json").write_text('{"name": "vi_VN-vais1000-medium", "step": "load", "done_bytes": 5}')
    assert "bị ngắt giữa chừng" in admin.get("/giong-doc").text


def test_buttons_change_the_order_and_the_trail_has_words(
    admin: FlaskClient, settings: Settings, web_database: Database
) -> None:
    for name in ("giong-mot", "giong-hai"):
        write_voice(voices_folder(settings), name)

    def move(name: str, how: str) -> tuple[str, ...]:
        answer = admin.post("/giong-doc/thu-tu", data={"name": name, "move": how, "sure": "1"})
        assert answer.status_code == 302
        return voice_order(settings)

    assert move("giong-mot", "first") == ("giong-mot", "espeak")
    assert move("giong-hai", "up") == ("giong-mot", "giong-hai", "espeak")
    assert move("espeak", "up") == ("giong-mot", "espeak", "giong-hai")
    assert move("giong-mot", "out") == ("espeak", "giong-hai")
    assert "Dùng lại ở cuối" in admin.get("/giong-doc").text
    assert move("giong-mot", "last") == ("espeak", "giong-hai", "giong-mot")
    assert move("espeak", "down") == ("giong-hai", "espeak", "giong-mot")
    with web_database.reading() as session:
        events = list(session.scalars(select(AuditEvent).where(AuditEvent.act == "order_voices")))
        assert len(events) == 6
        assert act_in_words(events[0]) == "đổi thứ tự giọng đọc"
        assert detail_in_words(events[0], {})[0].startswith("thứ tự: Giọng máy học giong-mot, eSpeak NG")


def test_another_first_voice_is_asked_about_with_the_number_of_bulletins_that_are_made_anew(
    admin: FlaskClient, settings: Settings, web_database: Database
) -> None:
    write_voice(voices_folder(settings), "giong-mot")
    with web_database.reading() as session:
        waiting = number_waiting(session, NOW, "giong-mot")
    assert waiting > 0
    before = renderings(web_database)
    asked = admin.post("/giong-doc/thu-tu", data={"name": "giong-mot", "move": "first"})
    assert asked.status_code == 200
    assert f"{waiting} bản tin chưa duyệt sẽ được dựng lại" in asked.text
    assert f"{waiting} bản tin chưa duyệt" in admin.get("/giong-doc/ra-nuoc-ngoai").text
    assert voice_order(settings) == ("espeak",)
    assert renderings(web_database) == before
    assert admin.post("/giong-doc/thu-tu", data={"name": "giong-mot", "move": "last"}).status_code == 302
    admin.post("/giong-doc/thu-tu", data={"name": "giong-mot", "move": "first", "sure": "1"})
    assert voice_order(settings) == ("giong-mot", "espeak")
    assert sum(renderings(web_database).values()) == sum(before.values()) + waiting


def test_only_a_recommended_voice_is_recommended(admin: FlaskClient, settings: Settings) -> None:
    folder = voices_folder(settings)
    folder.mkdir(parents=True)
    add(write_voice(folder.parent, "giong-la"), folder=folder, now=NOW)
    page = admin.get("/giong-doc").text
    assert "Tệp giọng của đơn vị" in page
    assert "Nên dùng" not in page
    assert voice_order(settings) == ("espeak",)
    assert take_in(settings, "giong-la") == ("espeak", "giong-la")
    write_voice(folder, RECOMMENDED)
    assert take_in(settings, RECOMMENDED) == (RECOMMENDED, "espeak", "giong-la")
    assert admin.get("/giong-doc").text.count("Nên dùng: gần giọng người nhất") == 1


def test_files_of_a_voice_go_once_it_is_out_of_the_order(
    admin: FlaskClient, settings: Settings, web_database: Database
) -> None:
    folder = voices_folder(settings)
    write_voice(folder, "giong-mot")
    take_in(settings, "giong-mot")
    address = "/giong-doc/giong-mot/xoa-tep"
    assert address not in admin.get("/giong-doc").text
    for refused in (admin.get(address), admin.post(address)):
        assert refused.status_code == 409
        assert "đang có trong thứ tự" in refused.text
    admin.post("/giong-doc/thu-tu", data={"name": "giong-mot", "move": "out"})
    assert address in admin.get("/giong-doc").text
    assert "Xoá tệp giọng" in admin.get(address).text
    assert (folder / "giong-mot.onnx").exists()
    assert admin.post(address).status_code == 302
    assert [path.name for path in folder.glob("giong-mot*")] == []
    assert "xoá tệp của giọng đọc “Giọng máy học giong-mot”" in told(web_database)
    assert admin.post(address).status_code == 422


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "espeak", "move": "out"},
        {"name": "espeak", "move": "sideways"},
        {"name": "../x", "move": "first"},
        {"name": "gtts", "move": "first"},
    ],
)
def test_what_makes_no_order_is_refused(admin: FlaskClient, settings: Settings, data: dict[str, str]) -> None:
    assert admin.post("/giong-doc/thu-tu", data=data).status_code == 422
    assert voice_order(settings) == ("espeak",)


def test_the_online_voice_needs_a_tick_that_names_what_it_means_and_the_trail_keeps_who_and_when(
    admin: FlaskClient, settings: Settings, web_database: Database, clock: Clock
) -> None:
    assert admin.get("/giong-doc/gtts/nghe-thu.wav").status_code == 422
    page = admin.get("/giong-doc/ra-nuoc-ngoai").text
    assert "máy chủ của Google ở nước ngoài" in page
    refused = admin.post("/giong-doc/ra-nuoc-ngoai")
    assert refused.status_code == 422
    assert "Hãy đánh dấu" in refused.text
    assert voice_order(settings) == ("espeak",)
    admin.post("/giong-doc/ra-nuoc-ngoai", data={"known": "1"})
    assert voice_order(settings) == ("gtts", "espeak")
    kept = chosen(settings)
    assert (kept.abroad_by, kept.abroad_at) == ("Hoàng Thị Trị", NOW.isoformat())
    assert "đã chấp nhận gửi lời ra nước ngoài" in admin.get("/giong-doc").text
    with web_database.reading() as session:
        event = session.scalar(select(AuditEvent).where(AuditEvent.act == "accept_abroad"))
        assert event is not None
        assert (event.actor_name, event.at) == ("Hoàng Thị Trị", clock.at)
    admin.post("/giong-doc/thu-tu", data={"name": "gtts", "move": "out", "sure": "1"})
    assert chosen(settings).abroad_by is None, "chosen again later, it is answered for again"


def test_an_order_that_names_the_online_voice_without_consent_leaves_it_out(settings: Settings) -> None:
    folder = voices_folder(settings)
    folder.mkdir(parents=True)
    (folder / "order.json").write_text('{"names": ["gtts", "espeak"], "abroad_by": null, "abroad_at": null}')
    assert voice_order(settings) == ("espeak",)


UNREADABLE = ["", "[]", "[" * 50_000, "9" * 100_000, "\x00\x00"]


@pytest.mark.parametrize("written", [*UNREADABLE, '{"names": 5, "abroad_by": 1, "abroad_at": 2}', '{"names": [1]}'])
def test_an_order_that_cannot_be_read_is_as_none(settings: Settings, written: str) -> None:
    folder = voices_folder(settings)
    folder.mkdir(parents=True)
    (folder / "order.json").write_text(written)
    assert voice_order(settings) == ("espeak",)


@pytest.mark.parametrize("written", UNREADABLE)
def test_damaged_notes_beside_a_voice_cost_neither_the_page_nor_the_voice(
    admin: FlaskClient, settings: Settings, written: str
) -> None:
    folder = voices_folder(settings)
    write_voice(folder, "giong-mot")
    for name in ("giong-mot.about.json", "installing.json"):
        (folder / name).write_text(written)
    page = admin.get("/giong-doc")
    assert page.status_code == 200
    assert "giong-mot" in page.text


def test_every_voice_can_be_heard(admin: FlaskClient, settings: Settings) -> None:
    write_voice(voices_folder(settings), "giong-mot")
    for name in ("espeak", "giong-mot"):
        sound = admin.get(f"/giong-doc/{name}/nghe-thu.wav")
        assert sound.status_code == 200
        assert sound.mimetype == "audio/wav"
        assert sound.data[:4] == b"RIFF"
        assert len(sound.data) > 100_000
    part = admin.get("/giong-doc/espeak/nghe-thu.wav", headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.data)) == (206, 100)
    assert admin.get("/giong-doc/khong-co/nghe-thu.wav").status_code == 404


def test_a_voice_that_cannot_speak_says_why(admin: FlaskClient, settings: Settings) -> None:
    write_voice(voices_folder(settings), "giong-hong", sound=b"\xff\xd8\xff" * 100)
    answer = admin.get("/giong-doc/giong-hong/nghe-thu.wav")
    assert answer.status_code == 502
    assert "hỏng hoặc bị cắt" in answer.text


def test_an_operators_setting_wins_and_the_page_only_shows_it(
    services: Services, district: Handles, settings: Settings, web_database: Database
) -> None:
    from web import create_app

    fixed = settings.model_copy(update={"voice": "espeak"})
    app = create_app(Services(fixed, web_database, now=services.now))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = sign_in(app.test_client(), district.people["administrator"])
    page = client.get("/giong-doc").text
    assert "được đặt trong cài đặt của máy chủ" in page
    assert "Chọn giọng này</a>" not in page.replace("\n", "")
    refused = client.post("/giong-doc/ra-nuoc-ngoai", data={"known": "1"})
    assert refused.status_code == 409
    assert chosen(settings).names is None


def test_only_whoever_administers_the_top_of_the_tree_changes_voices(
    app: Flask, web_database: Database, district: Handles, settings: Settings
) -> None:
    with web_database.writing() as session:
        person = Person(login="xa", name="Vũ Thị Xã", created_at=NOW)
        session.add(person)
        session.flush()
        unit = session.scalar(select(Unit).where(Unit.code == "X1"))
        assert unit is not None
        assign(session, person, Role.ADMINISTRATOR, unit)
        session.flush()
        number, epoch = person.id, person.session_epoch
    client = sign_in(app.test_client(), number, epoch)
    page = client.get("/giong-doc")
    assert page.status_code == 200
    assert "chỉ người quản trị ở đơn vị cao nhất" in page.text
    for address in ("cai", "dung-cai", "thu-tu", "ra-nuoc-ngoai"):
        assert client.post(f"/giong-doc/{address}", data={"known": "1"}).status_code == 403
    assert voice_order(settings) == ("espeak",)
    assert state_of(voices_folder(settings)) is None


def test_what_a_voice_spoke_already_is_not_rendered_again(web_database: Database) -> None:
    with web_database.writing() as session:
        first = render_waiting_again(session, NOW, first="giong-moi")
        assert first > 0
    with web_database.writing() as session:
        assert render_waiting_again(session, NOW, first="giong-moi") == 0, "still waiting to be made"
        asset = AudioAsset(
            sha256="cd" * 32, bytes=1, duration_ms=1000, lufs=-16, true_peak_db=-2, media_type="audio/mpeg",
            voice="giong-moi", created_at=NOW,
        )  # fmt: skip
        session.add(asset)
        for rendering in session.scalars(select(Rendering).where(Rendering.state == "wanted")):
            rendering.state, rendering.audio = "ready", asset
    with web_database.writing() as session:
        assert render_waiting_again(session, NOW, first="giong-moi") == 0
        assert render_waiting_again(session, NOW, first="espeak") == first


def test_only_the_newest_text_that_waits_is_rendered_again_on_either_database(database: Database) -> None:
    seed(database)
    with database.writing() as session:
        approved = {each.code: len(each.latest.renderings) for each in _bulletins(session, "approved")}
        ordered = render_waiting_again(session, NOW, first="giong-moi")
    with database.writing() as session:
        again = [each for each in _bulletins(session) if each.latest.rendering and each.latest.rendering.due_at == NOW]
        wanted = [each for each in again if each.latest.rendering and each.latest.rendering.state == "wanted"]
        assert 0 < ordered <= len(wanted)
        assert {each.code: len(each.latest.renderings) for each in _bulletins(session, "approved")} == approved
        events = session.scalars(select(AuditEvent).where(AuditEvent.act == "render_again")).all()
        assert len(events) == ordered


def _bulletins(session: Session, state: str | None = None) -> list[Bulletin]:
    return [each for each in session.scalars(select(Bulletin)) if state in (None, each.latest.state)]


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def moved(admin: FlaskClient, name: str, how: str) -> int:
    return admin.post("/giong-doc/thu-tu", data={"name": name, "move": how}).status_code


def install_recommended(admin: FlaskClient, settings: Settings) -> Path:
    """Through the page; the path of its sound."""
    admin.post("/giong-doc/cai")
    assert finished(settings).step == "done"
    return voices_folder(settings) / f"{RECOMMENDED}.onnx"


def test_a_damaged_first_voice_is_told_with_who_reads_instead_and_installed_again_in_its_place(
    admin: FlaskClient, settings: Settings, web_database: Database
) -> None:
    sound = install_recommended(admin, settings)
    cut_in_half(sound)
    page = admin.get("/giong-doc").text
    assert "không còn nguyên như lúc thêm vào. Hãy cài lại." in page
    assert "Câu của giọng này đang do eSpeak NG (giọng máy, không cần mạng) đọc." in page
    assert "Thay cho giọng hỏng ở trên." in page
    assert "dự phòng thứ" not in page
    assert f'name="name" value="{RECOMMENDED}">Cài lại</button>' in page
    assert "Cài xong giọng này đọc trước tiên" in page
    assert "Nên cài" not in page, "one way to install it is enough"
    assert admin.get(f"/giong-doc/{RECOMMENDED}/nghe-thu.wav").status_code == 409
    assert admin.post("/giong-doc/cai", data={"name": RECOMMENDED}).status_code == 302
    assert finished(settings).step == "done"
    assert voice_order(settings) == (RECOMMENDED, "espeak")
    assert "không dùng được" not in admin.get("/giong-doc").text


def test_a_damaged_voice_is_moved_down_and_what_waits_stays_as_it_is(
    admin: FlaskClient, settings: Settings, web_database: Database
) -> None:
    cut_in_half(install_recommended(admin, settings))
    before = renderings(web_database)
    assert "Xuống một bậc" in admin.get("/giong-doc").text
    assert moved(admin, RECOMMENDED, "down") == 302, "nothing is made anew, so nothing is asked"
    assert voice_order(settings) == ("espeak", RECOMMENDED)
    assert renderings(web_database) == before
    assert "Câu của giọng này" not in admin.get("/giong-doc").text, "another reads before it"
    assert moved(admin, RECOMMENDED, "first") == 409
    assert "Cài xong giọng này là dự phòng thứ 1" in admin.get("/giong-doc").text
    admin.post("/giong-doc/cai", data={"name": RECOMMENDED})
    assert finished(settings).step == "done"
    assert voice_order(settings) == ("espeak", RECOMMENDED), "it keeps the place that it was given"
    assert renderings(web_database) == before


def test_a_damaged_voice_is_taken_away_after_a_question_with_its_files_and_its_place(
    admin: FlaskClient, settings: Settings, web_database: Database
) -> None:
    folder = voices_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    add(write_voice(folder.parent, "giong-la"), folder=folder, now=NOW)
    take_in(settings, "giong-la")
    admin.post("/giong-doc/thu-tu", data={"name": "giong-la", "move": "first", "sure": "1"})
    assert voice_order(settings) == ("giong-la", "espeak")
    cut_in_half(folder / "giong-la.onnx")
    page = admin.get("/giong-doc").text
    assert "chạy lệnh broadcast voice add TỆP" in page
    assert ">Cài lại<" not in page, "there is nowhere to fetch it from"
    assert "Gỡ giọng này" in page
    assert admin.post("/giong-doc/cai", data={"name": "giong-la"}).status_code == 422
    before = renderings(web_database)
    address = "/giong-doc/giong-la/xoa-tep"
    asked = admin.get(address).text
    assert "Giọng này ra khỏi thứ tự đọc. eSpeak NG (giọng máy, không cần mạng) vẫn đọc trước tiên" in asked
    assert (folder / "giong-la.onnx").exists()
    assert admin.post(address).status_code == 302
    assert list(folder.glob("giong-la*")) == []
    assert voice_order(settings) == ("espeak",)
    assert chosen(settings).names == ("espeak",)
    assert renderings(web_database) == before
    assert "đổi thứ tự giọng đọc" in told(web_database)
