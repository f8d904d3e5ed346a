"""Arrivals: each enquiry that came in is counted once, however often it is heard of; what changes of it moves counts.

    arrivals.keep(session, [arrivals.row("intercom", "215", at, medium="chat", company_id="c1", themes=[…], url=…)])
    arrivals.drop(session, ["zendesk/17"])      # it was spam, say: it counts no more

Rows and counts change in one commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlmodel import Session

from integrations.intercom import Conversation
from workflows.engine.rows import Values, among, insert_new, table_of
from workflows.tables.volume import Arrival
from workflows.volume import counts, slots, themes
from workflows.volume.counts import ALL, COMPANY, MEDIUM, THEME, Key

_ARRIVALS = table_of(Arrival)
#: What may become another with what is heard later.
_CHANGING = ("at", "medium", "company_id", "themes", "url")


def row(
    source: str, id: str, at: int, *, medium: str, company_id: str = "", themes: Sequence[str] = (), url: str = ""
) -> Values:
    """An enquiry as it is counted; `at` in milliseconds."""
    known = {"id": f"{source}/{id}", "source": source, "at": at, "medium": medium}
    return known | {"company_id": company_id, "themes": list(themes), "url": url}


def of_chat(chat: Conversation, company_id: str, text: str) -> Values:
    """A conversation in Intercom as it is counted; `text`: what its customer wrote in it."""
    about = themes.of((tag.name for tag in chat.tags), text)
    at = chat.created_at * 1000
    return row("intercom", chat.id, at, medium=chat.medium, company_id=company_id, themes=about, url=chat.url)


def keep(session: Session, rows: Sequence[Values]) -> int:
    """Count these, or count them as they are by now; returns how many are new."""
    given = {each["id"]: each for each in rows}
    new = insert_new(session, Arrival, given.values())
    delta: Counter[Key] = Counter()
    for id in new:
        delta.update(_facets(given[id]))
    for before in _known(session, given.keys() - new):
        now = given[before["id"]]
        if any(before[name] != now[name] for name in _CHANGING):
            delta.update(_facets(now))
            delta.subtract(_facets(before))
            changed = {name: now[name] for name in _CHANGING}
            session.connection().execute(sa.update(_ARRIVALS).where(_ARRIVALS.c.id == now["id"]).values(changed))
    counts.add(session, delta)
    return len(new)


def drop(session: Session, ids: Collection[str]) -> int:
    """These count no more, as if they had never come in; returns how many there were."""
    known = list(_known(session, ids))
    delta: Counter[Key] = Counter()
    for each in known:
        delta.subtract(_facets(each))
    session.connection().execute(sa.delete(_ARRIVALS).where(among(_ARRIVALS.c.id, sorted(ids))))
    counts.add(session, delta)
    return len(known)


def _known(session: Session, ids: Collection[str]) -> list[Values]:
    """These as they are counted; nobody else changes them meanwhile."""
    query = sa.select(_ARRIVALS).where(among(_ARRIVALS.c.id, sorted(ids))).order_by(_ARRIVALS.c.id)
    return [dict(each) for each in session.connection().execute(query.with_for_update()).mappings()] if ids else []


def _facets(arrival: Values) -> Iterator[Key]:
    """In which counts it is."""
    slot, source = slots.of(arrival["at"]), arrival["source"]
    named: Iterable[tuple[str, str]] = (
        (ALL, ""),
        (MEDIUM, arrival["medium"]),
        *((THEME, theme) for theme in arrival["themes"]),
        *([(COMPANY, arrival["company_id"])] if arrival["company_id"] else []),
    )
    yield from (Key(facet, slot, name, source) for facet, name in named)
