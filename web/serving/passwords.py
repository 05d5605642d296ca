"""Passwords that the program makes up: shown once, typed by hand."""

from __future__ import annotations

import secrets
import string


def random_password() -> str:
    """Sixteen letters and digits that cannot be mistaken for one another."""
    alphabet = "".join(sorted(set(string.ascii_lowercase + string.digits) - set("il1o0")))
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
