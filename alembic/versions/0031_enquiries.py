"""Enquiries: chats in threads, who waits since when, what was asked of whom, answers to use again

Revision: 0031, after 0030
"""

import sqlalchemy as sa

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("author", sa.String(), nullable=False, server_default=""))
    op.add_column("message", sa.Column("author_id", sa.String(), nullable=False, server_default=""))
    op.add_column("message", sa.Column("attachments", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("message", sa.Column("relayed", sa.String(), nullable=False, server_default=""))
    op.add_column("contact", sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "enquiry",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("assignee_name", sa.String(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger(), nullable=True),
        sa.Column("answer_by", sa.BigInteger(), nullable=True),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("solved_at", sa.BigInteger(), nullable=True),
        sa.Column("is_past", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("relayed_by", sa.String(), nullable=False),
        sa.Column("relayed_until", sa.BigInteger(), nullable=False),
        sa.Column("relay_again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_index("ix_enquiry_state_said_at", "enquiry", ["state", "said_at", "conversation_id"])
    _index("ix_enquiry_waiting_since", "enquiry", "waiting_since", "waiting_since IS NOT NULL")
    _index("ix_enquiry_thread", "enquiry", "thread", "thread <> ''")
    _index("ix_enquiry_assignee", "enquiry", "assignee", "state <> 'solved'")
    columns = ("state", "waiting_since", "said_at", "conversation_id", "medium", "assignee", "assignee_name")
    _index("ix_enquiry_open", "enquiry", columns, "state <> 'solved'")
    op.create_table(
        "enquiry_step",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("who_id", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_enquiry_step_conversation_id"), "enquiry_step", ["conversation_id"])
    op.create_table(
        "wait",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("warn_at", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.String(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", "since"),
    )
    op.create_index(op.f("ix_wait_company_id"), "wait", ["company_id"])
    op.create_index("ix_wait_ended_at", "wait", ["ended_at"])
    _index("ix_wait_warn_at", "wait", "warn_at", "warn_at IS NOT NULL")
    op.create_table(
        "ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_by_name", sa.String(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("marked_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("origin"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_ask_asked_at"), "ask", ["asked_at"])
    op.create_index(op.f("ix_ask_conversation_id"), "ask", ["conversation_id"])
    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("admin_id", sa.String(), nullable=False),
        sa.Column("pressed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("part_id", sa.String(), nullable=False),
        sa.Column("know_how_id", sa.Integer(), nullable=True),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("origin"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reply_conversation_id"), "reply", ["conversation_id"])
    op.create_index(op.f("ix_reply_know_how_id"), "reply", ["know_how_id"])
    op.create_table(
        "know_how",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("review_on", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_by_name", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("origin"),
        sqlite_autoincrement=True,
    )


def _index(name: str, table: str, columns: str | tuple[str, ...], where: str) -> None:
    """An index of those few rows alone."""
    columns = (columns,) if isinstance(columns, str) else columns
    op.create_index(name, table, list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for table in ("know_how", "reply", "ask", "wait", "enquiry_step", "enquiry"):
        op.drop_table(table)
    op.drop_column("contact", "seen_at")
    for column in ("relayed", "attachments", "author_id", "author"):
        op.drop_column("message", column)
