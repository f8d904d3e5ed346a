"""The buttons of an escalation's page: acknowledge, start, assess, close, reopen, hand over, remind.

They are the buttons and forms of Slack, with the same rights, the same checks and the same changes; so every message
in Slack shows what was pressed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.auth import Reader
from app.pages.access import Asks, person_of, require_same_origin
from app.pages.escalation import show, story_of
from app.pages.typed import Typed, leads_to, origin
from app.pages.view import language_of
from integrations.contract import Trouble
from integrations.slack import is_person
from workflows.engine.durable import spawn
from workflows.engine.outcome import Refused
from workflows.escalation import answers, cases, chain, forms, ladder, reminders
from workflows.escalation.answers import DEEDS, LEFT, By, TooLate, name_of
from workflows.language.wording import say
from workflows.people import colleagues, deeds
from workflows.people.may import ANSWER, REMIND
from workflows.tables.escalation import Escalation

router = APIRouter(prefix="/escalations", dependencies=[Depends(require_same_origin)])

REMINDED = "Reminding {name}. The outcome appears below."
REMINDER = "Reminded the owner of {code}."
UNDER_WAY = "This reminder is already being sent."
ASKED_MEANWHILE = "Not reminded: somebody has been reminded since you opened this page. Its history shows who it was."
NOBODY_LEFT = "Not reminded: nobody needs to acknowledge this anymore."
NOT_IN_SLACK = "Sign in with Slack to respond. Reminders are sent there."
NO_ANSWER = "Slack can't be reached right now. Try again in a moment."
NO_ADDRESS = "Nobody in Slack has this email address."


class AsksOwners(Asks):
    """Those who may by their role, and whoever answers for this company."""

    async def allows(self, request: Request, reader: Reader) -> bool:
        """May they do it here?"""
        if reader.may(self.deed):
            return True
        return await run_in_threadpool(chain.is_theirs, reader.person, request.path_params["name"])


answering = Depends(AsksOwners(ANSWER))
#: What becomes of it, given who answers and its number.
Answer = Callable[[By, int], Escalation]


@router.post("/{name}/acknowledge", dependencies=[answering])
def acknowledge(request: Request, name: str, typed: Typed) -> Response:
    """Somebody takes it."""
    return _answered(request, name, typed, "acknowledge", answers.acknowledge)


@router.post("/{name}/start", dependencies=[answering])
def start(request: Request, name: str, typed: Typed) -> Response:
    """Somebody works on it now."""
    return _answered(request, name, typed, "start", answers.begin)


@router.post("/{name}/rearm", dependencies=[answering])
def rearm(request: Request, name: str, typed: Typed) -> Response:
    """Somebody wants to be asked daily again."""
    return _answered(request, name, typed, "rearm", answers.rearm)


@router.post("/{name}/reopen", dependencies=[answering])
def reopen(request: Request, name: str, typed: Typed) -> Response:
    """It was marked as done, and is not."""
    return _answered(request, name, typed, "reopen", answers.reopen)


@router.post("/{name}/judge", dependencies=[answering])
def judge(request: Request, name: str, typed: Typed) -> Response:
    """What the owner thinks of the risk, and what comes next."""
    return _judged(request, name, typed, "judge", forms.TAKING)


@router.post("/{name}/done", dependencies=[answering])
def done(request: Request, name: str, typed: Typed) -> Response:
    """It is done, and how it ended."""
    return _judged(request, name, typed, "done", forms.CLOSING)


def _judged(request: Request, name: str, typed: Typed, verb: str, phase: str) -> Response:
    wrong = forms.wrong_judgement(language_of(request), typed, phase)
    if wrong:
        return show(request, name, 400, form=verb, typed=typed, wrong=wrong)
    return _answered(request, name, typed, verb, lambda by, id: answers.judge(by, id, typed, phase))


@router.post("/{name}/hand-on", dependencies=[answering])
def hand_on(request: Request, name: str, typed: Typed) -> Response:
    """It is somebody else's: one of those whom we met, or whoever has an address in Slack."""
    language = language_of(request)
    person, wrong = _person(language, typed)
    wrong = wrong or forms.wrong_hand_on(language, typed | {"person": person})
    if not wrong and not colleagues.is_member(person):
        wrong = {"person": say(language, LEFT, name=name_of(person))}
    if wrong:
        return show(request, name, 400, form="hand-on", typed=typed, wrong=wrong)
    note = typed.get("note", "")
    return _answered(request, name, typed, "hand-on", lambda by, id: answers.hand_on(by, id, person, note))


def _person(language: str, typed: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Who was chosen, else whose address was typed; and what is wrong with that, by field."""
    address = typed.get("address", "").strip()
    if not address:
        return typed.get("person", ""), {}
    try:
        found = colleagues.with_address(address)
    except Trouble:
        return "", {"address": say(language, NO_ANSWER)}
    return found, {} if found else {"address": say(language, NO_ADDRESS)}


def _answered(request: Request, name: str, typed: Typed, verb: str, answer: Answer) -> Response:
    """Carry it out as Slack's button does; where somebody was quicker, say who, and keep what was typed."""
    id, reader, language = story_of(name).escalation.id or 0, person_of(request).person, language_of(request)
    if not is_person(reader.slack_id):
        return show(request, name, 409, said=say(language, NOT_IN_SLACK), form=verb, typed=typed)
    deeds.told(DEEDS[verb], about=cases.code(id))
    try:
        answer(By(reader.slack_id, origin(typed, reader.id, verb, id), typed.get("seen", "")), id)
    except Refused as refused:
        if not (isinstance(refused, TooLate) and refused.who == reader.slack_id):
            why = say(language, refused.sentence, **refused.facts)
            return show(request, name, 409, said=why, form=verb, typed=typed)
    return leads_to(f"/escalations/{id}?said={verb}")


@router.post("/{name}/remind", dependencies=[Depends(AsksOwners(REMIND))])
def remind(request: Request, name: str, typed: Typed) -> Response:
    """Somebody wants whoever is next to be asked now; says on its page what came of it.

    `asked`: how many had been asked when they read the page. Whoever presses again on it, because an answer got lost,
    does not mean the next person, too.
    """
    language, story = language_of(request), story_of(name)
    found = story.escalation
    if found.state not in ladder.UNFINISHED or found.due_at is None:
        return show(request, name, said=say(language, NOBODY_LEFT))
    if typed.get("asked", str(found.asked)) != str(found.asked):
        return show(request, name, 409, said=say(language, ASKED_MEANWHILE))
    deeds.told(REMINDER, code=cases.code(found.id or 0))
    started = spawn([reminders.run_of(found, at_once=True)])
    person = found.next_person
    called = story.names.get(person, person) if is_person(person) else say(language, "Channel")
    return show(request, name, said=say(language, REMINDED if started else UNDER_WAY, name=called))
