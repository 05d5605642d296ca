"""What a guesser of passwords may try, without keeping anybody else out.

A login is counted together with the address: nobody is kept out by what strangers try elsewhere. An address has a limit
of its own, against one guess at each of many logins; who came in from there before is not held to it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app, request

from broadcast.errors import BroadcastError
from web.shell.access import now
from web.shell.throttle import Throttle, place

OF_A_LOGIN = 8
OF_AN_ADDRESS = 100  # an office of many people shares one
_KNOWN = 5_000  # pairs of login and address at most

_TOLD = (
    "Bạn đã thử quá nhiều lần. Hãy đợi {minutes} phút rồi thử lại; "
    "nếu quên mật khẩu, hãy xin người quản trị một đường dẫn mới."
)


@dataclass
class _Guesses:
    of_login: Throttle = field(default_factory=lambda: Throttle(OF_A_LOGIN, _TOLD))
    of_address: Throttle = field(default_factory=lambda: Throttle(OF_AN_ADDRESS, _TOLD))
    known: OrderedDict[str, None] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def remember(self, pair: str) -> None:
        with self.lock:
            self.known[pair] = None
            self.known.move_to_end(pair)
            while len(self.known) > _KNOWN:
                self.known.popitem(last=False)


@dataclass
class Guess:
    """One attempt. It counts as wrong unless it turns out right, or was never looked at."""

    was_right: bool = False


@contextmanager
def guess(login: str) -> Iterator[Guess]:
    """Around the check of a password. Raises TooMany before it where too many were wrong."""
    guesses = cast(_Guesses, current_app.extensions.setdefault("broadcast.guesses", _Guesses()))
    address, at = place(request.remote_addr), now()
    pair = f"{address} {login.strip().casefold()[:64]}"
    counted = [(guesses.of_login, pair)]
    guesses.of_login.attempt(pair, at)
    made = Guess()
    try:
        if pair not in guesses.known:
            guesses.of_address.attempt(address, at)
            counted.append((guesses.of_address, address))
        yield made
    except BroadcastError:
        _forgive(counted, at)
        raise
    if made.was_right:
        guesses.remember(pair)
        _forgive(counted, at)


def _forgive(counted: list[tuple[Throttle, str]], at: datetime) -> None:
    for throttle, key in counted:
        throttle.forgive(key, at)
