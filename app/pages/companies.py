"""`/companies`: all of them, by what waits; as CSV, too. `/companies/{id}`: the home of whoever answers for one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app.pages.access import asks
from app.pages.escalations import words
from app.pages.typed import with_query
from app.pages.view import HEADERS, language_of, page
from workflows.customer import owners, sheets
from workflows.engine.store import store
from workflows.escalation import lists
from workflows.language.wording import money
from workflows.overview import company_list, dossier
from workflows.overview.company_list import Row, Wanted
from workflows.people.may import EXPORT
from workflows.rules import rules
from workflows.rules.choices import LEVELS
from workflows.telling import promises

router = APIRouter()

#: Companies on a page; how long a name may be that is searched for; the last part that anybody asks for.
ROWS, LONGEST, LAST = 50, 200, 10_000
#: What can be open at a company, and how that is called.
OPEN = {"escalations": "Open escalations", "reports": "Reports owed"}
#: What stands above the columns: how it is sorted by, its title, and whether it holds figures.
HEADS = (
    *(("name", "Company", False), ("mrr", "Monthly spend", True), ("", "owner", False)),
    *(("escalations", "Open escalations", True), ("risk", "Churn risk", False), ("day", "Next promised day", False)),
    *(("", "Open requests", True), ("reports", "Reports owed", True)),
)
COLUMNS = (
    *("company_id", "company", "plan", "monthly_spend", "owner", "open_escalations", "churn_risk"),
    *("next_promised_day", "open_requests", "reports_owed"),
)
#: The curve of temperatures, in its own units: the step from one to the next, and the height of each.
STEP, HEIGHTS = 32, {"low": 44, "medium": 26, "high": 8}


@router.get("/companies")
def listed(request: Request, part: int = 1) -> Response:
    """Companies as the address asks for them: by default all, those where most waits first."""
    wanted, part = wanted_in(request), min(max(part, 1), LAST)
    found = store.read(partial(company_list.listed, wanted=wanted, skip=(part - 1) * ROWS, most=ROWS))
    facts: dict[str, Any] = {
        "found": found,
        "wanted": wanted,
        "part": part,
        "more": found.total > part * ROWS,
        "at": partial(address, wanted),
        "heads": HEADS,
        "opens": OPEN,
        "risks": {name: name for name in LEVELS},
        "names": store.read(partial(lists.names, ids=found.owners)),
        "money": partial(money, language_of(request)),
    }
    return page(request, "companies.html", **facts, **words(request))


def wanted_in(request: Request) -> Wanted:
    """What an address asks for; what it asks wrongly is ignored."""
    said = {
        name: "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST]
        for name, text in request.query_params.items()
    }
    return Wanted(
        typed=said.get("q", ""),
        owner=said.get("owner", ""),
        tier=said.get("plan", ""),
        risk=said.get("risk", "") if said.get("risk") in LEVELS else "",
        open=said.get("open", "") if said.get("open") in OPEN else "",
        sort=said.get("sort", "") if said.get("sort") in company_list.SORTS else "",
    )


def address(wanted: Wanted, path: str = "/companies", **others: object) -> str:
    """The address of the same list, with something wanted otherwise."""
    said = {
        "q": wanted.typed,
        "owner": wanted.owner,
        "plan": wanted.tier,
        "risk": wanted.risk,
        "open": wanted.open,
        "sort": wanted.sort,
    } | others
    return with_query(path, said)


@router.get("/companies.csv", dependencies=[asks(EXPORT)])
def export(request: Request) -> Response:
    """The same list as a table."""
    found = store.read(partial(company_list.listed, wanted=wanted_in(request), most=company_list.ALL))
    names = store.read(partial(lists.names, ids=found.owners))
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="companies.csv"'}
    lines = [_cells(row, names.get(row.owner, "")) for row in found.rows]
    return Response(sheets.write(COLUMNS, lines), headers=headers, media_type="text/csv; charset=utf-8")


def _cells(row: Row, owner: str) -> list[str]:
    company = row.company
    said = [company.id, company.name, company.tier, f"{company.mrr:.0f}", owner, str(row.escalations), row.risk]
    return [*said, row.day, str(row.wishes), str(row.reports)]


@router.get("/companies/{id:path}")
def company(request: Request, id: str) -> Response:
    """Everything that matters about one company."""
    found = store.read(partial(dossier.of, company_id=id)) if "\0" not in id else None
    if found is None:
        raise HTTPException(404)
    named = {*found.people.values(), *(each.person for each in (*found.escalations, *found.promises.days))}
    return page(
        request,
        "company.html",
        dossier=found,
        roles=owners.ROLES,
        command=rules.commands["owner"],
        waiting=promises.WORDS,
        curve=curve(found.temperatures),
        money=partial(money, language_of(request)),
        names=store.read(partial(lists.names, ids=named)),
        **words(request),
    )


def curve(temperatures: Sequence[tuple[int, str]]) -> tuple[int, str, list[tuple[int, int]]]:
    """A line through how warm it was each time: the picture's width, the line, and its points."""
    points = [(8 + number * STEP, HEIGHTS[warmth]) for number, (_, warmth) in enumerate(temperatures)]
    line = " ".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(points))
    return 16 + STEP * max(len(points) - 1, 0), line, points
