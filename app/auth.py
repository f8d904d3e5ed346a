"""Signing in: a browser holds a random token in a cookie, the database its hash, and the rules say who may do what.

    token = begin(Person("U0MORI", "森 拓也", "mori@kanade.example"), before="")      # goes into the cookie
    reader = find(token)                                                            # None once it has ended
    reader.role                                                                     # "agent"

A login ends IDLE_MS after its browser was last seen, and in any case LONGEST_MS after it began.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from workflows.engine.store import now_ms, store
from workflows.people import accounts, deeds
from workflows.people.may import permits, role_of
from workflows.people.person import OPERATOR, Person
from workflows.tables.people import Account, Login

IDLE_MS, LONGEST_MS = 8 * 3600 * 1000, 24 * 3600 * 1000
#: How precisely it is known when a browser was last seen.
TOUCH_MS = 60_000
#: After so long without a request, a browser is signed out at the earliest: it may have been seen a little later.
SURELY_MS = IDLE_MS - TOUCH_MS
#: How long a one-time address may be used.
ONE_TIME_MS = 10 * 60_000
SIGNED_IN, SIGNED_OUT = "Signed in.", "Signed out."
SIGNED_OUT_EVERYWHERE = "Signed out everywhere."
ENDED = "Ended a session of {name}."


@dataclass(frozen=True)
class Reader:
    """Whoever reads a page, what they may do ("" for nothing), and what their forms have to bring along."""

    person: Person
    role: str
    csrf: str
    #: The hash of their cookie's token; "" in the demo, where nobody signs in.
    login: str = ""
    #: When their login ends even if they never pause (ms); 0 in the demo, where none ends.
    ends_at: int = 0

    def may(self, deed: str) -> bool:
        """May they do this? The names are those of `people.may`."""
        return permits(self.role, deed)


def begin(person: Person, before: str) -> str:
    """Sign somebody in: the new token. `before`: the token that this browser had, whoever gave it to it."""
    token = secrets.token_urlsafe(32)
    store.write(partial(_begin, person, hashed(token), hashed(before)))
    return token


def _begin(person: Person, login: str, before: str, session: Session) -> None:
    if accounts.found(session, login) is None:  # else it is on disk, and only the answer was lost
        accounts.begin(session, login, person, before, now_ms() - LONGEST_MS)
        accounts.note(session, person, SIGNED_IN, {})


def find(token: str) -> Reader | None:
    """Whose token this is, while its login lasts."""
    login = hashed(token)
    found = store.read(partial(accounts.found, login=login)) if token else None
    if found is None or has_ended(found[0]):
        return None
    if now_ms() - found[0].seen_at >= TOUCH_MS:
        store.write(partial(accounts.touch, login=login))
    person = person_of(found[1])
    return Reader(person, role_of(person), csrf_of(token), login, ends_at=found[0].began_at + LONGEST_MS)


def has_ended(login: Login) -> bool:
    """Has it lasted too long, or has its browser been away for too long?"""
    now = now_ms()
    return now - login.seen_at >= IDLE_MS or now - login.began_at >= LONGEST_MS


def person_of(account: Account) -> Person:
    """The person behind an account."""
    return Person(account.id, account.name, account.email, "" if account.id == OPERATOR else account.id)


def end(reader: Reader) -> None:
    """Sign out of this browser."""

    def work(session: Session) -> None:
        accounts.end(session, reader.login)
        accounts.note(session, reader.person, SIGNED_OUT, {})

    store.write(work)


def end_all(reader: Reader) -> None:
    """Sign out of every browser."""

    def work(session: Session) -> None:
        accounts.end_all(session, reader.person.id)
        accounts.note(session, reader.person, SIGNED_OUT_EVERYWHERE, {})

    store.write(work)


def end_one(id: str) -> str:
    """End the login that is listed under this id; whose it was, "" for nobody's."""
    found = store.read(partial(accounts.named, id=id))
    if found is None:
        return ""
    login, name = found
    deeds.told(ENDED, name=name)
    store.write(partial(accounts.end, login=login.hash))
    return name


# -- one-time addresses ---------------------------------------------------------------------------


def offer() -> str:
    """What makes a new one-time address secret."""
    secret = secrets.token_urlsafe(32)
    store.write(partial(accounts.offer, secret=hashed(secret), until=now_ms() + ONE_TIME_MS))
    return secret


def use(secret: str) -> bool:
    """Use an address up; False if it was used before, or is too old, or never was one."""
    return store.write(partial(accounts.use, secret=hashed(secret)))


# -- secrets --------------------------------------------------------------------------------------


def hashed(token: str) -> str:
    """What is kept of a token. It is random and long, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """What forms bring along to show that they are on a page of ours: it follows from the token, and from no other."""
    return hashed(f"csrf:{token}")


def keyed(key: str, text: str) -> str:
    """A text, signed with a key."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
