"""`/triage`: the meeting. On the left what is undecided, on the right the wish in focus; both stand in the address.

The page is complete as it comes; with its script the keys fetch `/triage/wish/FB-12` instead of a whole page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import meeting_facts, refused
from app.pages.access import asks
from app.pages.meeting_facts import Place
from app.pages.view import HEADERS, language_of, page, piece, render
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.meeting import export, items, news, progress, to_jira
from workflows.meeting.items import Agenda, Item
from workflows.overview import wish_lists
from workflows.people.may import EXPORT
from workflows.tables.wish import Feedback
from workflows.wish import wishes

router = APIRouter()

#: Wishes in a file: more than any meeting has.
MOST = 20_000
#: What a page says that comes back from a button.
SAID = {
    "undone": "The decision was undone. Nobody was notified.",
    "late": "Not undone: the decision was already sent, or somebody has already undone it.",
    "sent": "The decision is being sent.",
    "merged": "The requests are merged. All customers are kept.",
    "unmerged": "The requests were unmerged.",
    "apart": "They were already unmerged.",
    "same-again": "They may be the same request again.",
    "known": "Nothing changed: this was already said, or the two requests are merged.",
    "unknown": "Nothing to undo: nobody says now that they are not the same request.",
    "asked": "Creating the issue. Reload the page in a moment to see it.",
    "asking": "Jira has not answered yet. We keep trying, and the outcome appears on the request's page.",
    "before": "An issue has already been requested.",
    "named": "The title was changed.",
    "same-name": "This is already the title.",
}


@router.get("/triage")
def meet(request: Request) -> Response:
    """The agenda, and a wish of it; `at` is the one in focus, `on` a past day, `done` what was decided just now."""
    query = request.query_params
    asked = query.get("at", "")
    at = wishes.id_of(asked) if asked else None
    if asked and at is None:
        return show(request, Place.of(query), status=404, said=say(language_of(request), NO_WISH, name=asked[:40]))
    language = language_of(request)
    not_past = meeting_facts.not_past(language, query.get("on", ""))
    if not_past:
        not_past = say(language, "{why} Showing today's agenda.", why=not_past)
    said = not_past or said_of(language, query.get("said", ""), at)
    merged = wishes.id_of(query.get("about", "")) if query.get("said") == "merged" else None
    return show(request, Place.of(query), at, done=number(query.get("done", "")), said=said, merged=merged)


NO_WISH = "“{name}” is not a request. Enter a number such as FB-12."


def number(text: str) -> int:
    """A number in an address; 0 for every other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def said_of(language: str, name: str, id: int | None) -> str:
    """What a page says that comes back from a button; that Jira is asked, only as long as it is."""
    is_over = name in WAITS and not (id and store.read(partial(to_jira.is_under_way, feedback_id=id)))
    return "" if is_over else say(language, SAID.get(name, ""))


#: What is true for a moment only.
WAITS = ("asked", "asking")


