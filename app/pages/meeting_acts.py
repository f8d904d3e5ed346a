"""The buttons of the meeting, on its own page and on a wish's: decide, take back, merge, take apart, an issue."""

from __future__ import annotations

import re

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.pages import meeting
from app.pages.access import asks, person_of, require_same_origin
from app.pages.meeting_facts import Place
from app.pages.typed import Typed, leads_to, origin, wish_id, with_query
from app.pages.view import language_of
from workflows.engine.outcome import Refused
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.meeting import acts, items, to_jira
from workflows.people import deeds
from workflows.people.may import CORRECT, DECIDE
from workflows.rules import rules
from workflows.rules.choices import ADOPT, DUPLICATE
from workflows.wish import issues, naming, wishes
from workflows.wish.similar import refused as refused_pairs

router = APIRouter(prefix="/triage", dependencies=[Depends(require_same_origin)])

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,30}-\d{1,9}", re.ASCII)
NO_KEY = "Enter an issue key such as {example}."
#: What is kept of whoever undid a decision.
TOOK_BACK = "Undid a decision: {about}."


@router.post("/{name}/decide", dependencies=[asks(DECIDE)])
def decide(request: Request, name: str, typed: Typed) -> Response:
    """Somebody concludes something; the focus goes to the next wish."""
    id, place, language = wish_id(name), Place.of(typed), language_of(request)
    wrong, into = acts.problems(language, typed), wishes.id_of(typed.get("into", ""))
    if typed.get("conclusion") == DUPLICATE and into is None:
        wrong["into"] = wrong.get("into") or say(language, meeting.NO_WISH, name=typed.get("into", "")[:40])
    issue = _issue(typed)
    if issue not in ("", acts.NEW) and not KEY.fullmatch(issue):
        wrong["issue"] = say(language, NO_KEY, example=f"{rules.jira_project or 'KEY'}-12")
    if wrong:
        return meeting.show(request, place, id, status=400, typed=typed, wrong=wrong)
    following = _following(id, place)
    try:
        decision = acts.decide(
            id,
            conclusion=typed["conclusion"],
            reason=typed["reason"],
            answer=typed.get("answer", ""),
            into_id=into,
            tells_all=typed.get("tells_all") == "yes",
            issue=issue,
            seen=meeting.number(typed.get("seen", "")),
            sure=typed.get("sure") == "yes",
            by=person_of(request).person,
            origin=origin(typed, person_of(request).person.id, id),
        )
    except Refused as refused:
        return _refused(request, place, id, refused, typed, field="into")
    return leads_to(place.address(following or id, done=decision.id))


def _issue(typed: Typed) -> str:
    """The issue that an adopted wish is to have: a key as it was typed, a new one, or none."""
    if typed.get("conclusion") != ADOPT:
        return ""
    return acts.NEW if "create" in typed and rules.jira_project else typed.get("issue", "").strip()


def _following(id: int, place: Place) -> int | None:
    """The wish that comes after this one, else the one before."""
    order = store.read(
        lambda session: items.agenda(session, place.at, sort=place.sort, kind=place.kind, tier=place.tier, most=0)
    ).order
    at = order.index(id) if id in order else -1
    around = [*order[at + 1 : at + 2], *order[max(at - 1, 0) : max(at, 0)]]
    return around[0] if around else None


@router.post("/{name}/undo", dependencies=[asks(DECIDE)])
def undo(request: Request, name: str, typed: Typed) -> Response:
    """Take a decision back before anybody has heard of it."""
    deeds.told(TOOK_BACK, about=name)
    undone = acts.undo(meeting.number(typed.get("decision", "")), person_of(request).person)
    return _back(typed, wish_id(name), "undone" if undone else "late")


@router.post("/{name}/send", dependencies=[asks(DECIDE)])
def send(request: Request, name: str, typed: Typed) -> Response:
    """Let people hear of a decision now."""
    sent = acts.send_now(meeting.number(typed.get("decision", "")))
    return _back(typed, wish_id(name), "sent" if sent else "late")


@router.post("/{name}/merge", dependencies=[asks(DECIDE)])
def merge(request: Request, name: str, typed: Typed) -> Response:
    """Make this wish one with the one that is named."""
    id, into = wish_id(name), wishes.id_of(typed.get("into", ""))
    place, language = Place.of(typed), language_of(request)
    if into is None:
        wrong = {"merge-into": say(language, meeting.NO_WISH, name=typed.get("into", "")[:40])}
        return meeting.show(request, place, _focused(typed, id), status=400, typed=_merging(typed), wrong=wrong)
    reader = person_of(request).person
    following, sure = _following(id, place), typed.get("sure") == "yes"
    try:
        root = acts.merge(id, into, by=reader, origin=origin(typed, reader.id, id), sure=sure)
    except Refused as refused:
        return _refused(request, place, _focused(typed, id), refused, _merging(typed), field="merge-into")
    # A form that comes once more, after the wishes were taken apart again, merges nothing.
    if store.read(lambda session: issues.root_of(session, id)) != root:
        return _back(typed, id, "apart")
    if typed.get("back") in ("wish", "similar"):
        return _back(typed, id, "merged", about=id if typed["back"] == "similar" else 0)
    return leads_to(place.address(following or root, said="merged", about=id))


