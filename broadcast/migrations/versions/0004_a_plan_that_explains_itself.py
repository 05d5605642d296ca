"""lunar days, holidays, changes of one slot, communes' choices, obligations that are kept, feeds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from broadcast.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _columns() -> dict[str, tuple[sa.Column[object], ...]]:
    """Made in place, never by copying the table: with foreign keys on, SQLite would not let the old one go."""
    return {
        "rule": (
            sa.Column("lunar_days", sa.JSON(none_as_null=True), nullable=True),
            sa.Column("holidays", sa.String(length=4), nullable=False, server_default="any"),
            sa.Column("per_day", sa.Integer(), nullable=True),
            sa.Column("place", sa.String(length=7), nullable=False, server_default="any"),
            sa.Column("ends_when_met", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("follows_id", sa.Integer(), sa.ForeignKey("rule.id", name="fk_rule_follows_id"), nullable=True),
        ),
        "policy": (sa.Column("no_repeat_before", sa.String(length=5), nullable=True),),
        "obligation": (
            sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id", name="fk_obligation_unit_id"), nullable=True),
            sa.Column(
                "dispatch_id",
                sa.Integer(),
                sa.ForeignKey("dispatch.id", name="fk_obligation_dispatch_id"),
                nullable=True,
            ),
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
            sa.Column(
                "created_by_id",
                sa.Integer(),
                sa.ForeignKey("person.id", name="fk_obligation_created_by_id"),
                nullable=True,
            ),
            sa.Column("ended_at", UtcDateTime(), nullable=True),
            sa.Column(
                "ended_by_id", sa.Integer(), sa.ForeignKey("person.id", name="fk_obligation_ended_by_id"), nullable=True
            ),
        ),
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column, inline_references=True)
    op.create_index("ix_obligation_unit_id", "obligation", ["unit_id"])
    op.create_index("ix_obligation_dispatch_id", "obligation", ["dispatch_id"])
    op.create_table(
        "rule_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("slot_key", sa.String(length=40), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("is_skipped", sa.Boolean(), nullable=False),
        sa.Column("to_time", sa.String(length=8), nullable=True),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_rule_change_bulletin_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_rule_change_changed_by_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_rule_change_rule_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_rule_change_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_change")),
        sa.UniqueConstraint(
            "rule_id",
            "local_date",
            "slot_key",
            "station_id",
            name=op.f("uq_rule_change_rule_id_local_date_slot_key_station_id"),
        ),
    )
    op.create_index("ix_rule_change_rule_id", "rule_change", ["rule_id"])
    op.create_index("ix_rule_change_station_id", "rule_change", ["station_id"])
    op.create_table(
        "rule_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("is_declined", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
        sa.Column("chosen_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["chosen_by_id"], ["person.id"], name=op.f("fk_rule_choice_chosen_by_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_rule_choice_rule_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_rule_choice_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_choice")),
        sa.UniqueConstraint("unit_id", "rule_id", name=op.f("uq_rule_choice_unit_id_rule_id")),
    )
    op.create_index("ix_rule_choice_rule_id", "rule_choice", ["rule_id"])
    op.create_index("ix_rule_choice_unit_id", "rule_choice", ["unit_id"])
    op.create_table(
        "station_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_station_feed_created_by_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_station_feed_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_station_feed_token_hash")),
    )
    op.create_index("ix_station_feed_station_id", "station_feed", ["station_id"])
    op.create_table(
        "stale_station",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_stale_station_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_station")),
    )
    op.create_index("ix_stale_station_station_id", "stale_station", ["station_id"])
    op.create_index("ix_airing_rule_starts", "airing", ["rule_id", "starts_at"])


def downgrade() -> None:
    op.drop_index("ix_airing_rule_starts", "airing")
    for table in ("stale_station", "station_feed", "rule_choice", "rule_change"):
        op.drop_table(table)
    op.drop_index("ix_obligation_dispatch_id", "obligation")
    op.drop_index("ix_obligation_unit_id", "obligation")
    for table, columns in _columns().items():
        with op.batch_alter_table(table) as batch:
            for column in reversed(columns):
                batch.drop_column(column.name)
