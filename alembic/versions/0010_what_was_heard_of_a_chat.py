"""Which message of a chat was looked at last

Revision: 0010, after 0009
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString()
    with op.batch_alter_table("conversation") as table:
        table.add_column(sa.Column("heard_part", text, nullable=False, server_default=""))
    with op.batch_alter_table("conversation") as table:
        table.alter_column("heard_part", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("conversation") as table:
        table.drop_column("heard_part")
