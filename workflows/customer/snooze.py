"""Snoozed chats keep their snooze: a note wakes a chat, so it is put back to sleep as its agent chose.

nap = plan(intent, chat)        before the note: until when it sleeps, and what was the last thing said in it
back_to(nap, intent, chat)      after the note; unless somebody was there since, whom the snooze would hide
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from integrations.intercom import Conversation, IntercomClient
from workflows.engine import actions
from workflows.engine.actions import Done, Intent, act, leave
from workflows.engine.durable import is_repeated
from workflows.engine.store import now_ms
from workflows.language.wording import time
from workflows.rules import rules

KEPT = "Still snoozed until {until}."
OVER = "Not snoozed again: the snooze has ended in the meantime."
AWAKE = "Not snoozed again: the conversation has had activity since."


@dataclass(frozen=True)
class Nap:
    """A chat's snooze: until when (Unix seconds; 0 where it was awake), and the last part of the chat before ours."""

    until: int = 0
    last_part: str = ""


def plan(intent: Intent, chat: Conversation) -> Nap:
    """Write down that a chat is asleep, for a later attempt that will find it awake; returns what is to be kept."""
    nap = Nap()
    if chat.state == "snoozed" and chat.snoozed_until:
        nap = Nap(chat.snoozed_until, chat.parts[-1].id if chat.parts else "")
        actions.plan(_kept(nap, intent))
    if is_repeated():  # an earlier attempt knew better
        facts = actions.planned(intent.key)
        return Nap(facts["seconds"], facts["last_part"]) if facts else Nap()
    return nap


def back_to(nap: Nap, intent: Intent, chat: Conversation, intercom: IntercomClient) -> None:
    """Put a chat back to sleep, if it slept and nobody was there since."""
    if not nap.until:
        return
    intent = _kept(nap, intent)
    if nap.until <= now_ms() // 1000:
        leave(intent, OVER)
    elif _somebody_came_after(chat, nap.last_part):
        leave(intent, AWAKE)
    else:
        act(intent, call=lambda: Done(chat.id if intercom.snooze(chat.id, nap.until) else ""))


def _kept(nap: Nap, intent: Intent) -> Intent:
    until = time(rules.language, nap.until * 1000)
    return replace(intent, sentence=KEPT, facts={"until": until, "seconds": nap.until, "last_part": nap.last_part})


def _somebody_came_after(chat: Conversation, part_id: str) -> bool:
    """Did a customer or a teammate do anything after this part ("": ever)?"""
    ids = [part.id for part in chat.parts]
    since = chat.parts[ids.index(part_id) + 1 :] if part_id in ids else chat.parts
    return any(part.author.is_customer or (part.author.type == "admin" and not part.by_us) for part in since)
