"""The part of JQL that the simulated site understands: clauses joined by AND, then ORDER BY.

https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from integrations.jira.twin.data import CATEGORIES, RESOLUTIONS, STATUSES, Project, Release, Ticket

UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}

_VALUE = r'"(?:\\.|[^"\\])*"|[^\s(),"]+'
_CLAUSE = re.compile(
    rf"\s*(?P<field>\w+)\s*(?P<op>!=|>=|<=|=|not\s+in\b|in\b)\s*(?P<values>\((?:{_VALUE}|[\s,])*\)|{_VALUE})\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"and\b", re.IGNORECASE)
_ORDER = re.compile(r"order\s+by\s+(\w+)(?:\s+(asc|desc))?\s*$", re.IGNORECASE)


class BadQuery(Exception):
    """Jira refuses the query with this sentence."""


@dataclass(frozen=True)
class Site:
    """What a query may name."""

    tickets: Collection[Ticket]
    projects: Collection[Project]
    releases: Mapping[str, Release]
    now: float


def search(jql: str, site: Site, indexed: Iterable[Ticket]) -> list[Ticket]:
    """The tickets of the search index that match. Raises BadQuery."""
    order = _ORDER.search(jql)
    where = (jql[: order.start()] if order else jql).strip()
    if not where:
        raise BadQuery(UNBOUNDED)
    tests = [_test(clause, site) for clause in _clauses(where)]
    found = [ticket for ticket in indexed if all(test(ticket) for test in tests)]
    by = {"updated": lambda ticket: ticket.updated, "created": lambda ticket: ticket.created}
    found.sort(key=by.get(order[1].lower() if order else "", lambda ticket: int(ticket.id)))
    return found[::-1] if order and (order[2] or "").lower() == "desc" else found


def _clauses(where: str) -> Iterable[re.Match[str]]:
    position = 0
    while True:
        clause = _CLAUSE.match(where, position)
        if not clause:
            raise BadQuery(f"Error in the JQL Query: Expecting a clause at character {position + 1}.")
        yield clause
        if clause.end() == len(where):
            return
        joint = _AND.match(where, clause.end())
        if not joint:
            raise BadQuery(f"Error in the JQL Query: Expecting 'AND' at character {clause.end() + 1}.")
        position = joint.end()


def _test(clause: re.Match[str], site: Site) -> Callable[[Ticket], bool]:
    field, op = clause["field"].lower(), re.sub(r"\s+", " ", clause["op"].lower())
    values = {_plain(value) for value in re.findall(_VALUE, clause["values"])}
    if field in ("updated", "created"):
        return _since(field, op, values, site.now)
    if field not in FIELDS or op in (">=", "<="):
        raise BadQuery(f"Field '{clause['field']}' does not exist or you do not have permission to view it.")
    names, known = FIELDS[field]
    _refuse_unknown(field, values, known(site))
    negated = op in ("!=", "not in")
    return lambda ticket: bool(values & names(ticket, site)) is not negated


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _since(field: str, op: str, values: set[str], now: float) -> Callable[[Ticket], bool]:
    back = re.fullmatch(r"-(\d+)([mhdw])", next(iter(values)))
    if not back or op not in (">=", "<="):
        raise BadQuery(f"Error in the JQL Query: the simulated site reads {field} only as '>= -30m'.")
    limit = now - int(back[1]) * SECONDS[back[2]]
    return lambda ticket: (getattr(ticket, field) >= limit) is (op == ">=")


def _refuse_unknown(field: str, values: set[str], known: set[str] | None) -> None:
    for value in sorted(values - known if known is not None else ()):
        if FIELDS[field] is FIELDS["id"]:
            raise BadQuery(f"An issue with key '{value}' does not exist for field '{field}'.")
        raise BadQuery(f"The value '{value}' does not exist for the field '{field}'.")


Names = Callable[[Ticket, Site], set[str]]
Known = Callable[[Site], set[str] | None]


def _issue_names(ticket: Ticket, site: Site) -> set[str]:
    return {ticket.id, ticket.key}


def _status_names(ticket: Ticket, site: Site) -> set[str]:
    return {ticket.status, STATUSES[ticket.status][0]}


def _category_names(ticket: Ticket, site: Site) -> set[str]:
    number, _, name = CATEGORIES[ticket.category]
    return {str(number), ticket.category, name}


def _resolution_names(ticket: Ticket, site: Site) -> set[str]:
    return {ticket.resolution, RESOLUTIONS[ticket.resolution]} if ticket.resolution else {"EMPTY"}


def _release_names(ticket: Ticket, site: Site) -> set[str]:
    return {name for id_ in ticket.releases for name in (id_, site.releases[id_].name)}


def _all_issues(site: Site) -> set[str]:
    return {name for ticket in site.tickets for name in (ticket.id, ticket.key)}


ISSUE: tuple[Names, Known] = (_issue_names, _all_issues)
#: field -> the names a ticket answers to, and all names there are (None: any value will do).
FIELDS: dict[str, tuple[Names, Known]] = {
    "id": ISSUE,
    "key": ISSUE,
    "issue": ISSUE,
    "issuekey": ISSUE,
    "labels": (lambda ticket, site: set(ticket.labels), lambda site: None),
    "project": (
        lambda ticket, site: {ticket.project.id, ticket.project.key},
        lambda site: {name for project in site.projects for name in (project.id, project.key)},
    ),
    "status": (_status_names, lambda site: {name for row in STATUSES.items() for name in (row[0], row[1][0])}),
    "statuscategory": (_category_names, lambda site: None),
    "resolution": (_resolution_names, lambda site: {"EMPTY", *RESOLUTIONS, *RESOLUTIONS.values()}),
    "fixversion": (
        _release_names,
        lambda site: {name for release in site.releases.values() for name in (release.id, release.name)},
    ),
}
