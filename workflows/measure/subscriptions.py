"""Subscriptions: who wants which digest, where, and how they stop it.

    begin(kind, way, address, person, language)     # chosen on the page, or brought back
    stop(id)                                        # by whoever is signed in
    known(secret)                                   # whose link in a mail this is
    of_rules(session, now)                          # the company's own, as [digest] names them

The secret in a mail's link follows from the service's own key and the subscription's number, and only a digest of it is
kept. So it is the same in each mail, and whoever reads the database can stop nobody's.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from functools import partial

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from integrations.slack import is_person
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms, store
from workflows.measure.moments import KINDS
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.measure import Subscription

SLACK, MAIL, CHATWORK = WAYS = ("slack", "mail", "chatwork")
#: Whoever set up what the rules name.
RULES = ""


class Secrets:
    """`key` is bound once by `app.runtime`; without it mails have no link that stops them, and say where to do it."""

    key = ""


# -- the link in a mail ---------------------------------------------------------------------------


def secret_of(row: Subscription) -> str:
    """What the link in a mail carries; "" where there is no key."""
    if not Secrets.key:
        return ""
    return hmac.new(Secrets.key.encode(), f"digest:{row.id}:{row.address}".encode(), hashlib.sha256).hexdigest()[:40]


def digest_of(secret: str) -> str:
    """What is kept of it; "" of nothing."""
    return hashlib.sha256(secret.encode()).hexdigest() if secret else ""


def known(secret: str) -> Subscription | None:
    """Whose link this is; None for nobody's."""
    return store.read(partial(_known, secret=secret))


def _known(session: Session, secret: str) -> Subscription | None:
    if not secret:
        return None
    row = session.exec(select(Subscription).where(Subscription.token == digest_of(secret))).first()
    return copy_of(row) if row else None


# -- choosing and stopping ------------------------------------------------------------------------


def begin(kind: str, way: str, address: str, person: str, language: str) -> int:
    """Somebody wants it from now on; its number. Again is the same as once, and brings back what was stopped."""
    return store.write(partial(_begin, kind, way, address, person, language))


def _begin(kind: str, way: str, address: str, person: str, language: str, session: Session) -> int:
    now = now_ms()
    _insert(session, kind, way, address, person, language, now)
    which = (Subscription.kind == kind, Subscription.way == way, Subscription.address == address)
    row = session.exec(select(Subscription).where(*which).with_for_update()).one()
    if row.stopped_at is not None:
        row.stopped_at, row.begun_at, row.person = None, now, person
    row.person = row.person or person  # what the rules named is theirs from now on
    row.language, row.token = language, digest_of(secret_of(row))
    return row.id or 0


def _insert(session: Session, kind: str, way: str, address: str, person: str, language: str, now: int) -> bool:
    fresh = Subscription(kind=kind, way=way, address=address, person=person, language=language, begun_at=now)
    return bool(insert_new(session, Subscription, [fresh.model_dump(exclude={"id"})]))


def stop(id: int) -> bool:
    """Nobody gets it any more; False where that was so already."""
    return store.write(partial(_stop, id))


def _stop(id: int, session: Session) -> bool:
    row = session.get(Subscription, id, with_for_update=True)
    if row is None or row.stopped_at is not None:
        return False
    row.stopped_at = now_ms()
    return True


def of_person(session: Session, person: str, email: str) -> list[Subscription]:
    """What somebody gets: what they chose, and what comes to their own address."""
    to_them = (col(Subscription.way) == MAIL) & (col(Subscription.address) == (email.casefold() or None))
    rows = session.exec(_active().where((col(Subscription.person) == (person or None)) | to_them))
    return [copy_of(row) for row in rows if is_wanted(row)]


def active(session: Session) -> list[Subscription]:
    """All that are wanted now."""
    return [copy_of(row) for row in session.exec(_active()) if is_wanted(row)]


def _active() -> SelectOfScalar[Subscription]:
    return select(Subscription).where(col(Subscription.stopped_at).is_(None)).order_by(col(Subscription.id))


def is_wanted(row: Subscription) -> bool:
    """Not where it was stopped, nor where the rules, which wanted it, name it no more."""
    return row.stopped_at is None and (row.person != RULES or (row.way, row.address) in set(_of_company()))


# -- the company's own ----------------------------------------------------------------------------


def of_rules(session: Session, now: int) -> int:
    """Keep what the rules name and is not kept yet; how many. What was stopped stays stopped."""
    wanted = [(kind, way, address) for kind in KINDS for way, address in _of_company()]
    new = 0
    for kind, way, address in wanted:
        if _insert(session, kind, way, address, RULES, rules.language, now):
            _begin(kind, way, address, RULES, rules.language, session)
            new += 1
    return new


def lacks(session: Session) -> bool:
    """Do the rules name one that is not kept yet?"""
    wanted = set(_of_company())
    if not wanted:
        return False
    rows = session.exec(select(Subscription.way, Subscription.address, Subscription.kind))
    found = {(way, address, kind) for way, address, kind in rows}
    return any((way, address, kind) not in found for way, address in wanted for kind in KINDS)


def _of_company() -> Iterator[tuple[str, str]]:
    digest = rules.digest
    if digest.channel:
        yield SLACK, digest.channel
    if digest.room in rules.chatwork_rooms:
        yield CHATWORK, rules.chatwork_rooms[digest.room]
    for address in digest.mail:
        yield MAIL, address.casefold()


def ways_for(slack_id: str, email: str) -> Sequence[tuple[str, str]]:
    """In which ways somebody can get one for themselves, and where."""
    found = [(SLACK, slack_id)] if is_person(slack_id) else []
    return [*found, *([(MAIL, email.casefold())] if email else [])]
