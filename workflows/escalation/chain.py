"""The chain: who answers for a company, and who stands in.

    chain = chain_for(company_id, contact_id)     # [{"role": "owner", "person": "U…"}, {"role": "deputy", …}, …]

An owner set by hand counts more than an imported one, and that more than what Intercom says. Where nobody is found
in Slack, the rules' fallback person answers, and the gap is listed (`escalation.gaps`).
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.customer import owners
from workflows.engine.attempts import best_known
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.escalation import cases, ladder
from workflows.people import colleagues
from workflows.people.may import ANSWER, may
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.escalation import Escalation

Chain = list[dict[str, str]]


def chain_for(company_id: str, contact_id: str, *, until: int) -> Chain:
    """Whom an escalation of this company climbs to, in order: those who are found and still here, never nobody.

    Intercom is asked what it knows; where it is away, it is waited for `until` then (milliseconds).
    """
    known = {}
    if company_id:
        best_known(lambda: learn(company_id, contact_id), None, until=until)
        known = store.read(partial(owners.of, company_id=company_id))
    chain = [step for role in owners.ROLES if (step := _step(role, known.get(role, "")))]
    return chain if chain and chain[0]["role"] == ladder.OWNER else [*last_resort(chain), *chain]


def last_resort(others: Chain | None = None) -> Chain:
    """Who answers where no owner is found: the rules' fallback, or with nobody else the channel itself."""
    if stand_in := _step(ladder.FALLBACK, rules.fallback):
        return [stand_in]
    return [] if others else the_channel()


def the_channel() -> Chain:
    """The channel itself is reminded, so that an escalation never lies there unseen."""
    return [{"role": ladder.FALLBACK, "person": rules.escalation_channel or ladder.NOBODY}]


def answers(session: Session, escalation: Escalation, person: Person) -> bool:
    """Does somebody answer for this escalation or its company: now, later in its chain, or on record?"""
    names = {name.casefold() for name in (person.id, person.slack_id, person.email) if name}
    asked = {escalation.person, *(step["person"] for step in escalation.chain)}
    on_record = owners.of(session, escalation.company_id).values() if escalation.company_id else ()
    return bool(names & {each.casefold() for each in (*asked, *on_record)})


def is_theirs(person: Person, about: str) -> bool:
    """Is this escalation (`E-12`, `12`, `done:12`) theirs to answer, whatever their role?"""
    id = cases.id_of(about.partition("\n")[0].rpartition(":")[2])
    found = store.read(lambda session: session.get(Escalation, id)) if id else None
    return found is not None and may_answer(person, found)


def may_answer(person: Person, escalation: Escalation, deed: str = ANSWER) -> bool:
    """May somebody answer it, or have the next one reminded? By their role, or because it is theirs to answer."""
    if may(person, deed):
        return True
    is_here = not person.slack_id or colleagues.is_member(person.slack_id)
    return is_here and store.read(partial(answers, escalation=escalation, person=person))


def _step(role: str, person: str) -> dict[str, str] | None:
    user_id = colleagues.find(person) if person else ""
    return {"role": role, "person": user_id} if user_id else None


def learn(company_id: str, contact_id: str) -> None:
    """Ask Intercom who looks after a company or its contact, and keep it."""
    intercom = vendors.intercom
    if intercom is None:
        return
    said = intercom.company_attributes(company_id)
    people = {role: said.get(name, "") for role, name in rules.owner_attributes.items() if name}
    if not people.get(ladder.OWNER) and contact_id:
        admin = intercom.owner_of_contact(contact_id)
        people[ladder.OWNER] = admin.email if admin else ""
    store.write(partial(owners.put, company_id=company_id, people=people, origin="intercom"))
