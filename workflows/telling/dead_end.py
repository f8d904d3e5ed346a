"""Dead end: a customer who cannot be told in their conversation is told by whoever answers for their company.

    bring_back, sending ─► hand ─► a message to the account owner, or who stands in, with the draft and two ways on:
                                   "I'll tell them" (taking.taken) · told by phone, by mail, in a meeting (taking.told)

Another contact of the company is only ever offered: a named person chooses one, on the page of the draft. Where nobody
is found, the channel is asked, and the telling stays with whoever took the wish.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session, col, select

from integrations.slack import is_person
from workflows.engine.actions import Intent, leave
from workflows.engine.durable import current_run, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.escalation import chain, ladder
from workflows.people import addressing, colleagues
from workflows.rules import rules
from workflows.tables.runs import Action
from workflows.tables.telling import Telling
from workflows.telling import dead_end_texts, dead_ends, handovers, ledger
from workflows.telling.approval import Key
from workflows.telling.cause import Cause
from workflows.telling.dead_end_texts import Case

ASKED = "Asked {agent}, who answers for the company, to notify the customer: this conversation can't be used."
ASKED_CHANNEL = "Asked the channel to notify the customer: this conversation can't be used, and nobody answers for it."
NOBODY = "Nobody was asked: no account owner was found, and no support channel is set in the rules."
NOT_ANY_MORE = "The customer no longer needs to be notified in another way."
SHOWN = "Updated the message that asked to notify the customer."
TAKEN = "{agent} notifies the customer."
CALLED_OFF = "Told {agent} not to notify the customer: no request in this conversation is waiting for this anymore."
ASKED_AGAIN = (
    "Asked {agent} again to notify the customer: a request in this conversation is waiting for this after all."
)
#: Intercom is asked who looks after a company; where it is away, for so long (ms).
PATIENCE_MS = 60_000


@dataclass(frozen=True)
class Whom:
    """Who is asked: a Slack id, as which of the chain; "" for the channel."""

    person: str
    role: str


@workflow
def hand(release_id: str, conversation_id: str, tried: int) -> Outcome:
    """One telling that has come to a dead end is handed to whoever answers for the company, once."""
    case = store.read(partial(handovers.case_of, key=Key(release_id, conversation_id)))
    if case is None or not case.telling.dead_end or case.telling.state not in ledger.OWING or case.telling.via:
        return ignored(NOT_ANY_MORE)
    if case.telling.held_as == dead_ends.SELF:
        return ignored(TAKEN, agent=case.telling.holder_name)
    whom = _held(case) or _found(case)
    if not is_person(whom.person):
        return _ask_channel(case, tried)
    case = store.write(partial(_give, case, whom, colleagues.met(whom.person).name))
    intent = _intent(case, case.telling.holder, ASKED, tried, agent=case.telling.holder_name)
    addressing.post(intent, partial(dead_end_texts.asked, case), since_ms=case.telling.held_at or 0)
    return done(ASKED, agent=case.telling.holder_name)


@workflow
def shown(release_id: str, conversation_id: str) -> Outcome:
    """The messages by which somebody was asked say how it stands by now."""
    handovers.show(Key(release_id, conversation_id))
    return done(SHOWN)


@workflow
def reconsidered(release_id: str, conversation_id: str) -> Outcome:
    """A request there was withdrawn, or its link cut, or neither after all: is the customer still to be told?"""
    key = Key(release_id, conversation_id)
    case = store.read(partial(handovers.case_of, key=key))
    if case is None or case.telling.state not in ledger.OWING:
        return ignored(NOT_ANY_MORE)
    handovers.show(key)
    off = f"not-waited:{case.name}:"
    if not is_person(case.telling.holder) or not (case.over or store.read(partial(_was_called_off, off))):
        return done(SHOWN)
    facts = {"agent": case.telling.holder_name}
    if not case.over:
        intent = _intent(case, case.telling.holder, ASKED_AGAIN, current_run(), **facts)
        addressing.post(intent, partial(dead_end_texts.asked, case), since_ms=case.telling.held_at or 0)
        return done(ASKED_AGAIN, **facts)
    intent = replace(_intent(case, case.telling.holder, CALLED_OFF, "", **facts), key=f"{off}{current_run()}")
    addressing.post(intent, partial(dead_end_texts.not_waited, case), since_ms=case.telling.held_at or 0)
    return done(CALLED_OFF, **facts)


def _was_called_off(key: str, session: Session) -> bool:
    """Has whoever holds it been told before that they need not tell the customer?"""
    return session.exec(select(Action.key).where(col(Action.key).startswith(key, autoescape=True))).first() is not None


def _held(case: Case) -> Whom | None:
    """Whom an earlier attempt has asked."""
    return Whom(case.telling.holder, case.telling.held_as) if case.telling.holder else None


def _found(case: Case) -> Whom:
    """The first who is found of those who answer for the company."""
    found = chain.chain_for(case.company_id, case.contact_id, until=now_ms() + PATIENCE_MS)
    return next((Whom(it["person"], it["role"]) for it in found if is_person(it["person"])), Whom("", ladder.NOBODY))


def _give(case: Case, whom: Whom, name: str, session: Session) -> Case:
    telling = session.get_one(Telling, (case.telling.release_id, case.telling.conversation_id), with_for_update=True)
    if not telling.holder:
        dead_ends.hold(telling, whom.person, name or whom.person, whom.role)
    found = handovers.case_of(session, Key(telling.release_id, telling.conversation_id))
    assert found is not None
    return found


def _ask_channel(case: Case, tried: int) -> Outcome:
    channel = rules.support_channel
    intent = _intent(case, channel, ASKED_CHANNEL, tried)
    if not channel and vendors.is_on("slack"):
        leave(intent, NOBODY)
        return ignored(NOBODY)
    addressing.post(intent, partial(dead_end_texts.asked, case), since_ms=case.telling.drafted_at or 0)
    return done(ASKED_CHANNEL)


def _intent(case: Case, target: str, sentence: str, tried: int | str, **facts: object) -> Intent:
    telling = case.telling
    return Intent(
        "slack",
        "dead-end",
        key=handovers.key_of(telling, tried),
        target=target,
        sentence=sentence,
        facts=dict(facts),
        feedback_id=case.wishes[0].id if case.wishes else None,
        conversation_id=telling.conversation_id,
        issue_id=Cause.read(telling.release_id).issue_id or None,
        is_dry=telling.dry,
    )
