"""`/enquiries/learning`: how often colleagues are asked, by skill; and whether that becomes less with the months.

The curve is that of all agents together. Whoever reads sees their own beside it, and nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.auth import Reader
from app.pages import charts
from app.pages.access import person_of
from app.pages.measures import percent
from app.pages.view import language_of, page
from integrations.contract import Trouble
from workflows.customer.fields import today
from workflows.engine.store import store
from workflows.enquiry import learning
from workflows.enquiry.learning import FEWEST, Point
from workflows.language.wording import month, say
from workflows.people import agents
from workflows.rules import rules

router = APIRouter()

#: So many calendar months are listed by skill, the present one among them.
MONTHS = 6
#: The lines of the chart.
EVERYBODY, YOU = "All agents together", "You"


@dataclass(frozen=True)
class Curves:
    """All agents' and the reader's own, by months. `is_known`: Intercom said who its teammates are; `is_agent`: the
    reader is one of them."""

    everybody: Mapping[int, Point]
    own: Mapping[int, Point]
    is_known: bool = True
    is_agent: bool = True

    @property
    def months(self) -> list[int]:
        """Those of which either knows something."""
        return sorted(self.everybody.keys() | self.own.keys())


@router.get("/enquiries/learning")
def shown(request: Request) -> Response:
    """Both figures, or what is missing for them."""
    months = _months()
    skills = store.read(partial(learning.by_skill, since=_start(months[0])))
    facts: dict[str, Any] = {
        "curves": _curves(person_of(request)),
        "fewest": FEWEST,
        "percent": percent,
        "months": months,
        "skills": skills,
        "month_of": partial(month, language_of(request)),
    }
    return page(request, "enquiry_learning.html", **facts)


@router.get("/enquiries/learning/curve.svg")
def curve(request: Request) -> Response:
    """The same as a picture, for whoever reads; as the charts of `/measures`."""
    _ = partial(say, language_of(request))
    curves = _curves(person_of(request))
    names = [_(EVERYBODY), *([_(YOU)] if curves.own else [])]
    rows = [*_rows(_(EVERYBODY), curves.everybody), *_rows(_(YOU), curves.own)]
    axes = _("Months since the first answer"), _("Asked colleagues")
    return charts.answer(request, charts.lines(rows, names, axes, charts.paper(request)))


def _curves(reader: Reader) -> Curves:
    try:
        askers = learning.askers()
    except Trouble:
        return Curves({}, {}, is_known=False)
    admin_id = _admin_of(reader, askers)

    def read(session: Session) -> Curves:
        own = learning.own_curve(session, askers, admin_id) if admin_id else ()
        return Curves(_by_months(learning.curve(session, askers)), _by_months(own), is_agent=bool(admin_id))

    return store.read(read)


def _admin_of(reader: Reader, askers: Mapping[str, str]) -> str:
    """The teammate in Intercom who reads; "" for nobody."""
    return askers.get(reader.person.slack_id, "") or agents.with_address(reader.person.email)


def _by_months(points: Sequence[Point]) -> Mapping[int, Point]:
    return {point.months: point for point in points}


def _rows(name: str, points: Mapping[int, Point]) -> list[dict[str, Any]]:
    return [{"part": name, "at": point.months, "share": point.share} for point in points.values()]


# -- calendar months, as 2026-11 -------------------------------------------------------------------


def _months() -> list[str]:
    """The last ones, oldest first, on the company's clock."""
    now = today()
    numbers = range(now.year * 12 + now.month - MONTHS, now.year * 12 + now.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]


def _start(month: str) -> int:
    """When it begins, in ms."""
    first = date.fromisoformat(f"{month}-01")
    return round(datetime(first.year, first.month, 1, tzinfo=rules.calendar.zone).timestamp() * 1000)
