"""The past: conversations from before there was this service are brought out of Intercom, and nobody hears of it.

    bring(client, since) ─► a page of those that began next ─► read, one call for each ─► kept, with the place

Nothing is filed, told, suggested or counted as new. The place is kept in the same commit as the page: killed at any
moment, it goes on there; no more than what it was reading is read again. Told to do the same again, it looks for what
began since then.

A page is made of the conversations that began within some seconds, as many seconds as fill one: when a conversation
began never changes, so nothing moves from one page to another while we read.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import NamedTuple, TypeVar

from integrations.contract import Permanent, Transient
from integrations.intercom import IntercomClient
from integrations.intercom.client import CALLS, WINDOW
from workflows.engine.failpoints import hit
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.enquiry import past_keeping
from workflows.enquiry.past_keeping import Also, Place
from workflows.enquiry.past_reading import Brought, Reader
from workflows.rules import rules
from workflows.volume import counts

log = logging.getLogger("yamabiko")

T = TypeVar("T")

#: Conversations of a page, in one commit beside which the service goes on working; so many pages are read meanwhile.
SIZE, AHEAD = 50, 2
#: Calls at once, of the places that a process has for calls to Intercom (`integrations.bulkhead`).
THREADS = 16
#: So many pages of conversations that began in the same second are read before we call it a loop.
MOST_PAGES = 10_000
#: Seconds until a page is tried again that could not be read; after the last of them the import stops.
PAUSES = (5, 15, 30, 60, 120, 300)
ENDLESS = "Intercom keeps returning more pages of conversations that began in the same second"


@dataclass(frozen=True)
class Far:
    """How far it is: so many of so many conversations, in about how many seconds all of them; and what it came to.

    `longer`: conversations of which Intercom tells only the newest 500 parts.
    """

    done: int
    of: int
    seconds_left: float
    messages: int
    longer: int


def bring(
    client: IntercomClient,
    since: int,
    tell: Callable[[Far], None] = lambda far: None,
    also: Also = past_keeping.nothing,
) -> Far:
    """Bring what began at or after `since` (Unix seconds) and is not here yet; `tell` hears of every page, and `also`
    keeps more of those that are kept, in the same commit.

    Raises Transient where Intercom does not answer for long, and Permanent or Unwelcome where it refuses.
    """
    place, until = _place(since), now_ms() // 1000
    left = _left(client, place, until)
    began, before, of = time.monotonic(), place.done, place.done + left
    far = Far(place.done, of, 0.0, place.messages, place.longer)
    names = {admin.id: admin.name for admin in _patiently(client.admins)} if left else {}
    with _reading(client, names) as read:
        for page in _ahead(read, pages(client, place.at, until, left)):
            place = _keep_page(page, place, also)
            each = (time.monotonic() - began) / max(1, place.done - before)
            far = Far(place.done, max(of, place.done), each * max(0, of - place.done), place.messages, place.longer)
            tell(far)
    store.write(partial(counts.cover_past, source="intercom", since=kept_since(since) * 1000))
    return far


def waiting(client: IntercomClient, since: int) -> int:
    """How many conversations there are to bring."""
    return _left(client, _place(since), now_ms() // 1000)


def least_seconds(conversations: int, percent: int) -> float:
    """How long so many take at least, within this share of what Intercom allows: one call for each, beside searches."""
    return conversations * (1 + 2 / SIZE) / (CALLS * percent / 100) * WINDOW


def kept_since(since: int) -> int:
    """From when on messages are kept at all (Unix seconds): what is older would be forgotten at once."""
    days = rules.retention.messages
    return max(since, (now_ms() - days * DAY_MS) // 1000) if days else since


def _place(since: int) -> Place:
    """Where the import of all since then goes on."""
    place = store.read(partial(past_keeping.place_of, since=since))
    return replace(place, at=kept_since(place.at))


def _left(client: IntercomClient, place: Place, until: int) -> int:
    return _patiently(lambda: client.began_between(place.at, until, 1).total) if place.at <= until else 0


class _Read(NamedTuple):
    """A page that is being read: how many conversations were found, and when those of the next one began."""

    found: int
    following: int
    brought: Future[list[Brought]]


Reads = Callable[[list[str]], "Future[list[Brought]]"]


@contextmanager
def _reading(client: IntercomClient, names: dict[str, str]) -> Iterator[Reads]:
    """What reads pages in threads of its own; nobody waits for Intercom to be well any more once this ends."""
    over = Event()
    with ThreadPoolExecutor(THREADS) as pool, ThreadPoolExecutor(1 + AHEAD) as readers:
        reader = Reader(client, pool, names)
        try:
            yield lambda chats: readers.submit(_patiently, partial(reader.all_of, chats), over.wait)
        finally:
            over.set()


def _ahead(read: Reads, found: Iterable[tuple[list[str], int]]) -> Iterator[_Read]:
    """Pages in their order; while one is kept, the next ones are read."""
    under_way: deque[_Read] = deque()
    for chats, following in found:
        under_way.append(_Read(len(chats), following, read(chats)))
        if len(under_way) > AHEAD:
            yield under_way.popleft()
    yield from under_way


def _keep_page(page: _Read, place: Place, also: Also) -> Place:
    """Keep a page in one commit with the place where the next one begins."""
    brought = page.brought.result()
    place = replace(place, at=page.following).after(page.found, brought)
    hit("past.read")
    store.write(partial(past_keeping.keep, brought=brought, place=place, also=also))
    hit("past.kept")
    return place


# -- pages ----------------------------------------------------------------------------------------


def pages(client: IntercomClient, begin: int, until: int, left: int) -> Iterator[tuple[list[str], int]]:
    """The ids of some conversations and when the next ones begin, from second to second.

    `left`: how many there are, for a first guess of how many seconds fill a page.
    """
    seconds = max(1, (until - begin + 1) * SIZE // max(1, 2 * left))
    while begin <= until:
        end = min(begin + seconds - 1, until)
        page = _patiently(partial(client.began_between, begin, end, SIZE))
        if page.cursor and end > begin:
            seconds = max(1, min((end - begin + 1) // 2, (end - begin + 1) * SIZE // max(1, page.total)))
            continue
        found = [chat.id for chat in page.found] + _others(client, begin, page.cursor)
        for first in range(0, len(found) - SIZE, SIZE):
            yield found[first : first + SIZE], begin
        yield found[(len(found) - 1) // SIZE * SIZE :] if found else [], end + 1
        begin, seconds = end + 1, seconds * 2 if len(found) < SIZE // 2 else seconds


def _others(client: IntercomClient, second: int, cursor: str) -> list[str]:
    """The rest of those that began in one second: a campaign may begin thousands."""
    found: list[str] = []
    for _ in range(MOST_PAGES):
        if not cursor:
            return found
        page = _patiently(partial(client.began_between, second, second, SIZE, cursor))
        found, cursor = found + [chat.id for chat in page.found], page.cursor
    raise Permanent(ENDLESS)


def _patiently(work: Callable[[], T], rest: Callable[[float], bool | None] = time.sleep) -> T:
    """Try it again while Intercom is unwell, for some minutes; not any more where `rest` says that it is over."""
    for pause in PAUSES:
        try:
            return work()
        except Transient as trouble:
            log.warning("the import of the past waits: %s", trouble)
            if rest(max(pause, trouble.retry_after or 0)):
                raise
    return work()
