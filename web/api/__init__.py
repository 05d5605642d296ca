"""The station protocol, version 1 (`/api/v1`): machines with tokens, JSON, problem documents. See `broadcast.wire`."""

from web.api.blueprint import blueprint

__all__ = ["blueprint"]
