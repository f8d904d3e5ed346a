"""A report that somebody noted by mistake can be taken back

Revision: 0011, after 0010
"""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("undone_at", sa.BigInteger(), nullable=True))
    op.add_column("report", sa.Column("undone_by", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("report") as report:
        report.drop_column("undone_by")
        report.drop_column("undone_at")
