"""Installing a voice while the page goes on: a thread of this process, known to all pages by its file."""

from __future__ import annotations

import logging
import threading

from filelock import BaseFileLock

from audio.voices.neural.installing import claim, install
from audio.voices.order import voices_folder
from broadcast.audit_event import Actor
from broadcast.errors import BroadcastError
from web.services import Services
from web.voices.arriving import collection_of, welcome

log = logging.getLogger(__name__)


def begin(services: Services, name: str, actor: Actor) -> threading.Thread:
    """Starts it and returns at once. Raises Conflict while another one runs, in whatever process."""
    lock = claim(voices_folder(services.settings))
    work = threading.Thread(target=_work, args=(services, name, actor, lock), name="install voice", daemon=True)
    work.start()
    return work


def _work(services: Services, name: str, actor: Actor, lock: BaseFileLock) -> None:
    settings = services.settings
    try:
        file = install(name, folder=voices_folder(settings), collection=collection_of(settings), now=services.now())
        with services.database.writing() as session:
            welcome(session, settings, file, actor, services.now())
    except BroadcastError as failed:
        log.warning("voice %s was not installed: %s", name, failed.message_vi)
    except Exception:  # the page says that it stopped; what we need to mend it is in the log
        log.exception("installing voice %s", name)
    finally:
        lock.release()
