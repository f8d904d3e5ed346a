"""With which issue an adopted wish goes on

Revision: 0012, after 0006
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0012"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    issue = sa.Column("issue", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
    op.add_column("decision", issue)


def downgrade() -> None:
    op.drop_column("decision", "issue")
