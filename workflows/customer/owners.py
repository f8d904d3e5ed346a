"""Who answers for which company: by hand, by import, or as Intercom says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from workflows.engine.rows import among, table_of
from workflows.engine.store import now_ms
from workflows.people import colleagues
from workflows.rules import rules
from workflows.tables.customer import Churn, Company, Owner

ROLES = ("owner", "deputy", "manager")
#: The most trusted first.
ORIGINS = ("hand", "import", "intercom")
#: The same to a database: the most trusted has the last word where it comes last.
_TRUST = sa.case({origin: at for at, origin in enumerate(ORIGINS)}, value=col(Owner.origin))


def put(session: Session, company_id: str, people: Mapping[str, str], origin: str, by: str = "") -> None:
    """Keep who has which role according to one origin; "" takes a person out of it."""
    for role, person in people.items():
        if person:
            row = {"company_id": company_id, "role": role, "origin": origin, "person": person}
            session.merge(Owner(**row, set_by=by, set_at=now_ms()))
        else:
            session.exec(
                delete(Owner).where(
                    col(Owner.company_id) == company_id, col(Owner.role) == role, col(Owner.origin) == origin
                )
            )


def hear(session: Session, company_id: str, attributes: Mapping[str, str]) -> None:
    """Keep whom Intercom's attributes of a company name; a role that they do not name stays as it is."""
    named = {role: person for role, name in rules.owner_attributes.items() if name and (person := attributes.get(name))}
    if not named:
        return
    mine = select(Owner.role, Owner.person).where(Owner.company_id == company_id, Owner.origin == "intercom")
    known = dict(session.exec(mine).all())
    put(session, company_id, {role: who for role, who in named.items() if known.get(role) != who}, "intercom")


def put_by_hand(session: Session, company_id: str, people: Mapping[str, str], by: str) -> None:
    """Keep what somebody changed in the form; "" is kept too: from then on it is nobody, whatever others say.

    What stands there as the form showed it is not made theirs: imports go on changing it.
    """
    before = shown(session, company_id)
    for role, person in people.items():
        known = before.get(role, "")
        if person != ("" if "@" in known else known):  # a form cannot choose whom it knows by address only
            row = {"company_id": company_id, "role": role, "origin": "hand", "person": person}
            session.merge(Owner(**row, set_by=by, set_at=now_ms()))


def of(session: Session, company_id: str) -> dict[str, str]:
    """Who has which role for a company, by the most trusted origin that knows."""
    rows = session.exec(select(Owner).where(Owner.company_id == company_id)).all()
    return {role: person for role, (person, _) in _counting(rows).items()}


def shown(session: Session, company_id: str) -> dict[str, str]:
    """The same as people see it: by Slack ids, and by addresses where nobody in Slack was met by them yet."""
    known = of(session, company_id)
    return {role: colleagues.by_email(session, person) or person for role, person in known.items()}


def owners_of(session: Session, company_ids: Sequence[str]) -> dict[str, str]:
    """The owner of each of these companies, as people see them; those without one are left out."""
    named = sa.select(col(Owner.company_id), col(Owner.person)).where(col(Owner.role) == "owner")
    rows = session.execute(named.where(among(Owner.company_id, company_ids)).order_by(_TRUST.desc())).all()
    people = {id: person for id, person in rows}
    known = colleagues.by_emails(session, {person for person in people.values() if "@" in person})
    seen = {person: known.get(person.casefold(), person) for person in set(people.values())}
    return {id: seen[person] for id, person in people.items() if person}


# -- all of them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Who answers for one company: by role, the person and the origin that counts."""

    company_id: str
    company: str
    people: dict[str, tuple[str, str]]


