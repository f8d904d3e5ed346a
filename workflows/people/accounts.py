"""Questions and changes about who is signed in, and the list of who did what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from workflows.engine.store import now_ms
from workflows.people.person import OPERATOR as OPERATOR
from workflows.people.person import Person
from workflows.tables.people import Account, Deed, Login, OneTime

#: So many letters of a login's hash tell it from all others, and nobody signs in with them.
SHOWN = 12


def begin(session: Session, login: str, person: Person, ended: str, oldest: int) -> None:
    """Somebody is signed in from now on; the login that their browser had before ends, and so do forgotten ones."""
    now = now_ms()
    session.merge(Account(id=person.id, name=person.name, email=person.email, seen_at=now))
    session.exec(delete(Login).where((col(Login.hash) == ended) | (col(Login.began_at) < oldest)))
    session.add(Login(hash=login, account_id=person.id, began_at=now, seen_at=now))


def found(session: Session, login: str) -> tuple[Login, Account] | None:
    """A login and whose it is."""
    query = select(Login, Account).join(Account, col(Account.id) == col(Login.account_id)).where(Login.hash == login)
    return session.exec(query).first()


def touch(session: Session, login: str) -> None:
    """They are still there."""
    session.connection().execute(sa.update(Login).where(col(Login.hash) == login).values(seen_at=now_ms()))


def end(session: Session, login: str) -> None:
    """Somebody signs out of one browser."""
    session.exec(delete(Login).where(col(Login.hash) == login))


def end_all(session: Session, account_id: str) -> None:
    """Somebody is signed out everywhere."""
    session.exec(delete(Login).where(col(Login.account_id) == account_id))


def logins(session: Session, account_id: str) -> list[Login]:
    """Where somebody is signed in, the latest first."""
    query = select(Login).where(Login.account_id == account_id).order_by(col(Login.seen_at).desc())
    return list(session.exec(query))


def everywhere(session: Session) -> list[tuple[Login, str]]:
    """Everybody's logins, and their names; whoever was seen last comes first."""
    query = select(Login, Account.name).join(Account, col(Account.id) == col(Login.account_id))
    return [(login, name) for login, name in session.exec(query.order_by(col(Login.seen_at).desc()))]


def named(session: Session, id: str) -> tuple[Login, str] | None:
    """The login that a list shows under this id, and whose it is: the first letters of its hash."""
    found = [each for each in everywhere(session) if len(id) >= SHOWN and each[0].hash.startswith(id)]
    return found[0] if len(found) == 1 else None


def present(session: Session) -> list[str]:
    """Everybody who is signed in somewhere."""
    return sorted(session.exec(select(Login.account_id).distinct()))


# -- one-time addresses ---------------------------------------------------------------------------


def offer(session: Session, secret: str, until: int) -> None:
    """From now until then, whoever knows what this is the hash of may sign in once."""
    session.exec(delete(OneTime).where(col(OneTime.until) < now_ms()))
    session.add(OneTime(hash=secret, until=until))


def use(session: Session, secret: str) -> bool:
    """Use it up; of two who do so at once, one gets True."""
    now = now_ms()
    fits = (col(OneTime.hash) == secret, col(OneTime.used_at).is_(None), col(OneTime.until) > now)
    return session.connection().execute(sa.update(OneTime).where(*fits).values(used_at=now)).rowcount == 1


# -- who did what ---------------------------------------------------------------------------------


def note(session: Session, person: Person, sentence: str, facts: Mapping[str, Any]) -> None:
    """Keep that somebody did something."""
    session.add(Deed(person=person.id, person_name=person.name, sentence=sentence, facts=dict(facts), done_at=now_ms()))


def deeds(session: Session, most: int = 50, before: int = 0) -> list[Deed]:
    """What was done, the latest first; `before` the row of this number, if given."""
    query = select(Deed).order_by(col(Deed.id).desc()).limit(most)
    return list(session.exec(query.where(col(Deed.id) < before) if before else query))
