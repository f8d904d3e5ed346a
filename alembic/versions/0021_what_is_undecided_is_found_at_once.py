"""What is undecided, taken back or withdrawn is found at once, and what somebody filed: pages look for it each time

Revision: 0021, after 0020
"""

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_feedback_conclusion_withdrawn_at", "feedback", ["conclusion", "withdrawn_at"])
    for column in ("taken_by", "taken_by_name"):
        op.create_index(f"ix_feedback_{column}", "feedback", [column])
    for table, column in (("feedback", "withdrawn_at"), ("decision", "undone_at")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    op.drop_index("ix_decision_undone_at", "decision")
    op.drop_index("ix_feedback_withdrawn_at", "feedback")
    for column in ("taken_by_name", "taken_by"):
        op.drop_index(f"ix_feedback_{column}", "feedback")
    op.drop_index("ix_feedback_conclusion_withdrawn_at", "feedback")
