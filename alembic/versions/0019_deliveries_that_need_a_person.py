"""Deliveries that need a person are found at once: every page says to admins how many there are

Revision: 0018, after 0017
"""

import sqlalchemy as sa

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_dead = sa.text("state = 'dead'")
    op.create_index("ix_delivery_dead", "delivery", ["received_at"], sqlite_where=is_dead, postgresql_where=is_dead)


def downgrade() -> None:
    op.drop_index("ix_delivery_dead", "delivery")
