"""Run by Alembic. The engine comes from the caller; without one, from the settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from broadcast.config import load_settings
from broadcast.db import UtcDateTime, make_engine
from broadcast.nouns import metadata


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Alembic's generated files forget the import of our own type."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from broadcast.db import UtcDateTime")
        return "UtcDateTime()"
    return False


engine = context.config.attributes.get("engine") or make_engine(load_settings().database)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
