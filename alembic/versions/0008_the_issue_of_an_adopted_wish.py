"""With which issue an adopted wish goes on

Revision: 0008, after 0007
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    issue = sa.Column("issue", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
    op.add_column("decision", issue)


def downgrade() -> None:
    op.drop_column("decision", "issue")
