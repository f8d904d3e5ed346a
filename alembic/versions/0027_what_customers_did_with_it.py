"""How customers rated what they were told, and the wish with which they came again

Revision: 0027, after 0026
"""

import sqlalchemy as sa

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("telling") as table:
        table.add_column(sa.Column("rating", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("asked_again", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("telling") as table:
        table.drop_column("asked_again")
        table.drop_column("rating")
