"""How often a run has failed is told from how often it was begun, and when a write was first looked for in vain

Revision: 0016, after 0015
"""

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("action", sa.Column("absent_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("action") as action:
        action.drop_column("absent_at")
    with op.batch_alter_table("run") as run:
        run.drop_column("failures")
