"""The waiting room by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from broadcast.errors import StorageError
from web.api.waiting import WaitingRoom


def test_those_who_wait_hear_of_a_rise_and_nobody_looks_while_nobody_waits() -> None:
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        return 5 if len(looks) > 2 else 4

    room = WaitingRoom(look, every_s=0.01)
    assert looks == []
    with room.place() as first, room.place() as second, ThreadPoolExecutor(2) as pool:
        assert first
        assert second
        assert list(pool.map(lambda _: room.wait(4, 10), range(2))) == [True, True]
    room.close()


def test_a_wait_ends_at_its_time() -> None:
    room = WaitingRoom(lambda: 4, every_s=0.01)
    with room.place():
        assert room.wait(4, 0.05) is False
    room.close()


def test_a_full_room_has_no_place_and_a_place_is_free_again_afterwards() -> None:
    room = WaitingRoom(lambda: 0, places=1)
    with room.place() as first, room.place() as second:
        assert (first, second, room.waiting) == (True, False, 1)
    with room.place() as third:
        assert third
    room.close()


def test_nobody_has_more_than_two_places() -> None:
    room = WaitingRoom(lambda: 0)
    with room.place("trạm 1") as first, room.place("trạm 1") as second, room.place("trạm 2") as other:
        assert (first, second, other) == (True, True, True)
        with room.place("trạm 1") as third:
            assert not third
        assert room.waiting == 3
    assert room.waiting == 0
    with room.place("trạm 1") as again:
        assert again
    room.close()


def test_a_closed_room_has_no_place_and_sends_everybody_away() -> None:
    room = WaitingRoom(lambda: 0, every_s=0.01)
    with room.place(), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(room.wait, 0, 60)
        room.close()
        assert waiting.result() is False
    with room.place() as late:
        assert not late


def test_a_look_that_fails_does_not_end_the_waiting() -> None:
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        if len(looks) == 1:
            raise StorageError("Cơ sở dữ liệu đang bận.")
        return 1

    room = WaitingRoom(look, every_s=0.01)
    with room.place():
        assert room.wait(0, 10) is True
    room.close()
