"""Coming in, going out, and what ends a session."""

from __future__ import annotations

from tests.web.seed import PASSWORD


def test_the_right_password_opens_the_board(client):
    answer = client.post("/dang-nhap", data={"login": "Editor ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/")
    page = client.get("/")
    assert page.status_code == 200
    assert "Lê Thị Biên" in page.text
