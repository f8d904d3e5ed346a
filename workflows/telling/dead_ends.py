"""Dead ends: tellings whose customer cannot be told in their conversation; who holds a telling; who else can be told.

found(session, release_id, chat, draft, why)    # in the commit that notices it; `dead_end.hand` asks somebody then
others(session, telling)                        # colleagues of the customer whom we reach, as far as we know
is_theirs(person, "4711:2/215")                 # whoever holds it, or answers for the company that asked
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col, select

from workflows.customer import contacts, owners
from workflows.engine.actions import SKIPPED
from workflows.engine.durable import child, start
from workflows.engine.store import now_ms, store
from workflows.people import colleagues
from workflows.people.person import Person
from workflows.tables.runs import Action
from workflows.tables.telling import Telling
from workflows.telling import desk, drafts, gathering, ledger
from workflows.telling.cause import Cause

#: How somebody holds a telling whom nobody asked.
SELF = "self"
#: As what somebody holds it, in words.
HOLDS = {
    "owner": "{name}, the account owner, notifies them",
    "deputy": "{name}, the deputy, notifies them",
    "manager": "{name}, the manager, notifies them",
    "fallback": "{name}, the fallback, notifies them",
    SELF: "{name} took it over and notifies them",
}
#: Why a reply was not sent that nobody will get there in that conversation either.
NO_CHAT = "Not sent: the conversation no longer exists in Intercom."
NO_CUSTOMER = "Not sent: this customer can't be written to in this conversation."
#: So many colleagues of a customer are offered.
MOST = 5


@dataclass(frozen=True)
class Other:
    """A colleague of the customer who can be told instead, and the conversation with them."""

    contact_id: str
    name: str
    conversation_id: str


def found(session: Session, release_id: str, conversation_id: str, draft: str, why: str, tried: int = 0) -> None:
    """Nobody can be told there, for this reason; `tried` says after which approval that was noticed."""
    telling = ledger.owe(session, release_id, conversation_id)
    if telling.state not in ledger.OWING:
        return
    gathering.leave(session, telling)
    if Cause.read(release_id).notice_id:  # nobody asked for it, so nobody is asked to tell them otherwise
        telling.state, telling.why = drafts.EXCUSED, why
        return
    telling.state, telling.draft, telling.dead_end, telling.via = drafts.DRAFTED, draft, why, ""
    telling.drafted_at = telling.drafted_at or now_ms()
    names = {"release_id": release_id, "conversation_id": conversation_id}
    start(session, [child(f"dead-end:{release_id}/{conversation_id}/{tried}", "dead_end.hand", tried=tried, **names)])


def hold(telling: Telling, person: str, name: str, how: str) -> None:
    """Somebody tells this customer from now on."""
    telling.holder, telling.holder_name, telling.held_as, telling.held_at = person, name, how, now_ms()


def company_of(session: Session, telling: Telling) -> str:
    """The company that asked in the conversation; "" for none that we know."""
    return next((wish.company_id for wish in drafts.wishes_of(session, telling) if wish.company_id), "")


def contact_of(session: Session, telling: Telling) -> str:
    """Who asked there; "" for nobody whom we know."""
    return next((wish.contact_id for wish in drafts.wishes_of(session, telling) if wish.contact_id), "")


def others(session: Session, telling: Telling) -> list[Other]:
    """Colleagues of the customer with a conversation that is no dead end as far as we know, the latest first."""
    company, asked = company_of(session, telling), contact_of(session, telling)
    if not telling.dead_end or not company:
        return []
    stuck = set(session.exec(select(Telling.conversation_id).where(Telling.dead_end != "")))
    refused = select(Action.target).where(Action.verb == "intercom.reply", Action.state == SKIPPED)
    stuck |= set(session.exec(refused.where(col(Action.sentence).in_((NO_CHAT, NO_CUSTOMER)))))
    reached: dict[str, Other] = {}
    for contact, chat in contacts.talking(session, company):
        if contact.id != asked and chat.id not in stuck and chat.id != telling.conversation_id:
            reached.setdefault(contact.id, Other(contact.id, contact.name, chat.id))
    return list(reached.values())[:MOST]


def is_theirs(person: Person, about: str) -> bool:
    """Is this telling (`4711:2/215`) theirs to tell, whatever their role?"""
    name = about.partition("|")[0] if "/" in about else ""
    return bool(name) and _is_here(person) and store.read(partial(_theirs, name, person))


def _is_here(person: Person) -> bool:
    return not person.slack_id or colleagues.is_member(person.slack_id)


def _theirs(name: str, person: Person, session: Session) -> bool:
    telling = desk.find(session, name)
    if telling is None:
        return False
    names = {known.casefold() for known in (person.id, person.slack_id, person.email) if known}
    company = company_of(session, telling)
    on_record = owners.of(session, company).values() if company else ()
    return bool(names & {known.casefold() for known in (telling.holder, *on_record) if known})
