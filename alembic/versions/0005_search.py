"""What search reads

Revision: 0005, after 0004
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("conversation_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("part_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("is_customer", sa.Boolean(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_conversation_id_said_at", ["conversation_id", "said_at"], unique=False)
        batch_op.create_index(
            "ix_message_stale", ["id"], unique=False, sqlite_where=sa.text("stale"), postgresql_where=sa.text("stale")
        )

    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("folded", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("company_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("company", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "ref"),
    )
    op.create_table(
        "search_mark",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.Column("next_up_to", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    # Of the grams nothing but the rows is needed: what stands where is checked in the text itself.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE document_index "
            "USING fts5(grams, content='', columnsize=0, detail='none', tokenize='ascii')"
        )
    else:
        op.execute("CREATE TABLE document_index (id bigint PRIMARY KEY, grams integer[] NOT NULL)")
        op.execute("CREATE INDEX ix_document_index_grams ON document_index USING gin (grams) WITH (fastupdate = off)")

    # What was known of chats before: how they began. The rest comes when they are read again.
    op.execute(
        "INSERT INTO message (id, conversation_id, part_id, kind, who, is_customer, text, said_at, stale) "
        "SELECT conversation.id || '/', conversation.id, '', 'message', COALESCE(contact.name, ''), true, opening, "
        "conversation.created_at, true FROM conversation LEFT JOIN contact ON contact.id = conversation.contact_id "
        "WHERE opening <> ''"
    )


def downgrade() -> None:
    op.execute("DROP TABLE document_index")
    op.drop_table("search_mark")
    op.drop_table("document")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_stale", sqlite_where=sa.text("stale"), postgresql_where=sa.text("stale"))
        batch_op.drop_index("ix_message_conversation_id_said_at")
    op.drop_table("message")
