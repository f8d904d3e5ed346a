"""To whom a release is available, and since when: what was finished so far is available to everybody

Revision: 0022, after 0021
"""

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("called_off_at", sa.BigInteger(), nullable=True),
        sa.Column("called_off_by", sa.String(), nullable=False),
        sa.UniqueConstraint("origin"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wave_release_id", "wave", ["release_id"])
    op.create_index("ix_wave_opened_at", "wave", ["opened_at"])
    op.create_table(
        "flag",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("company_id", sa.String(), primary_key=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
    )
    op.execute(
        "INSERT INTO wave (release_id, origin, audience, names, share, opens_at, opened_at, person, person_name,"
        " called_off_by) SELECT id, id || '/done', 'all', '[]', 0, happened_at, happened_at, '', '', ''"
        " FROM release WHERE kind = 'finished'"
    )


def downgrade() -> None:
    op.drop_table("flag")
    op.drop_table("wave")
