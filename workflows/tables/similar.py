"""The tables of similar requests: each one's meaning as numbers, and which people found not to be the same."""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, when


class WishVector(SQLModel, table=True):
    """What a wish means, as an encoder has it. Replaced by a new row, never changed: the newest ids are what is new."""

    __tablename__ = "wish_vector"

    id: int | None = Field(default=None, primary_key=True)
    feedback_id: int = Field(unique=True)
    #: Which text that was: sha256, hexadecimal.
    text_hash: str
    #: Which encoder, with which adapters and synonyms: only vectors of the same can be compared.
    model: str
    #: Numbers of half precision, little endian.
    vector: bytes
    made_at: int = when()

    __table_args__ = NUMBERED


class NotSame(SQLModel, table=True):
    """Somebody said that these two wishes are not the same: neither is offered for the other. `one` is the smaller."""

    __tablename__ = "not_same"

    one: int = Field(primary_key=True)
    other: int = Field(primary_key=True, index=True)
    person: str
    person_name: str
    said_at: int = when()
