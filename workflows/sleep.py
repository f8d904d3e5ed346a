"""Snoozed chats keep their snooze: a note wakes a chat, so it is put back to sleep as its agent chose.

plan(intent, chat)              before the note: until when it sleeps, and what was the last thing said in it
back_to(intent, chat)           after the note; unless somebody was there since, whom the snooze would hide
"""

from __future__ import annotations

from dataclasses import replace

from integrations.intercom import Conversation, IntercomClient
from workflows import actions
from workflows.actions import Done, Intent, act, leave
from workflows.rules import rules
from workflows.store import now_ms
from workflows.wording import time

KEPT = "Kept its snooze until {until}."
OVER = "Not put back to sleep: its snooze ended meanwhile."
AWAKE = "Not put back to sleep: somebody has been there since."


def plan(intent: Intent, chat: Conversation) -> None:
    """Write down that a chat is asleep, for a later attempt that will find it awake."""
    if chat.state == "snoozed" and chat.snoozed_until:
        until = time(rules.language, chat.snoozed_until * 1000)
        last = chat.parts[-1].id if chat.parts else ""
        actions.plan(
            replace(intent, sentence=KEPT, facts={"until": until, "seconds": chat.snoozed_until, "last_part": last})
        )


def back_to(intent: Intent, chat: Conversation, intercom: IntercomClient) -> None:
    """Put a chat back to sleep, if that was planned and nobody was there since."""
    facts = actions.planned(intent.key)
    if not facts:
        return
    intent = replace(intent, sentence=KEPT, facts=facts)
    if facts["seconds"] <= now_ms() // 1000:
        leave(intent, OVER)
    elif _somebody_came_after(chat, facts["last_part"]):
        leave(intent, AWAKE)
    else:
        act(intent, call=lambda: Done(chat.id if intercom.snooze(chat.id, facts["seconds"]) else ""))


def _somebody_came_after(chat: Conversation, part_id: str) -> bool:
    """Did a customer or a teammate do anything after this part ("": ever)?"""
    ids = [part.id for part in chat.parts]
    since = chat.parts[ids.index(part_id) + 1 :] if part_id in ids else chat.parts
    return any(part.author.is_customer or (part.author.type == "admin" and not part.by_us) for part in since)
