"""Runs that decide everything and write nothing, and what they would have done

Revision: 0024, after 0023
"""

import sqlalchemy as sa

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = ("run", "telling", "escalation", "decision")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("dry", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_action_would",
        "action",
        ["started_at"],
        sqlite_where=sa.text("state = 'would'"),
        postgresql_where=sa.text("state = 'would'"),
    )


def downgrade() -> None:
    op.drop_index("ix_action_would", "action")
    for table in TABLES:
        op.drop_column(table, "dry")
