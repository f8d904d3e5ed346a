"""Colleagues: the people in Slack. Remembered, so that a form opens in its reader's language without asking first.

`met` says who somebody is, asking Slack once a day; `find` leads from an e-mail address to somebody who is here now:
the rules' own mapping first, then Slack's look-up.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from sqlmodel import Session, col, select

from integrations.contract import Trouble
from integrations.slack import is_person
from workflows.engine.rows import Values, among, keep
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import vendors
from workflows.rules import rules
from workflows.tables.people import Colleague

#: Whoever does something is looked at again after so long: they may be a guest by now.
LATELY_MS = 15 * 60_000


def met(user_id: str, *, within_ms: int = DAY_MS, soon: bool = False) -> Colleague:
    """Who somebody in Slack is, as of so long ago; `left` where they are no full member.

    Only the id is known where Slack is off.

    `soon`: somebody waits, so Slack is asked once and briefly. Raises Trouble where it does not answer.
    """
    known = recall(user_id)
    if known is not None and now_ms() - known.seen_at < within_ms:
        return known
    return look(user_id, soon=soon)


def is_member(user_id: str) -> bool:
    """Is somebody a full member of our workspace? While Slack does not answer, as far as we remember.

    Whoever we never met is none then, and none either if they are a guest, an app or from another workspace.
    """
    if not is_person(user_id):
        return False
    try:
        return not met(user_id, soon=True).left
    except Trouble:
        known = recall(user_id)
        return known is not None and not known.left


def recall(user_id: str) -> Colleague | None:
    """What we remember of somebody; None if we never met."""
    return store.read(lambda session: session.get(Colleague, user_id))


def email_of(user_id: str) -> str:
    """The address of somebody in Slack, as far as we remember; "" for everybody else."""
    known = recall(user_id) if is_person(user_id) else None
    return known.email if known else ""


def look(user_id: str, email: str = "", *, soon: bool = False) -> Colleague:
    """Ask Slack who somebody is, and remember it; `email` is the address by which they were found."""
    slack = vendors.slack
    if slack is None:
        return Colleague(id=user_id, seen_at=now_ms())
    user, now = slack.user(user_id, soon=soon), now_ms()
    if user is None:
        return _remembered(Colleague(id=user_id, left=True, seen_at=now))
    return _remembered(
        Colleague(
            id=user_id,
            name=user.name,
            email=email or user.email,
            locale=user.locale,
            left=not user.is_member(slack.team_id),
            seen_at=now,
        )
    )


def find(person: str) -> str:
    """The Slack id behind a Slack id or an e-mail address; "" for strangers and for people who have left."""
    if is_person(person):
        return "" if look(person).left else person
    email, slack = person.casefold(), vendors.slack
    if mapped := rules.colleagues.get(email, ""):
        return find(mapped)
    if slack is None or "@" not in email:
        return ""
    known = store.read(partial(by_email, email=email, since=now_ms() - DAY_MS))
    found = known or slack.lookup(email) or ""
    return found if found and not look(found, email).left else ""


def with_address(email: str) -> str:
    """The Slack id of whoever has this address, as far as we remember, else as Slack says at once; "" for nobody.

    Raises Trouble where Slack does not answer.
    """
    address, slack = email.casefold(), vendors.slack
    known = rules.colleagues.get(address, "") or store.read(partial(by_email, email=address))
    if known or slack is None or "@" not in address:
        return known
    found = slack.lookup(address) or ""
    if found:
        look(found, address, soon=True)
    return found


def language_of(user_id: str) -> str:
    """The language that somebody has set in Slack, as far as we remember; else the company's."""
    known = recall(user_id)
    return spoken(known.locale) if known else rules.language


def spoken(locale: str) -> str:
    """Which of our languages a locale such as ja-JP asks for."""
    return "ja" if locale.startswith("ja") else "en" if locale else rules.language


def _remembered(colleague: Colleague) -> Colleague:
    row = colleague.model_dump()
    store.write(partial(remember, row=row))
    return colleague


def remember(session: Session, row: Values) -> None:
    """Keep what Slack says of somebody; an address that is known stays, where this does not say another."""
    known = session.get(Colleague, row["id"])
    keep(session, Colleague, row | {"email": row["email"] or (known.email if known else "")})


def here(session: Session, most: int) -> list[tuple[str, str]]:
    """Everybody whom we met and who is still here: the id and the name, by name."""
    query = select(Colleague.id, Colleague.name).where(col(Colleague.left).is_(False), Colleague.name != "")
    return [(id, name) for id, name in session.exec(query.order_by(col(Colleague.name)).limit(most)) if is_person(id)]


def by_email(session: Session, email: str, since: int = 0) -> str:
    """The id of whoever was found by this address since then, and was here; "" for nobody."""
    query = select(Colleague.id).where(
        Colleague.email == email.casefold(), col(Colleague.left).is_(False), Colleague.seen_at >= since
    )
    return session.exec(query).first() or ""


def by_emails(session: Session, emails: Collection[str]) -> dict[str, str]:
    """The same for many at once: the ids by address, without those whom nobody has."""
    wanted = sorted({email.casefold() for email in emails})
    query = select(Colleague.email, Colleague.id).where(
        col(Colleague.email).in_(wanted), col(Colleague.left).is_(False)
    )
    return dict(session.exec(query.order_by(col(Colleague.id).desc())).all()) if wanted else {}


def strangers(session: Session, people: Collection[str]) -> list[str]:
    """Of these people, by Slack id or address as somebody typed them, those whom we never met, or who are gone."""
    ids = sorted({person for person in people if is_person(person)})
    query = select(Colleague.id).where(among(col(Colleague.id), ids), col(Colleague.left).is_(False))
    met_ids, met_emails = set(session.exec(query)), by_emails(session, {each for each in people if "@" in each})
    return sorted({person for person in people if person not in met_ids and person.casefold() not in met_emails})
