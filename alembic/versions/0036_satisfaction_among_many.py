"""Satisfaction among half a million surveys: what figures count is counted along an index

Revision: 0036, after 0035
"""

import sqlalchemy as sa

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_survey_said": (["score", "origin", "medium", "scored_at"], "score <> ''"),
    "ix_survey_bad": (["scored_at"], "score = 'bad'"),
    "ix_survey_asked": (["score", "asked_at"], "part_id <> ''"),
    "ix_survey_not_asked": (["not_asked", "episode"], "not_asked <> ''"),
}


def upgrade() -> None:
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "survey", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="survey")