def show(
    request: Request,
    place: Place,
    at: int | None = None,
    *,
    done: int = 0,
    merged: int | None = None,
    said: str = "",
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The whole page. Raises 404 where there is no such wish."""
    found = store.read(lambda session: _agenda(session, place, around=at))
    item = _focus(found, at, place)
    if at is not None and item is None:
        raise HTTPException(404)
    facts = meeting_facts.facts(request, item, place, typed=typed, wrong=wrong) | around(found, item, place)
    done_now = store.read(partial(meeting_facts.done, decision_id=done)) if done else None
    facts |= {"found": found, "done": done_now, "said": said, "refused": status >= 400, "chosen": at is not None}
    facts["merged"] = store.read(partial(_merged, merged)) if merged else None
    adopted = wish_lists.Wanted(show=wish_lists.UNISSUED)
    facts["unissued"] = 0 if place.on else store.read(partial(wish_lists.count, wanted=adopted))
    facts |= {"tag": meeting_facts.tag(language_of(request)), "news": store.read(news.latest)}
    if place.on:
        facts["here"] = "/triage/past"  # a past agenda stands in the tab of those
    return page(request, "meeting.html", status, **facts)


def _merged(id: int | None, session: Session) -> Feedback | None:
    """The wish that was merged just now, if it still is."""
    wish = session.get(Feedback, id) if id else None
    return wish if wish and wish.merged_into else None


def _agenda(session: Any, place: Place, around: int | None = None, most: int = items.MOST) -> Agenda:
    return items.agenda(session, place.at, sort=place.sort, kind=place.kind, tier=place.tier, around=around, most=most)


def _focus(found: Agenda, at: int | None, place: Place) -> Item | None:
    """The wish that is asked for, wherever it is; else the first of the agenda."""
    if at is None:
        return found.items[0] if found.items else None
    here = next((item for item in found.items if at in item.weighed.members), None)
    return here or store.read(lambda session: items.item(session, at, place.at))


def around(found: Agenda, item: Item | None, place: Place) -> dict[str, Any]:
    """How far the meeting is, the wishes before and after the one in focus, and other pages of the agenda."""
    decided = store.read(partial(progress.decided, since=found.meeting, at=place.at)) if found.meeting else 0
    position = found.order.index(item.id) if item and item.id in found.order else -1
    ids = [each.id for each in found.items]
    return {
        "decided": decided + found.handled,
        "whole": decided + found.total,
        "before": found.order[position - 1] if position > 0 else 0,
        "after": found.order[position + 1] if 0 <= position < len(found.order) - 1 else 0,
        "earlier": found.order[found.first - 1] if found.first else 0,
        "further": found.order[found.first + len(ids)] if found.first + len(ids) < len(found.order) else 0,
        "later": store.read(partial(progress.later, ids=ids, at=place.at)) if place.on else {},
        "heard_days": items.HEARD_DAYS,
        "heard": [each for each in found.segments if each.heard],
        "tiers": [each.tier for each in found.segments if each.tier],
        "today": export.day(now_ms()),
    }


@router.get("/triage/wish/{name}")
def focus(request: Request, name: str) -> Response:
    """The wish in focus alone, for the page's script."""
    id, place = wishes.id_of(name), Place.of(request.query_params)
    item = store.read(lambda session: items.item(session, id, place.at)) if id else None
    if item is None:
        raise HTTPException(404)
    return piece(request, render(request, "_focus.html", **meeting_facts.facts(request, item, place)))


# -- files ----------------------------------------------------------------------------------------


@router.get("/triage/agenda.md", dependencies=[asks(EXPORT)])
def as_markdown(request: Request) -> Response:
    """The agenda as a text for other tools."""
    if wrong := _not_past(request):
        return wrong
    place = Place.of(request.query_params)
    found = store.read(lambda session: _agenda(session, place, most=MOST))
    text = export.markdown(language_of(request), found, place.at)
    return _file(text.encode(), f"agenda-{export.day(place.at)}.md", "text/markdown; charset=utf-8")


@router.get("/triage/agenda.csv", dependencies=[asks(EXPORT)])
def as_csv(request: Request) -> Response:
    """The agenda as a table."""
    if wrong := _not_past(request):
        return wrong
    place = Place.of(request.query_params)
    found = store.read(lambda session: _agenda(session, place, most=MOST))
    data = export.table(language_of(request), found, place.at)
    return _file(data, f"agenda-{export.day(place.at)}.csv", "text/csv; charset=utf-8")


def _not_past(request: Request) -> Response | None:
    """A file goes on to others: today's agenda is none of another day."""
    why = meeting_facts.not_past(language_of(request), request.query_params.get("on", ""))
    return refused.refuse(request, why, "/triage") if why else None


def _file(data: bytes, name: str, media_type: str) -> Response:
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, headers=headers, media_type=media_type)
