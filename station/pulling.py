"""Programme in: asks the server for a newer manifest, again and again."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time as machine_time
from collections.abc import Callable

from broadcast.wire import EntryReason
from station.backoff import Backoff, not_before
from station.errors import Refused
from station.programme import Programme
from station.server import Answer, Server, ServerError, retry_after_s
from station.troubles import Troubles

log = logging.getLogger(__name__)

WAIT_S = 110
"""How long the server may hold a manifest request: shorter than most mobile networks forget a silent connection."""

ASK_AGAIN_S = 10.0
"""Between two requests that bring nothing new. A server that holds none, or lets go early, is not asked in a loop."""

_NEWS_AGAIN_S = 2.0
"""Between two that bring something new, where one follows the other at once."""


class Puller:
    """The manifest requests. `on_new` is called when another programme has been accepted."""

    def __init__(self, *, server: Server, programme: Programme, troubles: Troubles, on_new: Callable[[], None]) -> None:
        self._server = server
        self._programme = programme
        self._troubles = troubles
        self._on_new = on_new
        self._was_new = False

    def pull(self, wait_s: int = 0) -> float:
        """Ask for a newer manifest; gives the seconds to let pass before asking again. Raises ServerError, Refused."""
        held = self._programme.held
        began = machine_time.monotonic()
        answer = self._server.ask(
            "GET",
            "/api/v1/station/manifest",
            headers={"If-None-Match": held.etag} if held else None,
            wait_s=wait_s if held else 0,
        )
        changed = False
        if answer.status == 304:
            self._programme.confirm()
        else:
            changed = self._accept(answer)
        self._troubles.clear("manifest")
        wish_s = retry_after_s(answer.headers)
        if wish_s is not None:
            return not_before(wish_s)
        least_s = _NEWS_AGAIN_S if changed and self._was_new else 0.0 if changed else ASK_AGAIN_S
        self._was_new = changed
        return max(0.0, least_s - (machine_time.monotonic() - began))

    def _accept(self, answer: Answer) -> bool:
        changed = self._programme.offer(
            answer.body, answer.headers.get("Manifest-Signature"), answer.headers.get("ETag")
        )
        held = self._programme.held
        if changed and held is not None:
            log.info("Nhận chương trình số %d: %d lượt phát.", held.manifest.sequence, len(held.manifest.airings))
            if held.left_out:
                line = f"Chương trình số {held.manifest.sequence} có {held.left_out} lượt phát không đọc được."
                self._troubles.report("left_out", line, EntryReason.ERROR)
            else:
                self._troubles.clear("left_out")
            self._on_new()
        return changed

    def keep_on(self, stop: threading.Event) -> None:
        """Pull until told to stop."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                pause_s = self.pull(WAIT_S)
                backoff.succeeded()
            except (ServerError, Refused, sqlite3.Error, OSError) as error:
                if stop.is_set():
                    return
                self._troubles.of_server("manifest", error)
                pause_s = backoff.after(error)
            stop.wait(pause_s)

    def wake(self) -> None:
        """Nothing: what the server holds ends by itself."""
