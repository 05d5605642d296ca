"""recordings begin without a chime"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No recording had a chime so far, whatever its row said: made once more, it is to sound as it did.
    op.execute("UPDATE revision SET chime = 'none' WHERE content = 'recording'")


def downgrade() -> None:
    """What they sounded like stays as it is."""
