"""Histories out of dice: conversations in which messages and steps follow each other as they may."""

from __future__ import annotations

from random import Random

from workflows.tables.customer import Conversation, Message
from workflows.tables.enquiry import Step

SECOND, DAY = 1000, 86_400_000
WAYS = ("chat", "mail")
#: What may happen, and how often beside the others.
KINDS = {
    **{"customer": 5, "agent": 5, "closed": 4, "opened": 1, "news": 2},
    **{"bot": 1, "note": 1, "assigned": 1, "machine closes": 1, "machine opens": 1},
}


def talks(dice: Random, since: int, now: int, most: int = 7) -> list[list[Conversation | Message | Step]]:
    """Some conversations that began since then. No two things of one happen in the same second."""
    return [_talk(dice, str(number), since, now) for number in range(dice.randint(1, most))]


def _talk(dice: Random, id: str, since: int, now: int) -> list[Conversation | Message | Step]:
    began = dice.randrange(since, now, SECOND)
    longest = dice.choice((600, 3_600, 86_400, 12 * 86_400))
    moments = sorted({min(began + dice.randrange(longest) * SECOND, now) for _ in range(dice.randint(1, 12))})
    chat = Conversation(id=id, url="", created_at=began)
    kinds = dice.choices(list(KINDS), weights=list(KINDS.values()), k=len(moments))
    if dice.random() < 0.9:
        kinds[0] = "customer"
    rows = [
        _row(dice, id, f"{number:04d}", at, kind) for number, (at, kind) in enumerate(zip(moments, kinds, strict=True))
    ]
    return [chat, *rows]


def _row(dice: Random, chat: str, part: str, at: int, kind: str) -> Message | Step:
    who = dice.choice(("7001", "7001", "7002"))
    names = {"id": f"{chat}/{part}", "conversation_id": chat}
    if kind in ("customer", "agent", "bot", "note"):
        author = "agent" if kind == "note" else kind
        said = {"kind": "note" if kind == "note" else "message", "author": author, "author_id": who, "text": "…"}
        return Message(**names, part_id=part, said_at=at, is_customer=kind == "customer", **said)
    step = {"news": "opened", "machine closes": "closed", "machine opens": "opened"}.get(kind, kind)
    is_machine = kind.startswith("machine")
    return Step(**names, kind=step, who_id="" if is_machine else who, ours=kind == "news", at=at)
