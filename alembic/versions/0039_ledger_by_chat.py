"""The ledger by chat: what few rows have is found by an index of those few, and not by the state that most rows share

Revision: 0039, after 0038
"""

import sqlalchemy as sa

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

WERE_OF_ALL = ("joined", "via")


def upgrade() -> None:
    for column in WERE_OF_ALL:
        op.drop_index(f"ix_telling_{column}", table_name="telling")
    for column in (*WERE_OF_ALL, "part_id"):
        some = sa.text(f"{column} <> ''")
        op.create_index(f"ix_telling_{column}", "telling", [column], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    for column in (*WERE_OF_ALL, "part_id"):
        op.drop_index(f"ix_telling_{column}", table_name="telling")
    for column in WERE_OF_ALL:
        op.create_index(f"ix_telling_{column}", "telling", [column])
