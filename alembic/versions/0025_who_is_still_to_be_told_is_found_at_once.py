"""Among all who were told, those who were not are found by how they stand

Revision: 0025, after 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_telling_state_owed_at_told_at", "telling", ["state", "owed_at", "told_at"])


def downgrade() -> None:
    op.drop_index("ix_telling_state_owed_at_told_at", "telling")
