"""What was filed by mistake, and links that somebody cut

Revision: 0007, after 0006
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback", sa.Column("withdrawn_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "cut",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("from_cycle", sa.Integer(), nullable=False),
        sa.Column("cut_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feedback_id", "issue_id"),
    )


def downgrade() -> None:
    op.drop_table("cut")
    op.drop_column("feedback", "withdrawn_at")
