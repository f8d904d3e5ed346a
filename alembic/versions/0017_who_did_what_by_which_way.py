"""Who did what, and by which way in; whether somebody is a full member of the workspace is asked anew

Revision: 0017, after 0016
"""

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("deed", "way"):
        op.add_column("deed", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("deed", sa.Column("origin", sa.String(), nullable=True))
    op.create_index("ix_deed_origin", "deed", ["origin"], unique=True)
    # until now guests and people of other companies passed for colleagues; nobody is remembered as one unasked
    op.execute("UPDATE colleague SET seen_at = 0")


def downgrade() -> None:
    op.drop_index("ix_deed_origin", "deed")
    with op.batch_alter_table("deed") as deed:
        for name in ("origin", "way", "deed"):
            deed.drop_column(name)
