"""How enquiries went, in figures; deliveries by when they came and from where; tellings by when

Revision: 0035, after 0034
"""

import sqlalchemy as sa

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("given_up_at", sa.BigInteger(), nullable=True),
        sa.Column("answer_minutes", sa.Integer(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("helpers", sa.Integer(), nullable=False),
        sa.Column("closings", sa.Integer(), nullable=False),
        sa.Column("first_closed_at", sa.BigInteger(), nullable=True),
        sa.Column("first_closed_minutes", sa.Integer(), nullable=True),
        sa.Column("last_closed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_closed_minutes", sa.Integer(), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("is_back", sa.Boolean(), nullable=False),
        sa.Column("news", sa.Integer(), nullable=False),
        sa.Column("waited_ms", sa.BigInteger(), nullable=False),
        sa.Column("waited_minutes", sa.Integer(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger(), nullable=True),
        sa.Column("later", sa.JSON(), nullable=False),
        sa.Column("made_of", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_index(
        "ix_course_began_at",
        "course",
        ["began_at"],
        sqlite_where=sa.text("began_at IS NOT NULL"),
        postgresql_where=sa.text("began_at IS NOT NULL"),
    )
    op.drop_index("ix_delivery_received_at", table_name="delivery")
    op.create_index("ix_delivery_received_at", "delivery", ["received_at", "source"])
    op.create_index(
        "ix_telling_told_at",
        "telling",
        ["told_at"],
        sqlite_where=sa.text("told_at IS NOT NULL"),
        postgresql_where=sa.text("told_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_telling_told_at", table_name="telling")
    op.drop_index("ix_delivery_received_at", table_name="delivery")
    op.create_index("ix_delivery_received_at", "delivery", ["received_at"])
    op.drop_table("course")