@router.post("/{name}/unmerge", dependencies=[asks(DECIDE)])
def unmerge(request: Request, name: str, typed: Typed) -> Response:
    """Take this wish apart from the one that it is in."""
    apart = acts.unmerge(wish_id(name), person_of(request).person)
    return _back(typed, _focused(typed, wish_id(name)), "unmerged" if apart else "apart")


@router.post("/{name}/not-same", dependencies=[asks(DECIDE)])
def not_same(request: Request, name: str, typed: Typed) -> Response:
    """This wish and the other one are not the same: neither is offered for the other any more."""
    id, other = wish_id(name), wish_id(typed.get("other", ""))
    is_new = refused_pairs.refuse(id, other, by=person_of(request).person)
    return _back(typed, _focused(typed, id), "not-same" if is_new else "known", about=other if is_new else 0)


@router.post("/{name}/same-again", dependencies=[asks(DECIDE)])
def same_again(request: Request, name: str, typed: Typed) -> Response:
    """That was a slip: they may be the same after all."""
    id, other = wish_id(name), wish_id(typed.get("other", ""))
    undone = refused_pairs.allow(id, other, by=person_of(request).person)
    return _back(typed, _focused(typed, id), "same-again" if undone else "unknown")


@router.post("/{name}/title", dependencies=[asks(CORRECT)])
def title(request: Request, name: str, typed: Typed) -> Response:
    """Somebody calls this wish by another title."""
    id, reader = wish_id(name), person_of(request).person
    if wrong := naming.problems(language_of(request), typed):
        return meeting.show(request, Place.of(typed), id, status=400, typed=typed, wrong=wrong)
    renamed = naming.rename(id, typed, by=reader, origin=origin(typed, reader.id, id))
    return _back(typed, id, "named" if renamed else "same-name")


@router.post("/{name}/issue", dependencies=[asks(DECIDE)])
def issue(request: Request, name: str, typed: Typed) -> Response:
    """Create an issue in Jira for this wish, or link one that exists; what comes of it appears on the page."""
    id, reader = wish_id(name), person_of(request).person
    try:
        if "create" in typed and rules.jira_project:
            return _back(typed, id, "asked" if to_jira.ask_to_create(id, reader) else "before")
        return _link(request, typed, id, typed.get("key", "").strip())
    except Refused as refused:
        return _refused(request, Place.of(typed), id, refused, typed, field="key")


def _link(request: Request, typed: Typed, id: int, key: str) -> Response:
    if not KEY.fullmatch(key):
        wrong = {"key": say(language_of(request), NO_KEY, example=f"{rules.jira_project or 'KEY'}-12")}
        return meeting.show(request, Place.of(typed), id, status=400, typed=typed, wrong=wrong)
    there = to_jira.exists(key)
    if there is False:
        wrong = {"key": say(language_of(request), to_jira.HIDDEN, key=key.upper())}
        return meeting.show(request, Place.of(typed), id, status=400, typed=typed, wrong=wrong)
    to_jira.ask_to_link(id, key, person_of(request).person)
    return _back(typed, id, "asked" if there else "asking")


def _focused(typed: Typed, id: int) -> int:
    """The wish on whose page the button was."""
    return wishes.id_of(typed.get("at", "")) or id


def _back(typed: Typed, id: int, said: str, about: int = 0) -> Response:
    """To the page on which the button was; `about`: the other wish, where what is said is about two."""
    other = wishes.code(about) if about else ""
    facts = {"said": said, "about": other}
    match typed.get("back"):
        case "decided":
            return leads_to(Place.of(typed).address(path="/triage/decided", said=said))
        case "wish":
            return leads_to(with_query(f"/feedback/{id}", facts))
        case "similar":
            return leads_to(with_query(f"/wishes/{wishes.code(id)}/similar", facts))
    return leads_to(Place.of(typed).address(id, said=said, about=other))


def _merging(typed: Typed) -> dict[str, str]:
    """What was typed to merge, under a name of its own: the decision's form asks for a wish as well."""
    return {"merge-into": typed.get("into", "")}


def _refused(
    request: Request, place: Place, id: int, refused: Refused, typed: dict[str, str], *, field: str
) -> Response:
    """Say why not, at `field` where that is what is wrong; what was typed is kept."""
    said = say(language_of(request), refused.sentence, **refused.facts)
    into = wishes.id_of(typed.get(field, ""))
    is_there = (
        into is not None and refused.sentence in acts.ABOUT_INTO and refused.facts.get("code") == wishes.code(into)
    )
    if isinstance(refused, acts.Doubtful):
        typed, is_there = typed | {"doubt": field}, True
    wrong = {field: said} if is_there else {}
    return meeting.show(request, place, id, status=409, said="" if wrong else said, typed=typed, wrong=wrong)
