"""Among all who were told, those who were not are found by how they stand, and counted by what they did with it

Revision: 0028, after 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_telling_state_owed_at_told_at", "telling", ["state", "owed_at", "told_at"])
    op.create_index("ix_telling_state_reaction_release_id", "telling", ["state", "reaction", "release_id"])


def downgrade() -> None:
    op.drop_index("ix_telling_state_reaction_release_id", "telling")
    op.drop_index("ix_telling_state_owed_at_told_at", "telling")
