"""What tests of links share: an issue of the company, and the address of a wish's conversation."""

from __future__ import annotations

from functools import partial

from workflows.engine.store import store
from workflows.tables.wish import Feedback
from workflows.wish import wishes

CSV = "CSV出力の列を選べる"


def address(wish: Feedback) -> str:
    """Where agents open the conversation."""
    return store.read(partial(wishes.url_of_conversation, conversation_id=wish.conversation_id))
