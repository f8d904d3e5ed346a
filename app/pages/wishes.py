"""`/wishes/new`: a wish that came by phone or mail, filed by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlmodel import Session

from app.pages import similar_facts
from app.pages.access import NOT_YOURS, asks, person_of, require_same_origin
from app.pages.meeting import NO_WISH
from app.pages.meeting_facts import answers
from app.pages.typed import Typed, once, origin
from app.pages.view import HEADERS, language_of, page
from integrations.slack.views import Option
from workflows.customer import companies as customer_companies
from workflows.customer.fields import CHAT
from workflows.engine.outcome import Refused
from workflows.engine.store import store
from workflows.language import titles
from workflows.language.wording import say
from workflows.meeting import acts
from workflows.people import deeds
from workflows.people.deeds import PAGE, Act
from workflows.people.may import DECIDE, FILE
from workflows.people.person import Person
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS, FINAL
from workflows.tables.wish import Feedback
from workflows.wish import filing, forms, issues, promised
from workflows.wish.wishes import code, id_of

router = APIRouter()

#: Companies that are offered for what was typed of a name.
OFFERED = 12
WHICH = "Several companies match. Choose one, or add a new company."
#: What was decided about the request that is said to be the same is told to this customer as well.
IS_CONCLUDED = "{into} already has a decision: {kind}. This customer will be notified, too."
IS_NEW = "No company with this name is registered. Add it as a new company, or correct the name."


@router.get("/wishes/new", dependencies=[asks(FILE)])
def blank(request: Request) -> Response:
    """The form."""
    return _form(request, {"kind": "wish", "source": "phone"})


@router.post("/wishes/new", dependencies=[asks(FILE), Depends(require_same_origin)])
def file(request: Request, typed: Typed) -> Response:
    """Somebody files what they heard on the phone or read in a mail, perhaps as the same that somebody else asked for;
    leads to the wish. `look`: they only want to see what is similar.
    """
    if "look" in typed:
        return _form(request, typed)
    wrong = filing.problems(language_of(request), typed) | _wrong_same(request, typed)
    offered = _offered(request, typed) if "company" not in wrong else []
    company = customer_companies.certain(offered, typed.get("company", ""), typed.get("company_is", ""))
    if not company and "company" not in wrong:
        wrong["company"] = say(language_of(request), WHICH if len(offered) > 1 else IS_NEW)
    if wrong:
        return _form(request, typed, wrong, 400, offered)
    reader = person_of(request).person
    id = filing.by_hand({**typed, "company": company}, by=reader, origin=origin(typed, reader.id))
    said = _made_one(id, typed, reader) if typed.get("same") else "filed"
    return RedirectResponse(f"/feedback/{id}?said={said}", 303, HEADERS)


def _wrong_same(request: Request, typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the request that somebody says is the same. Raises 403 for whoever may not merge."""
    said, language = typed.get("same", "").strip(), language_of(request)
    if not said:
        return {}
    if not person_of(request).may(DECIDE):
        raise HTTPException(403, NOT_YOURS)
    root = store.read(partial(_root, id=id_of(said)))
    if root is None:
        return {"same": say(language, NO_WISH, name=said[:40])}
    if root.conclusion in FINAL and typed.get("sure") != "yes":
        return {"same": say(language, IS_CONCLUDED, into=code(root.id), kind=CONCLUSIONS[root.conclusion].words)}
    return {}


def _root(session: Session, id: int | None) -> Feedback | None:
    """The request in which this one ended up."""
    root = issues.root_of(session, id) if id is not None else None
    return session.get(Feedback, root) if root is not None else None


def _made_one(id: int, typed: Mapping[str, str], by: Person) -> str:
    """Merge what was filed into the one that is the same, as a deed of its own; returns what is said of it. What was
    filed stays filed, should the other one be gone by now."""
    with deeds.at(Act(by, DECIDE, PAGE, about=code(id))), suppress(Refused):
        acts.merge(id, id_of(typed["same"]) or 0, by=by, origin=origin(typed, by.id, id))
    # A form that comes once more, after the requests were taken apart again, merges nothing.
    return "filed" if store.read(partial(issues.root_of, feedback_id=id)) == id else "filed-same"


def _offered(request: Request, typed: Mapping[str, str]) -> Sequence[Option]:
    """The companies that Slack's form would offer for the name that was typed; the last may be a new one."""
    offered = customer_companies.companies(language_of(request), typed["company"], OFFERED)
    return [(value, name) for value, name in offered if not value.startswith(CHAT)]


def _form(
    request: Request,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    offered: Sequence[Option] = (),
) -> Response:
    facts = {
        "typed": defaultdict(str, typed),
        "wrong": defaultdict(str, wrong or {}),
        "once": typed.get("once") or once(),
        "sources": filing.SOURCES,
        "about_title": forms.TITLE,
        "customer": _customer(typed),
        "offered": offered,
        "similar": similar_facts.of_text(typed.get("quote", ""), language_of(request), typed.get("same", "")),
        **{"place": None, "turn": ""},
    }
    return page(request, "wish_new.html", status, **facts, **answers(request))


def _customer(typed: Mapping[str, str]) -> promised.Customer:
    """Who is to hear a sentence, as far as the form says it."""
    return promised.speaker(typed.get("person", ""), typed.get("quote", ""), typed.get("source", ""))


@router.post("/wishes/proposals", dependencies=[asks(FILE), Depends(require_same_origin)])
def proposals(typed: Typed) -> Response:
    """What a form that is being filled in makes of it: the title, and the sentence of each promise."""
    sentences = {each.name: promised.sentence(each.name, _customer(typed)) for each in rules.promises}
    return JSONResponse({"title": titles.proposed(typed.get("quote", "")), "sentences": sentences}, headers=HEADERS)


@router.get("/wishes/companies", dependencies=[asks(FILE)])
def companies(q: str = "") -> Response:
    """Companies whose name holds these letters, for the form's script."""
    typed = "".join(letter for letter in q if letter.isprintable()).strip()[:200]
    found = store.read(partial(customer_companies.named, typed=typed, most=OFFERED)) if typed else []
    return JSONResponse([company.name for company in found], headers=HEADERS)
