"""Whether an answer went out by mail: what Intercom says of a message, and of the address of whoever it is for

Revision: 0032, after 0031
"""

import sqlalchemy as sa

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("mailed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("contact", sa.Column("has_bounced", sa.Boolean(), nullable=True))
    op.add_column("contact", sa.Column("marked_spam", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("contact", "marked_spam")
    op.drop_column("contact", "has_bounced")
    op.drop_column("message", "mailed")
