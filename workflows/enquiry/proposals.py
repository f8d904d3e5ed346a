"""Proposals: messages that were tagged in the past and have become no wish yet, to be looked at before they are filed.

    proposals(client) ─► a look ─► runs(ids) ─► feedback.file, as if they had been tagged now

Nothing is kept of them: Intercom is asked for the tags as they stand, when they are listed and when they are filed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from sqlmodel import Session, col, select

from integrations.intercom import Conversation, IntercomClient
from workflows.customer import erasures
from workflows.engine.durable import NewRun, child
from workflows.engine.rows import among
from workflows.engine.store import now_ms, store
from workflows.enquiry.past import SIZE, THREADS
from workflows.enquiry.past_keeping import forgotten
from workflows.rules import rules
from workflows.tables import customer as tables
from workflows.wish import wishes
from workflows.wish.tagged import Tagged, tagged_messages

#: A proposal, as people name it.
NAMED = re.compile(r"([0-9A-Za-z_-]{1,60})/([0-9A-Za-z_-]{1,60})", re.ASCII)


class Proposal(NamedTuple):
    """A tagged message: `id` is CHAT/PART, `text` what the customer said that is meant by the tag."""

    id: str
    tag: str
    text: str
    company: str
    day: str


def proposals(client: IntercomClient, since: int = 0) -> Iterator[Proposal]:
    """Every message with a tag of the rules that became no wish, in conversations that began at or after `since`."""
    tags = [tag.id for tag in client.tags() if rules.kind_of(tag.name)]
    found = [chat.id for chat in client.tagged_since(tags, since)] if tags else []
    with ThreadPoolExecutor(THREADS) as pool:
        for first in range(0, len(found), SIZE):
            some = found[first : first + SIZE]
            erased = store.read(partial(erasures.chats_of, ids=some))
            read = pool.map(client.conversation, [id for id in some if id not in erased])
            yield from _proposed([chat for chat in read if chat is not None])


def _proposed(chats: Sequence[Conversation]) -> Iterator[Proposal]:
    filed, names, asked = store.read(partial(_known, chats))
    for chat in chats:
        name = names.get(chat.id) or (chat.company.name if chat.company else "")
        if all(chat.created_at * 1000 > asked.get(id, -1) for id in chat.contact_ids):
            for tagged in tagged_messages(chat, (), ""):
                if not tagged.words.author.is_inside and not _is_filed(chat.id, tagged, filed):
                    yield _proposal(chat, tagged, name)


def _known(
    chats: Sequence[Conversation], session: Session
) -> tuple[set[tuple[str, str, str]], dict[str, str], dict[str, int]]:
    """What was filed of these, who they are of, and who had themselves erased."""
    ids = [chat.id for chat in chats]
    filed = {(wish.conversation_id, wish.part_id, wish.kind) for wish in wishes.of_conversations(session, ids)}
    chat, company = tables.Conversation, tables.Company
    named = select(chat.id, company.name).join(company, col(chat.company_id) == company.id).where(among(chat.id, ids))
    people = {id for chat in chats for id in chat.contact_ids}
    return filed, dict(session.exec(named).all()), forgotten(session, people)


def _is_filed(chat: str, tagged: Tagged, filed: set[tuple[str, str, str]]) -> bool:
    return any((chat, part.id, tagged.kind) in filed for part in (tagged.words, tagged.message))


def _proposal(chat: Conversation, tagged: Tagged, company: str) -> Proposal:
    said_at = (tagged.words.created_at or chat.created_at) * 1000
    day = rules.calendar.local(said_at).date().isoformat()
    return Proposal(f"{chat.id}/{tagged.message.id}", tagged.put.name, tagged.words.text, company, day)


def runs(ids: Sequence[str]) -> list[NewRun]:
    """What files these proposals, a run for each conversation. Raises ValueError for what names none."""
    chosen: dict[str, list[str]] = {}
    for id in ids:
        match = NAMED.fullmatch(id)
        if match is None:
            raise ValueError(id)
        chosen.setdefault(match[1], []).append(match[2])
    now = now_ms()
    said = {
        chat: {"conversation_id": chat, "tags": [], "part_id": "", "chosen": parts} for chat, parts in chosen.items()
    }
    return [child(f"past:{chat}/{now}", "feedback.file", **arguments) for chat, arguments in said.items()]
