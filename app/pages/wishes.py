"""`/wishes/new`: a wish that came by phone or mail, filed by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from app.pages.access import asks, person_of, require_same_origin
from app.pages.meeting_facts import answers
from app.pages.typed import Typed, once, origin
from app.pages.view import HEADERS, language_of, page
from integrations.slack.views import Option
from workflows.customer import companies as customer_companies
from workflows.customer.fields import CHAT
from workflows.engine.store import store
from workflows.language import titles
from workflows.language.wording import say
from workflows.people.may import FILE
from workflows.rules import rules
from workflows.wish import filing, forms, promised

router = APIRouter()

#: Companies that are offered for what was typed of a name.
OFFERED = 12
WHICH = "Several companies match. Choose one, or add a new company."
IS_NEW = "No company with this name is registered. Add it as a new company, or correct the name."


@router.get("/wishes/new", dependencies=[asks(FILE)])
def blank(request: Request) -> Response:
    """The form."""
    return _form(request, {"kind": "wish", "source": "phone"})


@router.post("/wishes/new", dependencies=[asks(FILE), Depends(require_same_origin)])
def file(request: Request, typed: Typed) -> Response:
    """Somebody files what they heard on the phone or read in a mail; leads to the wish."""
    wrong = filing.problems(language_of(request), typed)
    offered = _offered(request, typed) if "company" not in wrong else []
    company = customer_companies.certain(offered, typed.get("company", ""), typed.get("company_is", ""))
    if not company and "company" not in wrong:
        wrong["company"] = say(language_of(request), WHICH if len(offered) > 1 else IS_NEW)
    if wrong:
        return _form(request, typed, wrong, 400, offered)
    reader = person_of(request).person
    id = filing.by_hand({**typed, "company": company}, by=reader, origin=origin(typed, reader.id))
    return RedirectResponse(f"/feedback/{id}?said=filed", 303, HEADERS)


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
