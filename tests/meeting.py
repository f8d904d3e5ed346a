"""A meeting to test with: wishes as records, decisions at chosen times, and what holds then.

wish = filed("CSVに部署コードを", company="101")        # given
decide(wish, "decline", "いまはほかを優先します")         # receive
world.carry_out()                                      # then: everybody hears of it
"""

from __future__ import annotations

import itertools
from typing import Any

from workflows.customer import companies
from workflows.engine.store import now_ms, store
from workflows.meeting import acts
from workflows.people.person import Person
from workflows.tables.meeting import Decision
from workflows.tables.wish import Context, Feedback
from workflows.wish import issues, wishes

LEAD = Person("U0LEAD", "斎藤 真理", "lead@kanade.example", "U0LEAD")
DAY = 24 * 3600 * 1000
_numbers = itertools.count(1)


def once() -> str:
    """A name for one submission."""
    return f"test:{next(_numbers)}"


def filed(
    quote: str = "CSVに部署コードを付けたい", company: str = "101", *, at: int | None = None, **others: Any
) -> int:
    """A wish on record, not filed by any story; returns its number. `at`: when it was said and taken."""
    moment = now_ms() if at is None else at
    row = {
        "conversation_id": f"9{next(_numbers):06}",
        "part_id": "1",
        "kind": "wish",
        "tag": "要望",
        "quote": quote,
        "company_id": company or None,
        "contact_id": f"c{company}" if company else None,
        "taken_by": "7001",
        "taken_by_name": "田中 みなみ",
        "said_at": moment,
        "taken_at": moment,
    }
    return int(store.write(lambda session: wishes.take(session, row | others).id or 0))


def firm(id: str, name: str = "", tier: str = "", mrr: float = 0.0) -> str:
    """A company as Intercom knows it now; its id."""
    row = {"id": id, "name": name or f"会社{id}", "tier": tier, "mrr": mrr}
    chat = {"id": f"8{id}", "url": f"https://app.intercom.com/c/{id}", "created_at": now_ms(), "company_id": id}
    store.write(lambda session: companies.remember(session, chat, None, row))
    return id


def noted(wish: int, *, at: int | None = None, **others: str) -> None:
    """What somebody wrote about a wish."""
    row = Context(origin=once(), feedback_id=wish, kind="wish", said_at=now_ms() if at is None else at)
    row.sqlmodel_update(others)
    store.write(lambda session: session.add(Context(**row.model_dump())))


def decide(wish: int, conclusion: str, reason: str = "検討会で決めた", **others: Any) -> Decision:
    """Somebody concludes something about a wish."""
    given = {"by": LEAD, "origin": once()} | others
    return acts.decide(wish, conclusion=conclusion, reason=reason, **given)


def merge(wish: int, into: int) -> int:
    """Two wishes are the same."""
    return acts.merge(wish, into, by=LEAD, origin=once())


def wish_of(id: int) -> Feedback:
    """A wish as it stands."""
    return store.read(lambda session: session.get_one(Feedback, id))


def group(root: int) -> list[int]:
    """Everything that is one with a wish."""
    return [wish.id or 0 for wish in store.read(lambda session: issues.group_of(session, root))]
