"""News that nobody asked for, and who is to hear of it

Revision: 0029, after 0028
"""

import sqlalchemy as sa

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("takes_effect", sa.String(), nullable=False),
        sa.Column("text_ja", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("remind_days", sa.JSON(), nullable=False),
        sa.Column("reminded", sa.JSON(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_by_name", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("called_off_at", sa.BigInteger(), nullable=True),
        sa.Column("called_off_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("origin"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_opens_at"), "notice", ["opens_at"])
    op.create_table(
        "addressee",
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=True),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("agent_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", "conversation_id"),
    )
    for column in ("conversation_id", "contact_id", "agent"):
        op.create_index(op.f(f"ix_addressee_{column}"), "addressee", [column])


def downgrade() -> None:
    for column in ("agent", "contact_id", "conversation_id"):
        op.drop_index(op.f(f"ix_addressee_{column}"), "addressee")
    op.drop_table("addressee")
    op.drop_index(op.f("ix_notice_opens_at"), "notice")
    op.drop_table("notice")
