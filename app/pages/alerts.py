"""`/alerts`: what was unusual in how many write, and what the past would have alarmed; each with its chart and figures.

What somebody says of an alert here is the same as with its buttons in Slack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import charts
from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import Typed, leads_to, with_query
from app.pages.view import language_of, page
from workflows.engine.store import now_ms, store
from workflows.language.text import shortened, speaking
from workflows.language.wording import say
from workflows.measure import alert, alert_picture, alert_texts, alerts, limit, limits
from workflows.measure.alert_texts import VERDICTS, Told
from workflows.measure.usual import WEEK_MS
from workflows.people import deeds
from workflows.people.may import EXPLAIN
from workflows.rules import rules
from workflows.rules.calendar import DAY_MS
from workflows.tables.measure import Alert, AlertLimit
from workflows.volume import listed as listed_enquiries
from workflows.volume import themes
from workflows.volume.listed import Listed
from workflows.volume.periods import Span

router = APIRouter()
acts = APIRouter(prefix="/alerts", dependencies=[Depends(require_same_origin), asks(EXPLAIN)])

#: What is watched, in the order of the page; alarms of the past that are listed; weeks that are summed up.
WATCHED = {
    limits.MANY: "Too many",
    limits.FEW: "Too few",
    limits.THEMES: "Single themes",
    limits.DRIFT: "Slow rise",
}
#: What is said of the chart of one, and what an answer does, where it is of days.
DRAWN = "Line: enquiries by quarter hour; shaded: expected.", "Line: enquiries by hour; shaded: expected."
NOBODY_SAID = (
    "Nobody has said yet. A fault is marked on the charts; expected mutes until the end of the day; "
    "a false alert raises the limit.",
    "Nobody has said yet. A fault is marked on the charts; expected means no alerts of this kind for two weeks, "
    "until the new level counts as usual; a false alert raises the limit.",
)
MOST, WEEKS = 20, 13
SAID = {
    "judged": "Saved. The message in Slack says so, too.",
    "undone": "Undone. The message in Slack says so, too.",
    "so": "That is so already.",
}
#: What is said of it to those who ask who did what.
TRIED = "Had the past looked through for alerts."


@dataclass(frozen=True)
class Alarm:
    """What the past would have alarmed: from when until when, and of which theme ("" for all)."""

    begins: int
    ends: int
    theme: str

    @property
    def address(self) -> str:
        """Its day on the page of counts, or its week."""
        period = "day" if self.ends - self.begins < DAY_MS else "week"
        day = rules.calendar.local(self.begins).date().isoformat()
        return with_query("/volume", {"period": period, "on": day, "about": self.theme})


@router.get("/alerts")
def listed(request: Request, said: str = "", before: str = "") -> Response:
    """Those that go on, what the past would have alarmed, and all there were: a page from `before` on."""
    with speaking(language_of(request)):
        facts = store.read(partial(_read, before=int(before) if before.isascii() and before.isdigit() else None))
        return page(
            request,
            "alerts.html",
            said=say(language_of(request), SAID.get(said, "")),
            watched=WATCHED,
            weeks=WEEKS,
            wanted=rules.alerts,
            title_of=themes.title,
            **facts,
            **_words(),
        )


def _read(session: Session, before: int | None) -> dict[str, Any]:
    found, known = alerts.listed(session, before), limits.known(session)
    return {
        "standing": [alert_texts.told(session, each) for each in alerts.standing(session)],
        "rows": [alert_texts.told(session, each) for each in found],
        "older": found[-1].id if len(found) == alerts.PAGE else None,
        "quality": Counter(alerts.quality(session, now_ms() - WEEKS * WEEK_MS)),
        "known": known,
        "looking": limit.begun(session),
        "looked": max((row.found_at for row in known.values()), default=None),
        "past": {name: _past(row) for name, row in known.items()},
        "replayed": round(max((row.weeks for row in known.values()), default=0)),
    }


def _past(row: AlertLimit) -> list[Alarm]:
    """The newest first."""
    return [Alarm(*each) for each in sorted(row.alarms, reverse=True)[:MOST]]


def _words() -> Mapping[str, Any]:
    return {
        "headline": alert_texts.headline,
        "lines": alert_texts.lines,
        "grown": alert_texts.grown,
        "judged": alert_texts.judged,
        "verdicts": VERDICTS,
    }


@router.get("/alerts/{name}.svg")
def chart(request: Request, name: str) -> Response:
    """Its chart, as in Slack; each point opens its list."""
    row = store.read(partial(_one, name=name)).alert
    ink = charts.colours(charts.paper(request))
    with speaking(language_of(request)):
        read = partial(alert_picture.specification, alert=row, ink=ink, opens=partial(_listed, row))
        return charts.answer(request, store.read(read))


@router.get("/alerts/{name}")
def one(request: Request, name: str, said: str = "") -> Response:
    """One of them: what grew, samples, what happened before, its chart; and what people say of it."""
    facts = store.read(partial(_one, name=name))
    with speaking(language_of(request)):
        return page(
            request,
            "alert.html",
            facts=facts,
            alert=facts.alert,
            drawn=DRAWN[facts.alert.kind == limits.DRIFT],
            nobody_said=NOBODY_SAID[facts.alert.kind == limits.DRIFT],
            samples=_samples(facts.alert),
            shortened=shortened,
            marks=alert_texts.marks(facts.alert),
            list=_listed(facts.alert, Span(facts.alert.since, facts.alert.loud_at)),
            said=say(language_of(request), SAID.get(said, "")),
            **_words(),
        )


def _samples(alert: Alert) -> list[tuple[str, str, Listed | None]]:
    """Each with what is left of it: a name and an address of its own, and the enquiry as lists show it."""
    ids = [id for id, _url in alert.details.get("samples") or ()]
    known = store.read(partial(listed_enquiries.named, ids=ids))
    return [(*bare, known.get(id)) for bare, id in zip(alert_texts.samples(alert), ids, strict=True)]


def _one(session: Session, name: str) -> Told:
    row = alerts.named(session, name)
    if row is None:
        raise HTTPException(404)
    return alert_texts.told(session, row)


def _listed(row: Alert, span: Span) -> str:
    """Where the enquiries of a stretch are listed."""
    return with_query("/volume/list", {"from": span.begins, "until": span.ends, "about": row.name})


# -- what people say -------------------------------------------------------------------------------


@acts.post("/{name}/verdict")
def judge(request: Request, name: str, typed: Typed) -> Response:
    """Somebody says what it was; "" takes that back."""
    id = store.read(partial(_one, name=name)).alert.id or 0
    verdict = typed.get("verdict", "")
    if verdict not in ("", *VERDICTS):
        raise HTTPException(400)
    deeds.told(alert.SAID_OF if verdict else alert.UNSAID_OF, about=str(id))
    by = person_of(request).person
    is_new = store.write(partial(alert.judged, id=id, verdict=verdict, by=by, now=now_ms()))
    return leads_to(f"/alerts/{id}?said={('judged' if verdict else 'undone') if is_new else 'so'}")


@acts.post("/backtest")
def look_back(request: Request) -> Response:
    """Somebody wants to see what the past would have alarmed, by the rules of now."""
    deeds.told(TRIED)
    limit.start_now()
    return leads_to("/alerts")  # without a #: such an address would not be loaded again by itself


router.include_router(acts)
