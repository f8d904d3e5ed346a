"""Zendesk: what comes to it is counted: read on from its export every few minutes, and told sooner by its webhooks.

    upkeep ─► look ─► a page of the export ─► counted, with the place of the next one, in one commit ─► …
    a webhook ─► heard ─► counted until the export tells of it; what was spam or deleted counts no more

Killed at any moment it goes on after the last page that was kept. Two looks at once do no harm: a page is kept only
where nobody has kept one after the same place.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sqlmodel import Session, col, select

from integrations.contract import RateLimited
from integrations.zendesk import Ticket, TicketPage, ZendeskClient
from workflows.engine.durable import NewRun, child, name_of, workflow
from workflows.engine.failpoints import hit
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.polls import poll
from workflows.engine.rows import Values
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import title_of, vendors
from workflows.rules import rules
from workflows.tables.runs import OPEN, Run
from workflows.tables.volume import Arrival, Source
from workflows.volume import arrivals, counts, slots, sources, tickets
from workflows.volume.slots import SLOT_MS
from workflows.volume.sources import ZENDESK

OFF = "{vendor} is not configured."
READ = "Read what changed in Zendesk: {n} tickets."
MORE = "Read {n} tickets of Zendesk; there are more, and they are read in a minute."
NO_NEWS = "No tickets have changed in Zendesk."
OVERTAKEN = "Zendesk is being read already."
COUNTED = "Counted."
KNOWN = "Counted already, or read soon."
NOT_COUNTED = "Not counted: it is no enquiry of a customer."
DROPPED = "Counted no more: it was deleted, or marked as spam."
#: So far back it is read where it is new to us.
WEEKS_MS = 10 * 7 * DAY_MS
#: Where a place is not accepted any more, it is begun again so long before what is known (seconds).
AGAIN = 3600
#: Pages of one look; tickets of a page, and of one where much is left.
PAGES, USUAL, MANY = 20, 250, 1000
#: What is further behind is read in large pages, and on in a minute.
BEHIND_MS = 30 * 60_000
MINUTE_MS = 60_000


class Place(NamedTuple):
    """Where it is read on: the cursor as it is kept; else from `begins` on (Unix seconds). `since`: counted from then
    on (ms); `is_behind`: there is much to read."""

    kept: str
    begins: int
    since: int
    is_behind: bool

    @property
    def cursor(self) -> str:
        """What the export is asked with; "" to begin."""
        return "" if self.kept == sources.OVER else self.kept


@workflow
@poll
def look(name: str) -> Outcome:
    """Read on what changed in Zendesk (`name`), page by page, as far as its limit allows."""
    client, n = vendors.zendesk, 0
    if client is None:
        return ignored(OFF, vendor=title_of(name))
    agents = _Agents.of(client)
    for number in range(PAGES):
        place = store.read(_place)
        try:
            page = client.tickets_since(place.cursor, start_time=place.begins, most=MANY if place.is_behind else USUAL)
        except RateLimited:
            if not number:
                raise
            break
        if page is None:
            store.write(partial(_forget, place=place))
        elif not _keep(client, page, place, agents):
            return ignored(OVERTAKEN)
        else:
            n += len(page.tickets)
            if page.at_end:
                return done(READ, n=n) if n else ignored(NO_NEWS)
    return done(MORE, n=n)


@workflow
def heard(
    ticket_id: str,
    change: str,
    created_at: int,
    at: int,
    channel: str,
    status: str,
    requester_id: str,
    submitter_id: str,
    organization_id: str,
    brand_id: str,
    tags: Sequence[str],
) -> Outcome:
    """A webhook told of a ticket: it counts at once, until the export says what came of it."""
    client = vendors.zendesk
    if client is None:
        return ignored(OFF, vendor=title_of(ZENDESK))
    if change in ("spam", "deleted"):
        dropped = store.write(partial(arrivals.drop, ids=[tickets.id_of(ticket_id)]))
        return done(DROPPED) if dropped else ignored(NOT_COUNTED)
    who = (requester_id, submitter_id, organization_id, brand_id, "")
    ticket = Ticket(ticket_id, created_at, at, status, channel, *who, tuple(tags), "", True, False)
    if change != "created" or store.read(partial(_is_known, ticket=ticket)):
        return ignored(KNOWN)
    if ticket.excluded(_Agents.of(client)):
        return ignored(NOT_COUNTED)
    new = store.write(partial(_count, row=_rows(client, [ticket])[0]))
    return done(COUNTED) if new else ignored(KNOWN)


# -- when -----------------------------------------------------------------------------------------


def looks(session: Session) -> list[NewRun]:
    """The next look, where one is due: every few minutes, and after one where it is far behind."""
    sources.keep_up(session)
    if not vendors.is_on(ZENDESK):
        return []
    now, name = now_ms(), name_of(look)
    query = select(Run.created_at, Run.state).where(Run.workflow == name, Run.created_at > now - DAY_MS)
    newest = session.exec(query.order_by(col(Run.created_at).desc()).limit(1)).first()
    if newest is not None:
        at, state = newest
        every = MINUTE_MS if _goes_on(session, at) else rules.volume.poll_minutes * MINUTE_MS
        if state == OPEN or 0 <= now - at < every:
            return []
    return [child(f"{ZENDESK}:{now}", name, name=ZENDESK)]


def _goes_on(session: Session, looked_at: int) -> bool:
    """Did that look read something, and not come to the end?"""
    row = session.get(Source, ZENDESK)
    return row is not None and row.heard_at >= looked_at and (row.covered_until or 0) < looked_at - BEHIND_MS


# -- a page ---------------------------------------------------------------------------------------


def _place(session: Session) -> Place:
    row, now = session.get(Source, ZENDESK), now_ms()
    if row is None:
        begins = (now - WEEKS_MS) // 1000
        return Place("", begins, slots.of(begins * 1000) + SLOT_MS, True)
    begins = row.since // 1000 if row.covered_until is None else row.covered_until // 1000 - AGAIN
    return Place(row.cursor, begins, row.since, (row.covered_until or 0) < now - BEHIND_MS)


def _forget(session: Session, place: Place) -> None:
    """This place is not accepted any more."""
    row = sources.of(session, ZENDESK, place.since)
    if row.cursor == place.kept:
        row.cursor = ""
        session.add(row)


def _keep(client: ZendeskClient, page: TicketPage, place: Place, agents: frozenset[str]) -> bool:
    """Count a page; False where somebody else did meanwhile."""
    wanted = [each for each in page.tickets if each.excluded(agents) is None]
    others = {each.id for each in page.tickets} - {each.id for each in wanted}
    rows = _rows(client, wanted)
    hit("zendesk.read")
    gone = [tickets.id_of(id) for id in sorted(others)]
    is_kept = store.write(partial(_put, page=page, place=place, rows=rows, gone=gone))
    hit("zendesk.kept")
    return is_kept


def _put(session: Session, page: TicketPage, place: Place, rows: Sequence[Values], gone: Sequence[str]) -> bool:
    """What came in from the day on which we began is counted; of what is older, not all would be known."""
    row = sources.of(session, ZENDESK, place.since)
    if row.cursor != place.kept:
        return False
    arrivals.keep(session, [each for each in rows if each["at"] >= row.since])
    arrivals.drop(session, gone)
    row.cursor, row.heard_at = page.cursor, now_ms()
    session.add(row)
    if page.known_until:
        counts.cover(session, ZENDESK, page.known_until * 1000)
    return True


def _rows(client: ZendeskClient, found: Sequence[Ticket]) -> list[Values]:
    """Tickets as they are counted. Each company is asked for once in a page."""
    asked = client.organizations({each.organization_id for each in found} - {""})
    ours = store.read(partial(tickets.companies, found=asked)) if asked else {}
    return [tickets.row_of(each, ours.get(each.organization_id, ""), client.url_of(each.id)) for each in found]


def _is_known(session: Session, ticket: Ticket) -> bool:
    """Is it counted, or was the export read beyond it, or will it be read from its beginning?"""
    row = session.get(Source, ZENDESK)
    at = ticket.created_at * 1000
    return row is None or at < (row.covered_until or at + 1) or _has(session, ticket.id)


def _has(session: Session, ticket_id: str) -> bool:
    return session.get(Arrival, tickets.id_of(ticket_id)) is not None


def _count(session: Session, row: Values) -> int:
    """Count it, unless it was counted meanwhile: that was by the export, which knows more."""
    known = session.get(Source, ZENDESK, with_for_update=True)
    is_read = known is None or row["at"] < (known.covered_until or 0) or session.get(Arrival, row["id"])
    return 0 if is_read else arrivals.keep(session, [row])


class _Agents:
    """Everybody who answers, as a client said within a day."""

    _client: ZendeskClient | None = None
    _ids: frozenset[str] = frozenset()
    _asked_at = 0.0

    @classmethod
    def of(cls, client: ZendeskClient) -> frozenset[str]:
        """Their ids."""
        if cls._client is not client or time.monotonic() - cls._asked_at > DAY_MS / 1000:
            ids = client.agents()
            cls._client, cls._ids, cls._asked_at = client, ids, time.monotonic()
        return cls._ids
