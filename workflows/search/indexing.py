"""Indexing: whatever was said, wished, decided or escalated becomes a document that search finds.

    upkeep.tick ─► catch_up ─► a batch of messages that are stale, of wishes … that have no document yet

Stories know nothing of this. A message says itself that it is `stale`; of the tables whose rows stay as they are, those
rows are read that have no document, from a mark on. So nothing is left out that was committed, in whichever order, by
whichever process, and a batch that dies is read again. Only the holder of upkeep's lease does this.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import partial

from sqlmodel import Session, col, delete, select

from workflows.customer import messages
from workflows.engine import rows as workflows_rows
from workflows.engine.store import now_ms, store
from workflows.search import documents, findable
from workflows.tables.customer import Message
from workflows.tables.search import SearchMark
from workflows.tables.similar import WishVector

log = logging.getLogger("yamabiko")

#: Documents in one transaction; webhooks wait that long for the database.
BATCH = 100
#: How long a round may take, as long as there is more to do.
SECONDS = 2.0
#: Longer than any transaction lasts: what has an id by now is there by then.
SETTLED_MS = 10 * 60_000
#: A backlog is told of every so many documents.
PROGRESS = 5000


class _Backlog:
    """How many documents were made since everything was known."""

    count = 0


def catch_up(seconds: float = SECONDS) -> int:
    """Make documents until everything is known, or the time is over; returns how many."""
    end, total = time.monotonic() + seconds, 0
    while done := _batch():
        total += done
        _tell_progress(done)
        if time.monotonic() > end:
            return total
    if _Backlog.count >= PROGRESS:
        log.warning("search knows everything: %s texts were new to it", _Backlog.count)
    _Backlog.count = 0
    return total


def _tell_progress(done: int) -> None:
    before, _Backlog.count = _Backlog.count, _Backlog.count + done
    if before // PROGRESS != _Backlog.count // PROGRESS:
        log.warning("search has read %s texts that were new to it", _Backlog.count)


def _batch() -> int:
    """One transaction's worth of what is not known yet; 0 if there is nothing."""
    if store.read(partial(messages.stale, most=1)):
        return store.write(_messages)
    for source in findable.SOURCES:
        if store.read(partial(_missing, source, 1)):
            return store.write(partial(_rows, source))
        store.read(partial(_is_settled, source)) or store.write(partial(_move, source))
    return 0


def _messages(session: Session) -> int:
    rows = messages.stale(session, BATCH, held=True)
    refs = [(kind, row.id) for row in rows for kind in ("message", "note")]
    documents.remove(session, refs)
    documents.put(session, findable.of_messages(session, rows))
    messages.fresh(session, [row.id for row in rows])
    return len(rows)


def _rows(source: findable.Source, session: Session) -> int:
    rows = _missing(source, BATCH, session, held=True)
    documents.put(session, rows)
    return len(rows)


def _missing(
    source: findable.Source, most: int, session: Session, *, held: bool = False
) -> list[workflows_rows.Values]:
    mark = session.get(SearchMark, source.name)
    return findable.missing(session, source, mark.up_to if mark else 0, most, held=held)


def reread(
    session: Session, chats: Sequence[str] = (), wishes: Sequence[int] = (), escalations: Sequence[int] = ()
) -> None:
    """Words of these changed, were erased, or do not count any more: search knows at once what is left, and nothing
    is similar by what is gone, in the caller's transaction.
    """
    session.exec(delete(WishVector).where(col(WishVector.feedback_id).in_(wishes)))
    for said in (select(Message).where(Message.conversation_id == chat) for chat in chats):
        rows = session.exec(said).all()
        documents.remove(session, [(kind, row.id) for row in rows for kind in ("message", "note")])
        documents.put(session, findable.of_messages(session, rows))
    for source in findable.SOURCES:
        owners = escalations if source.place.startswith("/escalations") else wishes
        found = findable.of_owners(session, source, owners)
        documents.remove(session, [(row["kind"], row["ref"]) for row in found])
        hidden = {f"/feedback/{id}" for id in findable.withdrawn(session, wishes)}
        documents.put(session, [row for row in found if row["text"] and row["place"] not in hidden])


def _is_settled(source: findable.Source, session: Session) -> bool:
    """Is it too early to move the mark, or is there nothing to move it to?"""
    mark = session.get(SearchMark, source.name) or SearchMark(name=source.name)
    if now_ms() - mark.moved_at < SETTLED_MS:
        return True
    return mark.up_to == mark.next_up_to == findable.last(session, source)


def _move(source: findable.Source, session: Session) -> None:
    """All rows up to the last one of then are known by now."""
    mark = session.get(SearchMark, source.name) or SearchMark(name=source.name)
    mark.up_to, mark.next_up_to, mark.moved_at = mark.next_up_to, findable.last(session, source), now_ms()
    session.add(mark)
