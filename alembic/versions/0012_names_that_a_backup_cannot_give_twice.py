"""Wishes have names of their own, numbers are given once, and a restored backup is known as one

Revision: 0012, after 0011
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBERED = ("context", "decision", "deed", "escalation", "feedback", "judgement", "merge", "report")


def upgrade() -> None:
    op.create_table(
        "restored",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.add_column("feedback", sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.execute("UPDATE feedback SET mark = CAST(id AS VARCHAR)")
    with op.batch_alter_table("feedback") as table:
        table.alter_column("mark", existing_type=sa.String(), nullable=False)
        table.create_unique_constraint("uq_feedback_mark", ["mark"])
    _renumber(sqlite_autoincrement=True)


def downgrade() -> None:
    _renumber()
    with op.batch_alter_table("feedback") as table:
        table.drop_constraint("uq_feedback_mark", type_="unique")
        table.drop_column("mark")
    op.drop_table("restored")


def _renumber(**options: bool) -> None:
    """PostgreSQL's sequences never go back; SQLite has to be told, which means to make a table anew."""
    if op.get_bind().dialect.name == "sqlite":
        for name in NUMBERED:
            with op.batch_alter_table(name, recreate="always", table_kwargs=options):
                pass
