"""`/triage/decided`: what was decided on a day; to be taken back while that is possible, exported, posted in Slack."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.pages import meeting, meeting_facts, refused
from app.pages.access import asks, person_of, require_same_origin
from app.pages.meeting_facts import Place
from app.pages.typed import Typed, leads_to
from app.pages.view import HEADERS, language_of, page
from workflows.engine.store import now_ms, store
from workflows.language.wording import promised_day, say
from workflows.meeting import export, minutes
from workflows.meeting.decided import of as decided_on
from workflows.meeting.decided import posted as decided_posted
from workflows.overview import wish_lists
from workflows.people.may import EXPORT, PUBLISH
from workflows.rules import rules
from workflows.telling import digest_mail

router = APIRouter(prefix="/triage")

#: What the page says when it comes back from a button.
SAID = meeting.SAID | {
    "posted": "Posting the minutes in Slack.",
    "before": "These minutes have already been posted in Slack.",
}


@router.get("/decided")
def decided(request: Request, on: str = "", said: str = "") -> Response:
    """The decisions of a day; today's unless another day is named."""
    day, today, language = _day(on), _today(), language_of(request)
    wrong = _wrong(language, on)
    found = store.read(partial(decided_on, day=day))
    ids = {each.decision.feedback_id for each in found if each.decision.sent_at is None}
    reaches = {id: store.read(partial(meeting_facts.reach, feedback_id=id)) for id in ids}
    facts: dict[str, Any] = {"place": Place(on=day.isoformat() if day != today else ""), "turn": "", "reaches": reaches}
    shown: dict[str, Any] = {
        "found": found,
        "on": day.isoformat(),
        "at": rules.calendar.moment(day),
        "today": today.isoformat(),
        "posted": store.read(partial(decided_posted, day=day)),
    }
    shown |= {"earlier": (day - timedelta(days=1)).isoformat(), "later": (day + timedelta(days=1)).isoformat()}
    shown["unissued"] = store.read(partial(wish_lists.count, wanted=wish_lists.Wanted(show=wish_lists.UNISSUED)))
    said = say(language, "{why} Showing today's decisions.", why=wrong) if wrong else say(language, SAID.get(said, ""))
    return page(request, "decided.html", is_today=day == today, said=said, refused=bool(wrong), **shown, **facts)


@router.get("/minutes.md", dependencies=[asks(EXPORT)])
def as_markdown(request: Request, on: str = "") -> Response:
    """The minutes as a text for other tools."""
    if wrong := _wrong(language_of(request), on):
        return refused.refuse(request, wrong, "/triage/decided")
    day = _day(on)
    text = export.minutes(language_of(request), store.read(partial(decided_on, day=day)), rules.calendar.moment(day))
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="minutes-{day}.md"'}
    return Response(text.encode(), headers=headers, media_type="text/markdown; charset=utf-8")


@router.post("/minutes", dependencies=[asks(PUBLISH), Depends(require_same_origin)])
def post(request: Request, typed: Typed) -> Response:
    """Somebody posts the minutes in Slack, in their name; the mail about them is sent at once as well."""
    if wrong := _wrong(language_of(request), typed.get("on", "")):
        return refused.refuse(request, wrong, "/triage/decided")
    day = _day(typed.get("on", ""))
    said = "posted" if minutes.ask_to_post(day, person_of(request).person) else "before"
    digest_mail.start_now()
    return leads_to(f"/triage/decided?on={day}&said={said}")


NOT_BEGUN = "{day} is in the future."


def _wrong(language: str, text: str) -> str:
    """Why nothing was decided on what an address names, as a sentence; "" for a day that has begun, and for none."""
    if not text or ((day := _date(text)) and day <= _today()):
        return ""
    return (
        say(language, NOT_BEGUN, day=promised_day(language, day.isoformat()))
        if day
        else say(language, meeting_facts.NO_DAY, day=text[:40])
    )


def _day(text: str) -> date:
    """A day that an address names; today where it names none that has begun."""
    day = _date(text)
    return day if day and day <= _today() else _today()


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= date(2000, 1, 1) else None


def _today() -> date:
    return rules.calendar.local(now_ms()).date()
