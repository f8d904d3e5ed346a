"""Digest: what is open, and what the week brought, is sent to those who chose it and to whom the rules name.

    upkeep ─► start_due ─► send, for each subscription whose day it is
    demo ─► start_early ─► send

One is begun for each day and subscription in the commit that says so, and written under the name of its day and
address: so each comes once, whatever dies. Whoever was without the service for days gets the newest alone: an older one
says what is not so any more. Where nothing is open it says so in a line: one that stays away looks as if it were lost.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from integrations.chatwork import notation
from integrations.slack import is_person
from workflows.engine import chatwork_posting
from workflows.engine.actions import STARTED, Done, Intent, act
from workflows.engine.durable import child, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import title_of, vendors
from workflows.language.addresses import Site, digest_url
from workflows.language.text import speaking
from workflows.measure import digest_mails, digest_texts, digests, moments, subscriptions
from workflows.measure.digests import Digest
from workflows.measure.moments import Moment
from workflows.measure.subscriptions import CHATWORK, MAIL, RULES, SLACK
from workflows.people import addressing, colleagues
from workflows.people.may import READ, may
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.measure import Subscription
from workflows.tables.runs import Action

SENT = "Sent the {kind}."
#: The kinds, as they are named in sentences.
NAMES = {moments.DAILY: "daily digest", moments.WEEKLY: "weekly digest"}
STOPPED = "No digest was sent: it was stopped."
TOO_LATE = "No digest was sent: its time is over, and the next one says what is open then."
NOT_THEIRS = "No digest was sent: its reader may no longer open these pages."
IS_OFF = "No digest was sent: {vendor} is not configured."
NO_ADDRESS = "No digest was sent to Chatwork: that needs PUBLIC_URL."


def start_due() -> int:
    """Start a run for every digest that is due now; returns how many."""
    now = now_ms()
    if not store.read(partial(_is_due, now)):
        return 0
    return store.write(partial(_start, now))


def _is_due(now: int, session: Session) -> bool:
    return subscriptions.lacks(session) or any(_due(row, now) for row in subscriptions.active(session))


def _start(now: int, session: Session) -> int:
    subscriptions.of_rules(session, now)
    ids = [row.id for row in subscriptions.active(session) if _due(row, now)]
    begun = 0
    for id in ids:
        row = session.get_one(Subscription, id, with_for_update=True)
        if moment := _due(row, now):
            row.begun_for = moment.day
            about = {"subscription_id": id, "day": moment.day}
            begun += start(session, [child(f"digest:{id}:{moment.day}", "digest.send", **about)])
    return begun


def _due(row: Subscription, now: int) -> Moment | None:
    """The digest to begin for somebody now: the newest, if none was begun of its day, and it was wanted by then."""
    moment = _moment(row, now)
    return moment if moment and row.begun_for < moment.day and row.begun_at <= moment.at else None


def _moment(row: Subscription, now: int) -> Moment | None:
    calendar = rules.calendar_of(row.person) if row.person else rules.calendar
    return moments.newest(row.kind, calendar, rules.digest, now)


def start_early(subscription_id: int) -> bool:
    """Send somebody today's digest before its time; it is the same one, and does not come again."""
    now = now_ms()
    return store.write(partial(_start_early, subscription_id, rules.calendar.local(now).date().isoformat(), now))


def _start_early(id: int, day: str, now: int, session: Session) -> bool:
    about = {"subscription_id": id, "day": day, "early": True}
    return bool(start(session, [child(f"digest:{id}:{day}/early/{now}", "digest.send", **about)]))


@workflow
def send(subscription_id: int, day: str, early: bool = False) -> Outcome:
    """One digest to one address, once. `early`: as if its time had come, whatever the time is."""
    row = store.read(partial(_read, subscription_id))
    if row is None or not subscriptions.is_wanted(row):
        return ignored(STOPPED)
    now = now_ms()
    moment, is_begun = _moment(row, now), store.read(partial(_is_begun, _intent(row, day).key))
    if not (early or is_begun) and (moment is None or moment.day != day):
        return ignored(TOO_LATE)
    if not _may_read(row):
        return ignored(NOT_THEIRS)
    if not vendors.is_on(row.way):
        return ignored(IS_OFF, vendor=title_of(row.way))
    if row.way == CHATWORK and not Site.public_url:
        return ignored(NO_ADDRESS)
    found = store.read(partial(digests.of, kind=row.kind, day=day, now=now))
    WAYS[row.way](row, found, moment.at if moment else now)
    return done(SENT, kind=NAMES[row.kind])


def _read(id: int, session: Session) -> Subscription | None:
    row = session.get(Subscription, id)
    return copy_of(row) if row else None


def _is_begun(key: str, session: Session) -> bool:
    """Did an earlier attempt write it, perhaps? Then it is brought to an end, however late it is."""
    row = session.get(Action, key)
    return row is not None and row.state == STARTED


def _may_read(row: Subscription) -> bool:
    """What the rules name may be written to; a person, as long as they may open the lists themselves."""
    if row.person == RULES:
        return True
    known = colleagues.recall(row.person)
    email = (known.email if known else "") or (row.address if row.way == MAIL else "")
    return may(Person(row.person, "", email, row.person if is_person(row.person) else ""), READ)


def _intent(row: Subscription, day: str) -> Intent:
    key = f"digest:{row.kind}:{day}:{row.way}:{row.address}"
    return Intent(row.way, "send" if row.way == MAIL else "post", key, row.address, SENT, {"kind": NAMES[row.kind]})


# -- the ways -------------------------------------------------------------------------------------


def _to_slack(row: Subscription, digest: Digest, since: int) -> None:
    words = partial(digest_texts.message, digest, row.address)
    addressing.post(_intent(row, digest.day), words, since_ms=since)


def _by_mail(row: Subscription, digest: Digest, since: int) -> None:
    mail = vendors.mail
    assert mail is not None  # `send` looked
    secret, intent = subscriptions.secret_of(row), _intent(row, digest.day)
    with speaking(row.language):
        made = digest_mails.mail(digest, secret)
    act(intent, lambda: Done(mail.send([row.address], made.subject, made.text, intent.ref, made.html, made.stop)))


def _to_chatwork(row: Subscription, digest: Digest, since: int) -> None:
    link = digest_url(digest.kind, digest.day)
    with speaking(row.language):
        parts = notation.message(*digest_texts.blocks_of_chatwork(digest), link)
    chatwork_posting.post(_intent(row, digest.day), parts, link, since_ms=since)


WAYS = {SLACK: _to_slack, MAIL: _by_mail, CHATWORK: _to_chatwork}
