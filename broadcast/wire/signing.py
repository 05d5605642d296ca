"""Ed25519 keys and signatures as base64 of their raw bytes."""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def public_key_text(private_key: Ed25519PrivateKey) -> str:
    """Base64 of the raw 32 bytes of the public half."""
    raw = private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def sign(private_key: Ed25519PrivateKey, data: bytes) -> str:
    """Base64 of the Ed25519 signature over `data`."""
    return base64.b64encode(private_key.sign(data)).decode()


def verify(public_key_b64: str, data: bytes, signature_b64: str) -> bool:
    """Whether the signature is this key's over exactly these bytes. A malformed key or signature is False."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key_b64, validate=True))
        key.verify(base64.b64decode(signature_b64, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True
