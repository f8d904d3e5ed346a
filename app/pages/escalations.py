"""`/escalations`: what waits for somebody, and what is over; as CSV, too. One of them: `app.pages.escalation`."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.access import asks
from app.pages.typed import with_query
from app.pages.view import HEADERS, iso, language_of, page
from workflows.customer import sheets
from workflows.engine.store import now_ms, store
from workflows.escalation import cases, forms, ladder, lists
from workflows.escalation.lists import Chosen
from workflows.escalation.texts import STATES
from workflows.language.wording import say
from workflows.people.may import EXPORT
from workflows.rules import rules
from workflows.rules.choices import CHURN_RISKS, LEVELS, URGENCIES, words_of
from workflows.tables.escalation import Escalation

router = APIRouter()

#: Rows on a page of what is over; and of what is exported.
ROWS, MOST = 50, 20_000
#: What is longer than any name of a company that somebody looks for.
LONGEST = 200
#: From so many minutes on a length is said in whole hours.
ROUGH = 600
#: What stands beside the words of a choice, for those who compare at a glance.
MARKS = {name: each.mark for name, each in (URGENCIES | LEVELS).items()}
#: The states that can be chosen.
SHOWS = {
    "": "All",
    ladder.OPEN: STATES[ladder.OPEN],
    lists.LATE: "Overdue",
    ladder.ACKNOWLEDGED: STATES[ladder.ACKNOWLEDGED],
    ladder.WORKING: STATES[ladder.WORKING],
    lists.OVER: "Done and for information",
}
COLUMNS = (
    *("escalation", "company_id", "company", "request", "urgency", "temperature", "summary", "state", "owner"),
    *("raised_at", "acknowledged_at", "done_at", "churn_risk", "next_step", "due_date"),
)


@router.get("/escalations")
def listed(request: Request, before: str = "") -> Response:
    """What waits, by state and how far past its target; `before` (of the last row) pages on through what is over."""
    chosen = chosen_in(request)
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else 0
    over = store.read(partial(lists.over, chosen=chosen, before=start, most=ROWS + 1))
    waiting = [] if start else store.read(partial(lists.waiting, now=now_ms(), chosen=chosen))
    shown = [*(row.escalation for row in waiting), *over]
    facts: dict[str, Any] = {
        "groups": [(state, [row for row in waiting if row.escalation.state == state]) for state in ladder.UNFINISHED],
        "over": over[:ROWS],
        "more": len(over) > ROWS,
        "start": start,
        "chosen": chosen,
        "shows": SHOWS,
        "risks": words_of(CHURN_RISKS),
        "at": partial(address, chosen),
        "answering": ladder.answering,
        "people": store.read(lists.people),
        "total": store.read(lists.count),
        "names": store.read(partial(lists.names, ids=_named(shown))),
        "command": rules.commands["escalate"],
    }
    return page(request, "escalations.html", **facts, **words(request))


def chosen_in(request: Request) -> Chosen:
    """What an address asks for; what it asks wrongly is ignored."""
    said = request.query_params
    who, company = said.get("who", ""), said.get("company", "")
    return Chosen(
        person=who if who.isprintable() else "",
        urgency=_one_of(URGENCIES, said.get("urgency", "")),
        state=_one_of(SHOWS, said.get("state", "")),
        risk=_one_of(CHURN_RISKS, said.get("risk", "")),
        company="".join(letter for letter in company if letter.isprintable()).strip()[:LONGEST],
    )


def _one_of(choices: Any, text: str) -> str:
    return text if text in choices else ""


def address(chosen: Chosen, path: str = "/escalations", **others: object) -> str:
    """The address of the same list, with something chosen otherwise."""
    said = {
        "who": chosen.person,
        "urgency": chosen.urgency,
        "state": chosen.state,
        "risk": chosen.risk,
        "company": chosen.company,
    } | others
    return with_query(path, said)


def _named(shown: list[Any]) -> set[str]:
    ids = {person for each in shown for person in (each.person, each.next_person, each.done_by)}
    return ids | {person for each in shown for person in ladder.answering(each)}


@router.get("/escalations.csv", dependencies=[asks(EXPORT)])
def export(request: Request) -> Response:
    """The same list as a table, unfinished ones first."""
    chosen, now = chosen_in(request), now_ms()
    rows = [each.escalation for each in store.read(partial(lists.waiting, now=now, chosen=chosen))]
    rows += store.read(partial(lists.over, chosen=chosen, before=0, most=MOST))
    names = store.read(partial(lists.names, ids={row.person for row in rows}))
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="escalations.csv"'}
    lines = [_cells(row, names.get(row.person, "")) for row in rows]
    return Response(sheets.write(COLUMNS, lines), headers=headers, media_type="text/csv; charset=utf-8")


def _cells(row: Escalation, owner: str) -> list[str]:
    urgency = "" if row.request == ladder.INFORMATION else row.urgency
    said = [cases.code(row.id), row.company_id or "", row.company, row.request, urgency, row.temperature, row.gist]
    moments = [iso(at) if at else "" for at in (row.raised_at, row.acknowledged_at, row.done_at)]
    return [*said, row.state, owner, *moments, row.churn_risk, row.next_step, row.next_date]


def words(request: Request) -> dict[str, Any]:
    """What templates need to speak of escalations: the words of choices, marks, names, business time."""
    return {
        "ecode": cases.code,
        "choices": forms.CHOICES,
        "states": STATES,
        "marks": MARKS,
        "business": partial(business, language_of(request)),
    }


def business(language: str, minutes: int) -> str:
    """A length of business time: 12 min, 3 h 20 min, 15 h; never days, because these have other lengths."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return say(language, "{n} min", n=minutes)
    if rest and minutes < ROUGH:
        return say(language, "{h} h {m} min", h=hours, m=rest)
    return say(language, "{n} h", n=hours)
