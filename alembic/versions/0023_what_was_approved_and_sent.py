"""What a named person approved for a customer, what the customer read, and what they did with it

Revision: 0023, after 0022
"""

import sqlalchemy as sa

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TEXTS = ("approved", "approved_by", "approved_name", "why", "sent", "part_id", "channel", "reaction")
MOMENTS = ("approved_at", "send_at", "reacted_at")


def upgrade() -> None:
    with op.batch_alter_table("telling") as table:
        for name in TEXTS:
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name in MOMENTS:
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        table.create_index("ix_telling_send_at", ["send_at"])
    op.execute("UPDATE telling SET channel = 'chat' WHERE state = 'told'")


def downgrade() -> None:
    with op.batch_alter_table("telling") as table:
        table.drop_index("ix_telling_send_at")
        for name in (*MOMENTS, *TEXTS):
            table.drop_column(name)
