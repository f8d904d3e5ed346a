"""Timelines keep their Japanese: what is on record says the sentences that the service says today

Revision: 0015, after 0014
"""

import json
from pathlib import Path

import sqlalchemy as sa

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: Rows name what was done by an English sentence, which is the key of its Japanese one: before → today.
TODAY = json.loads((Path(__file__).parent.parent / "former_sentences.json").read_text(encoding="utf-8"))
SAID = (("action", "sentence"), ("run", "reason"), ("delivery", "reason"), ("deed", "sentence"))


def upgrade() -> None:
    _say(TODAY)


def downgrade() -> None:
    _say({today: before for before, today in TODAY.items()})


def _say(instead: dict[str, str]) -> None:
    connection = op.get_bind()
    for name, column in SAID:
        table = sa.table(name, sa.column(column))
        said = table.c[column]
        for sentence in connection.execute(sa.select(said).distinct()).scalars().all():
            if sentence in instead:
                connection.execute(sa.update(table).where(said == sentence).values({column: instead[sentence]}))
