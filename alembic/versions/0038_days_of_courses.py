"""Days of courses: how enquiries of a day went, in one row, so that a quarter is read in milliseconds

Revision: 0038, after 0037
"""

import sqlalchemy as sa

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

#: Every day that has courses waits to be packed.
DAYS = (
    "INSERT INTO course_change (day) SELECT DISTINCT began_at / 86400000 FROM course WHERE began_at IS NOT NULL "
    "ORDER BY 1"
)


def upgrade() -> None:
    op.create_table(
        "course_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_course_change_day", "course_change", ["day"])
    op.create_table(
        "course_day",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("waits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.execute(DAYS)


def downgrade() -> None:
    op.drop_table("course_day")
    op.drop_index("ix_course_change_day", table_name="course_change")
    op.drop_table("course_change")
