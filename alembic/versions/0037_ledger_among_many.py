"""The ledger among a hundred thousand tellings: whose each of them is, is read from an index alone

Revision: 0037, after 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

#: By table: the index that there is now, the one that takes its place, and what that one is over.
INDEXES = {
    "telling": (
        "ix_telling_conversation_id",
        "ix_telling_of_conversation",
        ["conversation_id", "state", "reaction", "release_id"],
    ),
    "feedback": (
        "ix_feedback_taken_by_name",
        "ix_feedback_taken_by_name_conversation_id",
        ["taken_by_name", "conversation_id"],
    ),
}


def upgrade() -> None:
    for table, (before, after, columns) in INDEXES.items():
        op.create_index(after, table, columns)
        op.drop_index(before, table_name=table)


def downgrade() -> None:
    for table, (before, after, columns) in INDEXES.items():
        op.create_index(before, table, columns[:1])
        op.drop_index(after, table_name=table)
