"""When a conversation comes back because of a release, and which releases one message tells of

Revision: 0026, after 0025
"""

import sqlalchemy as sa

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TEXTS = ("joined", "gathers")


def upgrade() -> None:
    with op.batch_alter_table("telling") as table:
        for name in TEXTS:
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("opens_at", sa.BigInteger(), nullable=True))
        table.create_index("ix_telling_opens_at", ["opens_at"])
        table.create_index("ix_telling_joined", ["joined"])


def downgrade() -> None:
    with op.batch_alter_table("telling") as table:
        table.drop_index("ix_telling_joined")
        table.drop_index("ix_telling_opens_at")
        for name in ("opens_at", *TEXTS):
            table.drop_column(name)
