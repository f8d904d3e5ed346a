"""What a wish is called for short, and which language a customer reads

Revision: 0009, after 0008
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("feedback", "title"), ("contact", "language")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column(column, sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
            )


def downgrade() -> None:
    for table, column in (("contact", "language"), ("feedback", "title")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
