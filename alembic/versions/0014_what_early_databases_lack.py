"""What databases of the first escalations lack: 0002 was changed after it had been published

Revision: 0014, after 0013
"""

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: What stands in rows of before: somebody was asked, nobody is being reminded, and each is watched since it was raised.
LATER = {
    "assigned": (sa.Boolean(), "true"),
    "reminding_until": (sa.BigInteger(), "0"),
    "watched_since": (sa.BigInteger(), "raised_at"),
}
WAITING = sa.text("posted_at IS NULL")


def upgrade() -> None:
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("escalation")}
    if missing := LATER.keys() - there:
        _add(missing, goes="language" if "language" in there else "")
    if "ix_escalation_unposted" not in _indexes("escalation"):
        op.create_index(
            "ix_escalation_unposted", "escalation", ["raised_at"], sqlite_where=WAITING, postgresql_where=WAITING
        )
    if "ix_feedback_contact_id_said_at" not in _indexes("feedback"):
        op.create_index("ix_feedback_contact_id_said_at", "feedback", ["contact_id", "said_at"])


def downgrade() -> None:
    """It is as 0002 makes it today."""


def _add(names: set[str], goes: str) -> None:
    for name in sorted(names):
        kind, value = LATER[name]
        op.add_column("escalation", sa.Column(name, kind, nullable=True))
        op.execute(f"UPDATE escalation SET {name} = {value}")
    with op.batch_alter_table("escalation", table_kwargs={"sqlite_autoincrement": True}) as table:
        for name in sorted(names):
            table.alter_column(name, existing_type=LATER[name][0], nullable=False)
        if goes:
            table.drop_column(goes)


def _indexes(table: str) -> set[str | None]:
    return {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}
