"""`/satisfaction`: what customers said of our support, of how many who were asked; every number opens its list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app.pages import charts
from app.pages.enquiries import MEDIUMS
from app.pages.measures import percent
from app.pages.view import HEADERS, language_of, page
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.escalation.measures import wilson
from workflows.language.wording import promised_day, say
from workflows.measure import satisfaction
from workflows.measure.satisfaction import LISTS, Share, Wanted
from workflows.measure.survey_texts import NOT_ASKED, SCORES, not_asked
from workflows.measure.surveys import INTERCOM, LINK
from workflows.rules import rules
from workflows.rules.enquiry import MEDIA

router = APIRouter()

#: The periods that can be chosen, in days; rows of a list; weeks in the chart.
PERIODS, MOST = (30, 90, 365), 100
WEEKS, WEEKS_ON_A_PHONE = 8, 4
#: What the lists are called.
TITLES = {
    "good": "Satisfied customers",
    "bad": "Not satisfied",
    "rated": "Answers",
    "asked": "Asked",
    "answered": "Asked and answered",
    "silent": "Asked, no answer",
    "not-asked": "Not asked",
}
#: Where it was said.
ORIGINS = {LINK: "By the link", INTERCOM: "In Intercom"}


@dataclass(frozen=True)
class Period:
    """So many days until now, and what is listed of them."""

    days: int
    wanted: Wanted

    @property
    def since(self) -> int:
        """When it begins (ms)."""
        return now_ms() - self.days * DAY_MS

    def to(self, show: str, **narrowed: Any) -> str:
        """The address of a list."""
        said = asdict(Wanted(show, **narrowed))
        return f"/satisfaction?{urlencode({'days': self.days} | {k: str(v) for k, v in said.items() if v})}#list"


@router.get("/satisfaction")
def shown(request: Request) -> Response:
    """The figures of a period, and one list: what was said by those who were not satisfied, unless another is asked."""
    period = _period(request.query_params)
    rows, n = store.read(partial(satisfaction.listed, since=period.since, wanted=period.wanted, most=MOST))
    return page(
        request,
        "satisfaction.html",
        figures=store.read(partial(satisfaction.figures, since=period.since)),
        period=period,
        periods=PERIODS,
        rows=rows,
        total=n,
        title=TITLES[period.wanted.show],
        narrowed=_narrowed(period.wanted, language_of(request)),
        is_on=rules.survey.on,
        mediums=MEDIUMS,
        origins=ORIGINS,
        scores=SCORES,
        because=partial(_because, language_of(request)),
        percent=percent,
        wilson=wilson,
    )


@router.get("/satisfaction/weeks.svg")
def chart(request: Request) -> Response:
    """The share of satisfied customers by week, with its interval, for light paper or dark, and for a phone."""
    period = _period(request.query_params)
    theme = "dark" if request.query_params.get("theme") == "dark" else "light"
    is_narrow = request.query_params.get("size") == "narrow"
    found = store.read(partial(satisfaction.figures, since=period.since)).by_week
    last = list(found.items())[-(WEEKS_ON_A_PHONE if is_narrow else WEEKS) :]
    spec = _weeks(language_of(request), dict(last), theme)
    drawn = charts.svg(charts.narrow(spec) if is_narrow else spec)
    return Response(drawn, headers=HEADERS, media_type="image/svg+xml")


def _weeks(language: str, weeks: Mapping[date, Mapping[str, Share]], theme: str) -> charts.Spec:
    names = {origin: say(language, title) for origin, title in ORIGINS.items()}
    rows = [
        {"group": promised_day(language, monday.isoformat()), "part": names[origin]} | _point(share)
        for monday, by_origin in weeks.items()
        for origin, share in by_origin.items()
    ]
    titles = (say(language, "Week from"), say(language, "Satisfied"))
    spec = charts.intervals(rows, (names[LINK], names[INTERCOM]), titles, theme)
    spec["encoding"]["x"]["axis"] = {"labelAngle": -40}  # dates stand side by side
    spec["config"]["legend"] |= {"offset": 28}  # above the labels of those who are all satisfied
    return spec


def _point(share: Share) -> dict[str, Any]:
    """Nothing but its place where nobody said anything."""
    low, high = wilson(*share)
    label = f"{share.good}/{share.rated}"
    return {"share": share.good / share.rated, "low": low, "high": high, "label": label} if share.rated else {}


# -- what an address asks for ------------------------------------------------------------------------


def _period(said: Mapping[str, str]) -> Period:
    days = next((period for period in PERIODS if str(period) == said.get("days")), PERIODS[1])
    wanted = Wanted(
        _one_of(said, "show", LISTS) or Wanted.show,
        _one_of(said, "medium", MEDIA),
        _one_of(said, "origin", ORIGINS),
        None,
        said.get("reason", "").replace("\0", "")[:100],
        _one_of(said, "why", NOT_ASKED),
    )
    return Period(days, replace(wanted, week=_week(said.get("week", ""))))


def _one_of(said: Mapping[str, str], name: str, known: Any) -> str:
    """Raises 404 for what is none of these."""
    value = said.get(name, "")
    if value and value not in known:
        raise HTTPException(404)
    return value


def _week(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise HTTPException(404) from None
    if found is not None and not 1970 <= found.year <= 9000:
        raise HTTPException(404)
    return found


def _because(language: str, why: str) -> str:
    """Why somebody was not asked, without saying that they were not."""
    sentence = say(language, not_asked(why))
    said = sentence.partition(": ")[2] or sentence
    return said[:1].upper() + said[1:]


def _narrowed(wanted: Wanted, language: str) -> list[str]:
    """To what the list is narrowed, in words."""
    said = [
        say(language, MEDIUMS[wanted.medium]) if wanted.medium else "",
        say(language, ORIGINS[wanted.origin]) if wanted.origin else "",
        say(language, "week from {day}", day=promised_day(language, wanted.week.isoformat())) if wanted.week else "",
        say(language, wanted.reason),
        _because(language, wanted.why) if wanted.why else "",
    ]
    return [each for each in said if each]
