"""Our internal note in a chat: written once, and a chat that sleeps goes on sleeping.

note_once(intent, chat.id, words)          a note; `words` makes its HTML, given the marker to put into it
note_in(chat, intent, asleep, words)       the same in a chat that may be snoozed; `asleep` is the write of the snooze
"""

from __future__ import annotations

from collections.abc import Callable

from integrations.intercom import Conversation
from workflows.customer import snooze
from workflows.engine.actions import Done, Intent, act
from workflows.engine.vendors import intercom_client

Words = Callable[[str], str]


def note_once(intent: Intent, chat_id: str, words: Words) -> Done:
    """Write it; an attempt that may be a repeat looks for the marker first. `ref` is "" where the chat is gone.

    Raises what the client raises.
    """
    intercom = intercom_client()

    def find() -> Done | None:
        part = intercom.find_note(chat_id, intent.ref)
        return Done(part) if part else None

    return act(intent, lambda: Done(intercom.note(chat_id, words(intent.ref))), find)


def note_in(chat: Conversation, intent: Intent, asleep: Intent, words: Words) -> Done:
    """Write it, and put the chat back to sleep if it slept."""
    nap = snooze.plan(asleep, chat)
    written = note_once(intent, chat.id, words)
    snooze.back_to(nap, asleep, chat, intercom_client())
    return written
