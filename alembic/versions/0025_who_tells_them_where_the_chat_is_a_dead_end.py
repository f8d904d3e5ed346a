"""Who tells a customer who cannot be told in their conversation, and in which other one they are told

Revision: 0025, after 0024
"""

import sqlalchemy as sa

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TEXTS = ("dead_end", "holder", "holder_name", "held_as", "via")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("telling", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("telling", sa.Column("held_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_telling_holder", "telling", ["holder"])
    op.create_index("ix_telling_via", "telling", ["via"])


def downgrade() -> None:
    op.drop_index("ix_telling_via", "telling")
    op.drop_index("ix_telling_holder", "telling")
    for name in ("held_at", *TEXTS):
        op.drop_column("telling", name)
