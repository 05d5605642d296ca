"""A commune that wrote nothing itself is led to what it airs for those above it."""

from __future__ import annotations


def test_an_empty_list_says_where_the_bulletins_from_above_are(as_person):
    client = as_person("editor")
    client.post("/don-vi-dang-xem", data={"unit": "X2"})
    page = client.get("/ban-tin").text
    assert "Đơn vị này chưa có bản tin nào." in page
    assert "Hôm nay trạm có 1 lượt phát bản tin của cấp trên." in page
    assert '<a href="/">Hôm nay</a>' in page


def test_a_list_that_is_not_empty_says_nothing_of_it(as_person):
    assert "bản tin của cấp trên" not in as_person("operator").get("/ban-tin").text
