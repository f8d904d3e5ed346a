"""`/owners`: who answers for which company, and for which nobody does; as CSV, too. `/owners/churn`: who has left.

`/owners/flags`: which companies have which flag.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.access import asks
from app.pages.escalations import words
from app.pages.view import HEADERS, page
from workflows.customer import owners, sheets
from workflows.customer.owners import Standing
from workflows.engine.store import store
from workflows.escalation import gaps as escalation_gaps
from workflows.escalation import lists, measures
from workflows.people.may import EXPORT
from workflows.rules import rules
from workflows.telling import flags, whose

router = APIRouter()

#: Companies on a page.
ROWS = 100
COLUMNS = ("company_id", "company", *owners.ROLES, *(f"{role}_from" for role in owners.ROLES))
ORIGINS = {"hand": "set by hand", "import": "imported", "intercom": "from Intercom"}


@router.get("/owners")
def show(request: Request, q: str = "", part: int = 1, kept: str = "") -> Response:
    """The gaps first, then everybody by company; `kept`: how many lines were imported just now."""
    typed = "".join(letter for letter in q if letter.isprintable()).strip()[:200]
    part = min(max(part, 1), 10_000)
    rows = store.read(partial(owners.listed, typed=typed, skip=(part - 1) * ROWS, most=ROWS + 1))
    gaps = store.read(escalation_gaps.gaps)
    people = {person for row in rows for person, _ in row.people.values()} | {gap.person for gap in gaps}
    return page(
        request,
        "owners.html",
        gaps=gaps,
        untold=store.read(whose.unowned) if not typed else [],
        rows=rows[:ROWS],
        more=len(rows) > ROWS,
        typed=typed,
        part=part,
        roles=owners.ROLES,
        origins=ORIGINS,
        command=rules.commands["owner"],
        kept=number_in(kept),
        names=store.read(partial(lists.names, ids=people)),
        **words(request),
    )


def number_in(kept: str) -> str:
    """How many lines an address says were imported; "" where it says none."""
    return kept if kept.isascii() and kept.isdigit() and len(kept) < 7 else ""


@router.get("/owners/churn")
def churn(request: Request, kept: str = "") -> Response:
    """Which companies have left is imported here, and measured at `/measures`."""
    left_on, known_until = store.read(measures.churned)
    until = known_until.isoformat() if known_until else ""
    return page(request, "churn.html", kept=number_in(kept), companies=len(left_on), known_until=until)


@router.get("/owners/flags")
def flagged(request: Request, kept: str = "") -> Response:
    """Which companies have which flag is imported here, unless the deploy hook tells it."""
    return page(request, "flags.html", kept=number_in(kept), flags=store.read(flags.counted))


@router.get("/owners.csv", dependencies=[asks(EXPORT)])
def export() -> Response:
    """What is on record, with the gaps as lines to be filled in."""
    rows = store.read(owners.listed)
    known = {row.company_id for row in rows}
    found = [gap for gap in store.read(escalation_gaps.gaps) if gap.why != escalation_gaps.NOT_ON_RECORD]
    gaps = [Standing(gap.company_id, gap.company, {}) for gap in found]
    lines = [_cells(row) for row in [*(gap for gap in gaps if gap.company_id not in known), *rows]]
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="owners.csv"'}
    return Response(sheets.write(COLUMNS, lines), headers=headers, media_type="text/csv; charset=utf-8")


def _cells(row: Standing) -> list[str]:
    known = [row.people.get(role, ("", "")) for role in owners.ROLES]
    return [row.company_id, row.company, *(person for person, _ in known), *(origin for _, origin in known)]
