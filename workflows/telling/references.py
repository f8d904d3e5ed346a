"""References: what a deployment names, found among what we know.

    references.issues(session, ["KNDE-12"], "data.issues")      # rows of ours, or Refused that names data.issues[0]

A company is named by its id or by exactly its name.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from sqlmodel import Session, col, select

from workflows.customer import owners
from workflows.engine.outcome import Refused
from workflows.engine.store import now_ms
from workflows.tables.wish import Issue
from workflows.telling import publish
from workflows.telling.publish import Wanted
from workflows.wish.availability import ALL, COMPANIES, FLAG, SHARE, TIER

UNKNOWN = "{field}: {name} is not known here."
SEVERAL = "{field}: several companies are called {name}. Specify the ID."
TOO_LATE = "{field}: the date is more than a year away."


def issues(session: Session, keys: Sequence[str], field: str) -> list[Issue]:
    """The issues with these keys. Raises Refused for one that we have not heard of."""
    found = {issue.key: issue for issue in session.exec(select(Issue).where(col(Issue.key).in_(keys)))}
    _all_known(keys, found, field)
    return [found[key] for key in dict.fromkeys(keys)]


def issue(session: Session, key: str, field: str) -> list[Issue]:
    """The same of one issue, which stands in no list."""
    found = list(session.exec(select(Issue).where(Issue.key == key)))
    _known(key, [each.key for each in found], field)
    return found


def known_of(session: Session, issue_ids: Sequence[str]) -> list[Issue]:
    """Those of these issues (ids) that we have heard of."""
    return list(session.exec(select(Issue).where(col(Issue.id).in_(issue_ids)).order_by(col(Issue.key))))


def companies(session: Session, names: Sequence[str], field: str) -> list[str]:
    """The ids of these companies. Raises Refused for one that is unknown, and for a name that several have."""
    found = owners.companies_of(session, [{"company_id": name, "company": name} for name in names])
    return list(dict.fromkeys(_company(found, name, f"{field}[{place}]") for place, name in enumerate(names)))


def company(session: Session, name: str, field: str) -> str:
    """The id of one company. Raises Refused."""
    return _company(owners.companies_of(session, [{"company_id": name, "company": name}]), name, field)


def audience(session: Session, names: Sequence[str], tiers: Sequence[str], share: int, flag: str, at: int) -> Wanted:
    """Whom a release is for, and from when on (ms, 0 for at once). Raises Refused."""
    if at > now_ms() + publish.LATEST_MS:
        raise Refused(TOO_LATE, field="data.at")
    since = at or None
    if names:
        return Wanted(COMPANIES, tuple(companies(session, names, "data.companies")), at=since)
    if tiers:
        _all_known(tiers, publish.known(session, TIER), "data.tiers")
        return Wanted(TIER, tuple(dict.fromkeys(tiers)), at=since)
    if flag:
        _known(flag, publish.known(session, FLAG), "data.flag")
        return Wanted(FLAG, (flag,), at=since)
    return Wanted(SHARE if share else ALL, share=share, at=since)


def _all_known(names: Sequence[str], known: Container[str], field: str) -> None:
    for place, name in enumerate(names):
        _known(name, known, f"{field}[{place}]")


def _known(name: str, known: Container[str], field: str) -> None:
    if name not in known:
        raise Refused(UNKNOWN, field=field, name=name)


def _company(found: owners.Companies, name: str, field: str) -> str:
    same = [name] if name in found.by_id else [id for id, _ in found.by_name.get(name, [])]
    if len(same) != 1:
        raise Refused(SEVERAL if same else UNKNOWN, field=field, name=name)
    return same[0]