def listed(session: Session, typed: str = "", skip: int = 0, most: int = 0) -> list[Standing]:
    """Companies with somebody on record, by name; `most` 0 for all."""
    query = select(Company.id, Company.name).where(col(Company.id).in_(select(Owner.company_id)))
    if typed:
        query = query.where(col(Company.name).icontains(typed, autoescape=True))
    query = query.order_by(col(Company.name), col(Company.id)).offset(skip)
    return _standings(session, session.exec(query.limit(most) if most else query).all())


def of_people(session: Session, people: Sequence[str]) -> list[Standing]:
    """The companies for which one of these (Slack ids, addresses) answers in some role, by name, with those roles."""
    named = select(Owner.company_id).where(col(Owner.person).in_(people))
    query = select(Company.id, Company.name).where(col(Company.id).in_(named))
    rows = _standings(session, session.exec(query.order_by(col(Company.name), col(Company.id))).all())
    theirs = [
        replace(row, people={role: said for role, said in row.people.items() if said[0] in people}) for row in rows
    ]
    return [row for row in theirs if row.people]


def _standings(session: Session, companies: Sequence[tuple[str, str]]) -> list[Standing]:
    rows: dict[str, list[Owner]] = {}
    for ids in in_parts([id for id, _ in companies]):
        for row in session.exec(select(Owner).where(col(Owner.company_id).in_(ids))):
            rows.setdefault(row.company_id, []).append(row)
    return [Standing(id, name, _counting(rows.get(id, []))) for id, name in companies]


def _counting(rows: Sequence[Owner]) -> dict[str, tuple[str, str]]:
    """By role the person and the origin that counts; nobody where somebody was taken out by hand."""
    ordered = sorted(rows, key=lambda row: ORIGINS.index(row.origin), reverse=True)
    counting = {row.role: (row.person, row.origin) for row in ordered}
    return {role: said for role, said in counting.items() if said[0]}


# -- imports --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Companies:
    """Companies on record: the name by id, and (id, name) of all that are called the same."""

    by_id: dict[str, str]
    by_name: dict[str, list[tuple[str, str]]]


def companies_of(session: Session, cells: Sequence[Mapping[str, str]]) -> Companies:
    """The companies that these rows name, by `company_id` or by `company`."""
    found = Companies({}, {})
    for ids in in_parts(sorted({id for row in cells if (id := row.get("company_id", ""))})):
        found.by_id.update(session.exec(select(Company.id, Company.name).where(col(Company.id).in_(ids))).all())
    for names in in_parts(sorted({name for row in cells if (name := row.get("company", ""))})):
        for id, name in session.exec(select(Company.id, Company.name).where(col(Company.name).in_(names))):
            found.by_name.setdefault(name, []).append((id, name))
    return found


def import_all(session: Session, people: Mapping[str, Mapping[str, str]], by: str) -> None:
    """Keep who has which role, by company, as imported; "" takes whoever was imported before out of it."""
    roles = sorted({role for said in people.values() for role in said})
    for ids in in_parts(sorted(people)):
        chosen = (col(Owner.company_id).in_(ids), col(Owner.role).in_(roles), col(Owner.origin) == "import")
        session.exec(delete(Owner).where(*chosen))
    shared = {"origin": "import", "set_by": by, "set_at": now_ms()}
    rows = [
        {"company_id": id, "role": role, "person": person} | shared
        for id, said in people.items()
        for role, person in said.items()
        if person
    ]
    if rows:
        session.connection().execute(sa.insert(table_of(Owner)), rows)


def import_churned(session: Session, days: Mapping[str, str], now: int) -> None:
    """Keep on which day each of these companies stopped being a customer."""
    for ids in in_parts(sorted(days)):
        session.exec(delete(Churn).where(col(Churn.company_id).in_(ids)))
    rows = [{"company_id": id, "churned_on": day, "imported_at": now} for id, day in days.items()]
    session.connection().execute(sa.insert(table_of(Churn)), rows)


def in_parts(ids: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """So many at a time as fit into one statement."""
    return (ids[first : first + size] for first in range(0, len(ids), size))
