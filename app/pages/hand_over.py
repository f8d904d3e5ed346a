"""`/hand-over`: everything that is open for somebody goes to somebody else, when they leave or are away.

Who and what ─► `/hand-over/confirm`: what will happen, in sentences ─► `/hand-over/{id}`: how far it is, what came of
it, and the button that takes it back. For operators; for what is their own, for everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from app.auth import Reader
from app.pages import forms as sent_forms
from app.pages.access import NOT_YOURS, Asks, person_of, require_same_origin
from app.pages.typed import leads_to, once, origin
from app.pages.view import language_of, page
from integrations.slack import is_person
from workflows.engine.outcome import Refused
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.overview import handing_over, handings
from workflows.overview.handing_over import IN_INTERCOM, KINDS, Part, Who, is_their_own
from workflows.overview.handings import MOVED, OPEN, STAYED, STUCK, Handing, Thing
from workflows.people import colleagues
from workflows.people.may import DESCRIBE, HAND_OVER, REPORT, TEACH, TELL, may
from workflows.people.person import Person

router = APIRouter()

#: Of each kind so many are shown by name.
SHOWN = 20
#: What will happen to each kind.
WILL = {
    "chats": "Conversations assigned to {other} in Intercom: {n}. Closed and snoozed ones stay as they are.",
    "escalations": "Escalations handed over to {other}: {n}. {other} is asked in Slack, and reminders start over.",
    "drafts": "Messages to customers that will wait for {other}: {n}. Nothing is sent by this.",
    "promises": "Reports to customers that {other} will owe: {n}.",
    "backgrounds": "Requests whose background {other} will be asked for: {n}.",
    "companies": "Companies that {other} will answer for: {n}. This counts as set by hand.",
    "answers": "Reusable answers that {other} will look after: {n}.",
}
#: What whoever takes over has to be allowed for each kind; for the others no role is needed.
NEEDS = {"drafts": TELL, "promises": REPORT, "backgrounds": DESCRIBE, "answers": TEACH}
NOBODY = "Choose who takes over."
THE_SAME = "Choose somebody else than the person who hands over."
GONE = "{name} cannot be reached in Slack. Choose somebody else."
NOTHING = "Choose at least one kind of which something is open."
NO_TEAMMATE = "{name} is not a teammate in Intercom. Leave the conversations out, or choose somebody else."
NOT_IN_SLACK = "Sign in with Slack to hand over. Escalations are handed over in your name there."
WRONG = (NOBODY, THE_SAME, GONE, NOTHING, NO_TEAMMATE, NOT_IN_SLACK)


class AsksOneself(Asks):
    """Those who may by their role, and everybody for what is their own, or comes back to them."""

    async def allows(self, request: Request, reader: Reader) -> bool:
        """May they do it here?"""
        if reader.may(self.deed):
            return True
        if id := request.path_params.get("id", ""):
            found = await run_in_threadpool(store.read, partial(handings.find, id=id))
            return found is not None and is_their_own(reader.person, found.giver.id)
        return is_their_own(reader.person, str((await sent_forms.sent(request)).get("from", "")))


handing = [Depends(require_same_origin), Depends(AsksOneself(HAND_OVER))]
#: What was sent, with fields that may be ticked more than once.
Form = Annotated[FormData, Depends(sent_forms.sent)]


@router.get("/hand-over")
def choose(request: Request) -> Response:
    """Who hands over what, and to whom."""
    return show(request, dict(request.query_params), request.query_params.getlist("kind"))


@router.get("/hand-over/confirm")
def confirm(request: Request) -> Response:
    """What will happen, in sentences."""
    asked, kinds = dict(request.query_params), request.query_params.getlist("kind")
    giver = _giver(request, asked)
    receiver, chosen, wrong = _wanted(request, giver, asked, kinds)
    if receiver is None or giver is None or wrong:
        return show(request, asked, kinds, 400, wrong=wrong)
    facts: dict[str, Any] = {"giver": giver, "receiver": receiver, "parts": chosen, "will": WILL}
    facts["beyond"] = _beyond_their_role(receiver, chosen)
    return page(request, "hand_over_confirm.html", once=once(), **facts)


@router.post("/hand-over", dependencies=handing)
def begin(request: Request, form: Form) -> Response:
    """It begins; where something has changed for the worse since it was shown, the first page says so."""
    asked = {name: value for name, value in form.items() if isinstance(value, str)}
    kinds = [str(each) for each in form.getlist("kind")]
    giver, by = _giver(request, asked), person_of(request).person
    id = origin(asked, by.id, kinds).removeprefix("page:")[:16]
    if store.read(partial(handings.find, id=id)) is not None:
        return leads_to(f"/hand-over/{id}")
    receiver, chosen, wrong = _wanted(request, giver, asked, kinds)
    if receiver is None or giver is None or wrong:
        return show(request, asked, kinds, 409, wrong=wrong)
    handings.begin(Handing(id, giver, receiver, by.slack_id or by.id, by.name), chosen)
    return leads_to(f"/hand-over/{id}")


@router.get("/hand-over/{id}")
def result(request: Request, id: str) -> Response:
    """How far it is, and what came of it."""
    return result_of(request, id)


@router.post("/hand-over/{id}/back", dependencies=handing)
def back(request: Request, id: str) -> Response:
    """What was moved goes back."""
    by = person_of(request).person
    try:
        return leads_to(f"/hand-over/{handings.take_back(id, by.slack_id or by.id, by.name)}")
    except Refused as refused:
        return result_of(request, id, 409, said=say(language_of(request), refused.sentence, **refused.facts))


# -- what they share ------------------------------------------------------------------------------


def show(
    request: Request,
    asked: Mapping[str, str],
    kinds: Collection[str] = (),
    status: int = 200,
    *,
    wrong: str = "",
) -> Response:
    """The first page: everything that is open, by kind."""
    giver, reader = _giver(request, asked), person_of(request)
    facts: dict[str, Any] = {
        "giver": giver,
        "parts": store.read(partial(handing_over.parts, giver=giver)) if giver else [],
        "people": store.read(handing_over.people),
        "latest": store.read(partial(handings.latest, deed=HAND_OVER)) if reader.may(HAND_OVER) else [],
        "to": asked.get("to", ""),
        "kinds": KINDS,
        "picked": set(kinds) if "to" in asked else set(KINDS),
        "is_all": reader.may(HAND_OVER),
        "shown": SHOWN,
        "wrong": wrong,
    }
    return page(request, "hand_over.html", status, **facts)


def _giver(request: Request, asked: Mapping[str, str]) -> Who | None:
    """Who hands over: whoever reads, where nobody else is named. Raises 403 for somebody else's, 404 for a stranger."""
    reader = person_of(request)
    named = asked.get("from", "")
    if named and not (reader.may(HAND_OVER) or is_their_own(reader.person, named)):
        raise HTTPException(403, NOT_YOURS)
    found = handing_over.who(named or reader.person.slack_id)
    if named and found is None:
        raise HTTPException(404)
    return found


