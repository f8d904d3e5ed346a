"""`/measures`: how soon escalations are acknowledged, and whether judgements of the churn risk come true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app.pages import charts
from app.pages.escalations import business, words
from app.pages.view import language_of, page
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.escalation import measures
from workflows.escalation.measures import Bucket, Case, Outcome
from workflows.language.wording import say
from workflows.rules import rules
from workflows.rules.choices import CHURN_RISKS, words_of

router = APIRouter()

#: The periods that can be chosen, in days.
PERIODS = (30, 90, 365)


@dataclass(frozen=True)
class Risks:
    """What became of the companies, by what was thought first and last; how many judgements cannot be measured."""

    first: Sequence[Outcome]
    last: Sequence[Outcome]
    unmeasured: int
    companies: int
    known_until: str


@router.get("/measures")
def shown(request: Request, days: str = "") -> Response:
    """Every figure with its definition."""
    period, now = _period(days), now_ms()
    found = _cases(period, now)
    groups = measures.groups(found, rules.calendar_of(), rules.escalation_targets, now)
    return page(
        request,
        "measures.html",
        days=period,
        periods=PERIODS,
        total=len(found),
        buckets=[(_label(request, each), each) for each in measures.buckets(found, rules.calendar_of(), now)],
        groups=groups,
        summary=measures.summary(found, groups, rules.calendar_of(), now),
        risks=_risks(),
        horizon=measures.HORIZON.days,
        choices_of_risk=words_of(CHURN_RISKS),
        percent=percent,
        wilson=measures.wilson,
        **words(request),
    )


@router.get("/measures/{name}.svg")
def chart(request: Request, name: str, days: str = "") -> Response:
    """One chart, in the reader's language, for light paper or (`theme=dark`) dark, and (`size=narrow`) for a phone."""
    draw = {"acknowledgement": _acknowledgement, "calibration": _calibration}.get(name)
    if draw is None:
        raise HTTPException(404)
    return charts.answer(request, draw(request, _period(days), charts.paper(request)))


def _period(days: str) -> int:
    return next((period for period in PERIODS if str(period) == days), PERIODS[1])


def _cases(days: int, now: int) -> list[Case]:
    return store.read(partial(measures.cases, since=now - days * DAY_MS))


def _risks() -> Risks:
    found = store.read(measures.opinions)
    left_on, known_until = store.read(measures.churned)
    first, last = measures.first_of(found), measures.last_of(found)
    return Risks(
        measures.outcomes(first, left_on, known_until),
        measures.outcomes(last, left_on, known_until),
        len(last) - len(measures.measurable(last, left_on)),
        len(left_on),
        known_until.isoformat() if known_until else "",
    )


# -- charts ---------------------------------------------------------------------------------------


def _acknowledgement(request: Request, days: int, theme: str) -> charts.Spec:
    _ = partial(say, language_of(request))
    now = now_ms()
    found = measures.buckets(_cases(days, now), rules.calendar_of(), now)
    rows = [(_label(request, each), each.taken, each.running) for each in found]
    return charts.bars(rows, (_("Acknowledged"), _("Awaiting acknowledgement")), _("Escalations"), theme)


def _calibration(request: Request, days: int, theme: str) -> charts.Spec:
    _ = partial(say, language_of(request))
    risks, names = _risks(), (_("first, on acknowledging"), _("last"))
    rows = [*_points(_, names[0], risks.first), *_points(_, names[1], risks.last)]
    return charts.intervals(rows, names, (_("Churn risk, as assessed"), _("Churn rate")), theme)


def _points(_: Callable[..., str], name: str, found: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What a chart shows of these: nothing where nothing can be measured, but its place."""
    return [{"group": _(CHURN_RISKS[each.risk].words), "part": name} | _point(each) for each in found]


def _point(each: Outcome) -> dict[str, Any]:
    label = f"{each.left}/{each.n}"
    return {"share": each.share, "low": each.low, "high": each.high, "label": label} if each.n else {}


def _label(request: Request, bucket: Bucket) -> str:
    """What a bucket is called."""
    language = language_of(request)
    if bucket.minutes is None:
        return say(language, "more than one business day")
    if bucket.minutes > measures.MINUTES[-1]:
        return say(language, "up to one business day")
    return say(language, "up to {length}", length=business(language, bucket.minutes))


def percent(hits: int, n: int) -> str:
    """83%; a dash where there is nothing to divide."""
    return f"{100 * hits / n:.0f}%" if n else "—"
