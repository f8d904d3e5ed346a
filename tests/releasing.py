"""What tests of telling share: an issue that becomes done, and what a conversation is owed by then."""

from __future__ import annotations

import time

from sqlmodel import select

from tests.linking import address
from tests.world import World
from workflows.engine.store import store
from workflows.tables.telling import Telling


def released(world: World, *chats: int, key: str = "KNDE-12") -> None:
    """These chats hold a wish that waits for the issue, which is done then."""
    for chat in chats:
        if not world.feedback(chat):
            world.wish(chat)
        for wish in world.feedback(chat):
            world.jira.comment_by_hand(key, address(wish))
    world.settle()
    world.move(key, "完了")


def telling(world: World, chat: int) -> Telling:
    """What the chat is owed."""
    owed = select(Telling).where(Telling.conversation_id == world.chats[chat])
    return store.read(lambda session: session.exec(owed).one())


def soon() -> int:
    """A moment that is later than everything so far, in Intercom's whole seconds."""
    return int(time.time()) + 2