def _wanted(
    request: Request, giver: Who | None, asked: Mapping[str, str], kinds: Collection[str]
) -> tuple[Who | None, Sequence[Part], str]:
    """Who takes over what of it; and what is wrong with that, in the reader's language."""
    receiver = handing_over.who(asked.get("to", ""))
    if giver is None or receiver is None:
        return None, [], say(language_of(request), NOBODY)
    found = store.read(partial(handing_over.parts, giver=giver))
    chosen = [part for part in found if part.kind in kinds and part.items]
    why = _why_not(giver, receiver, chosen) or ("" if is_person(person_of(request).person.slack_id) else NOT_IN_SLACK)
    return receiver, chosen, say(language_of(request), why, name=receiver.name) if why else ""


def _why_not(giver: Who, receiver: Who, chosen: Sequence[Part]) -> str:
    if giver.id == receiver.id:
        return THE_SAME
    if not colleagues.is_member(receiver.id):
        return GONE
    if not chosen:
        return NOTHING
    needs_intercom = any(part.kind in IN_INTERCOM for part in chosen)
    return NO_TEAMMATE if needs_intercom and not receiver.admin_id else ""


def _beyond_their_role(receiver: Who, chosen: Sequence[Part]) -> set[str]:
    """Kinds of it that whoever takes over may only look at."""
    person = Person(receiver.id, receiver.name, receiver.email, receiver.id)
    return {part.kind for part in chosen if part.kind in NEEDS and not may(person, NEEDS[part.kind])}


def result_of(request: Request, id: str, status: int = 200, *, said: str = "") -> Response:
    """The page of one handing. Raises 404 where there is none, and where it is nothing of whoever reads."""
    found, reader = store.read(partial(handings.find, id=id)), person_of(request)
    if found is None or not (reader.may(HAND_OVER) or _is_in(found, reader)):
        raise HTTPException(404)
    things: list[Thing] = store.read(partial(handings.things_of, handing=found))
    counts = {standing: sum(each.standing == standing for each in things) for standing in (OPEN, MOVED, STAYED, STUCK)}
    may_take_back = reader.may(HAND_OVER) or is_their_own(reader.person, found.giver.id)
    facts = {
        "handing": found,
        "things": {kind: [each for each in things if each.kind == kind] for kind in KINDS},
        "counts": counts,
        "kinds": KINDS,
        "shown": SHOWN,
        "said": said,
        "can_return": not found.back and not counts[OPEN] and counts[MOVED] and may_take_back,
        "returned": store.read(partial(handings.find, id=f"{id}-back")) is not None,
    }
    return page(request, "hand_over_done.html", status, **facts)


def _is_in(found: Handing, reader: Reader) -> bool:
    return any(is_their_own(reader.person, id) for id in (found.giver.id, found.receiver.id, found.by))
