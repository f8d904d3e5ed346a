"""`/escalations`: what waits for somebody, and what is over; `/escalations/{id}`: one of them, and its timeline."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.auth import Reader
from app.pages.access import Asks, person_of, require_same_origin
from app.pages.view import language_of, page
from integrations.slack import is_person
from workflows.engine.durable import spawn
from workflows.engine.store import now_ms, store
from workflows.escalation import cases, chain, forms, ladder, lists, reminders, timeline
from workflows.escalation.texts import STATES
from workflows.language.wording import say
from workflows.people import deeds
from workflows.people.may import REMIND
from workflows.rules import rules
from workflows.rules.choices import LEVELS, URGENCIES

router = APIRouter()

#: Rows on a page of what is over.
ROWS = 50
REMINDED = "Reminding {name}. The outcome appears below."
REMINDER = "Reminded the owner of {code}."
UNDER_WAY = "This reminder is already being sent."
NOBODY_LEFT = "Not reminded: nobody needs to acknowledge this anymore."
#: What stands beside the words of a choice, for those who compare at a glance.
MARKS = {name: each.mark for name, each in (URGENCIES | LEVELS).items()}


@router.get("/escalations")
def listed(request: Request, who: str = "", urgency: str = "", before: str = "") -> Response:
    """What waits, by state and how far past its target; `before` (of the last row) pages on through what is over."""
    urgency = urgency if urgency in URGENCIES else ""
    who = who if who.isprintable() else ""
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else 0
    over = store.read(partial(lists.over, person=who, urgency=urgency, before=start, most=ROWS + 1))
    waiting = [] if start else store.read(partial(lists.waiting, now=now_ms(), person=who, urgency=urgency))
    shown = [*(row.escalation for row in waiting), *over]
    facts: dict[str, Any] = {
        "groups": [(state, [row for row in waiting if row.escalation.state == state]) for state in ladder.UNFINISHED],
        "over": over[:ROWS],
        "more": len(over) > ROWS,
        "start": start,
        "who": who,
        "urgency": urgency,
        "people": store.read(lists.people),
        "total": store.read(lists.count),
        "names": store.read(partial(lists.names, ids=_named(shown))),
        "command": rules.commands["escalate"],
    }
    return page(request, "escalations.html", **facts, **words(request))


def _named(shown: list[Any]) -> set[str]:
    return {person for each in shown for person in (each.person, each.next_person, each.done_by)}


@router.get("/escalations/{name}")
def escalation(request: Request, name: str) -> Response:
    """The timeline of E-12, asked for as 12 or E-12."""
    return _escalation(request, name)


class AsksToRemind(Asks):
    """Those who may, and whoever answers for this company."""

    async def allows(self, request: Request, reader: Reader) -> bool:
        """May they ask the next person now?"""
        return reader.may(self.deed) or await run_in_threadpool(_answers, request.path_params["name"], reader)


def _answers(name: str, reader: Reader) -> bool:
    story = _found(name)
    return story is not None and may_remind(reader, story)


def may_remind(reader: Reader, story: timeline.Story) -> bool:
    """May they ask the next person now?"""
    return chain.may_answer(reader.person, story.escalation, REMIND)


@router.post("/escalations/{name}/remind", dependencies=[Depends(AsksToRemind(REMIND)), Depends(require_same_origin)])
def remind(request: Request, name: str) -> Response:
    """Somebody wants whoever is next to be asked now; says on its page what came of it."""
    found = _story(name).escalation
    if found.state not in ladder.UNFINISHED or found.due_at is None:
        return _escalation(request, name, NOBODY_LEFT)
    deeds.told(REMINDER, code=cases.code(found.id or 0))
    started = spawn([reminders.run_of(found, at_once=True)])
    return _escalation(request, name, REMINDED if started else UNDER_WAY)


def _found(name: str) -> timeline.Story | None:
    id = cases.id_of(name)
    return store.read(partial(timeline.story, escalation_id=id)) if id is not None else None


def _story(name: str) -> timeline.Story:
    """Raises 404."""
    story = _found(name)
    if story is None:
        raise HTTPException(404)
    return story


def _escalation(request: Request, name: str, said: str = "") -> Response:
    story = _story(name)
    facts: dict[str, Any] = {
        "story": story,
        "names": story.names,
        "late": lists.lateness(story.escalation, now_ms()),
        "target": rules.escalation_targets[story.escalation.urgency],
        "said": say(language_of(request), said, name=_next(request, story)),
        "is_watched": story.escalation.state in ladder.UNFINISHED,
        "may_remind": may_remind(person_of(request), story),
    }
    return page(request, "escalation.html", **facts, **words(request))


def _next(request: Request, story: timeline.Story) -> str:
    person = story.escalation.next_person
    is_somebody = is_person(person)
    return story.names.get(person, person) if is_somebody else say(language_of(request), "Channel")


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
    """A length of business time: hours from one hour on, never days, because these have other lengths."""
    if minutes < 60:
        return say(language, "{n} min", n=minutes)
    return say(language, "{n} h", n=minutes // 60)
