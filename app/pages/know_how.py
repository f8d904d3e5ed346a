"""`/know-how`: the answers to use again, who looks after them, how they are used; `/know-how/{id}`: one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages.access import asks, person_of
from app.pages.typed import once
from app.pages.view import language_of, page
from workflows.customer.fields import LONG
from workflows.engine.store import store
from workflows.enquiry import know_how, know_how_forms
from workflows.enquiry.know_how import Uses
from workflows.enquiry.know_how_forms import TEXTS
from workflows.language.wording import promised_day, say
from workflows.people import colleagues
from workflows.people.may import TEACH
from workflows.people.person import ids_of
from workflows.rules import rules
from workflows.rules.company import KINDS
from workflows.tables.enquiry import KnowHow

router = APIRouter()

#: Answers on a page, and colleagues of whom an owner is chosen.
ROWS, PEOPLE = 200, 500
SAID = {
    "made": "The answer is saved. Colleagues find it from now on.",
    "changed": "The answer is changed.",
    "retired": "The answer is retired. It is no longer offered.",
    "back": "The answer is offered again.",
}
LANGUAGES = {"ja": "Japanese", "en": "English"}
#: Whose answers that are to be looked at again are listed.
DUES = {"mine": "Mine, review due", "all": "Everybody's, review due"}


@dataclass(frozen=True)
class Sought:
    """What the list is narrowed to: words, a language that there is a text in, and those that are due."""

    words: str = ""
    language: str = ""
    due: str = ""

    @classmethod
    def of(cls, words: str, language: str, due: str) -> Sought:
        """What an address asks for; what is none of ours is left out."""
        typed = "".join(letter for letter in words if letter.isprintable()).strip()[:200]
        return cls(typed, language if language in LANGUAGES else "", due if due in DUES else "")

    def among(self, rows: Sequence[KnowHow], owners: Sequence[str]) -> list[KnowHow]:
        """Those of these that are sought."""
        found = [row for row in know_how.matching(rows, self.words) if not self.language or self.language in row.texts]
        if not self.due:
            return found
        return [row for row in found if know_how.is_due(row) and (self.due == "all" or row.owner in owners)]


@router.get("/know-how")
def listed(request: Request, words: str = "", language: str = "", due: str = "") -> Response:
    """The table, and below it those that are retired."""
    sought = Sought.of(words, language, due)
    owners = ids_of(person_of(request).person) if sought.due == "mine" else ()

    def read(session: Session) -> dict[str, Any]:
        rows = sought.among(know_how.in_use(session), owners)
        gone = sought.among(know_how.retired(session), owners)
        shown = [row.id or 0 for row in (*rows[:ROWS], *gone[:ROWS])]
        return {"rows": rows, "gone": gone, "used": know_how.uses_of(session, shown)}

    return page(request, "know_how.html", sought=sought, dues=DUES, most=ROWS, **store.read(read), **words_of(request))


@router.get("/know-how/new", dependencies=[asks(TEACH)])
def new(request: Request) -> Response:
    """The empty form."""
    typed = {"review_on": know_how_forms.in_half_a_year(), "owner": person_of(request).person.slack_id}
    return show(request, None, typed=typed)


@router.get("/know-how/{name}")
def one(request: Request, name: str, said: str = "") -> Response:
    """One of them."""
    return show(request, of(name), said=say(language_of(request), SAID.get(said, "")), undo=said == "retired")


def of(name: str) -> KnowHow:
    """The answer that an address names. Raises 404."""
    found = store.read(partial(know_how.find, name=name))
    if found is None:
        raise HTTPException(404)
    return found


def show(
    request: Request,
    found: KnowHow | None,
    status: int = 200,
    *,
    said: str = "",
    undo: bool = False,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """One answer with what stands in it, or with what somebody typed."""
    filled = dict(typed if typed is not None else _typed(found) if found else {})
    facts: dict[str, Any] = {
        "row": found,
        "said": said,
        "undo": undo,
        "refused": status >= 400,
        "typed": defaultdict(str, filled),
        "wrong": defaultdict(str, wrong or {}),
        "used": store.read(partial(know_how.uses, id=found.id or 0)) if found else Uses(),
        "people": people(found),
        "kinds": KINDS,
        "once": filled.get("once") or once(),
        "longest": {"title": know_how_forms.LONGEST_TITLE, "text": LONG},
    }
    return page(request, "know_how_one.html", status, **facts, **words_of(request))


def people(found: KnowHow | None) -> list[tuple[str, str]]:
    """Who may look after an answer: everybody whom we met, and whoever does so now."""
    here = store.read(partial(colleagues.here, most=PEOPLE))
    is_missing = found is not None and found.owner and found.owner not in dict(here)
    return [*here, *([(found.owner, found.owner_name or found.owner)] if found and is_missing else [])]


def _typed(found: KnowHow) -> dict[str, str]:
    """An answer as its form says it."""
    texts = {name: str(found.texts.get(language, "")) for language, name in TEXTS.items()}
    rest = {"title": found.title, "kind": found.kind, "owner": found.owner, "review_on": found.review_on}
    return texts | rest | {"seen": str(found.changed_at)}


def words_of(request: Request) -> dict[str, Any]:
    """How these pages say things."""
    language = language_of(request)
    return {
        "languages": LANGUAGES,
        "is_due": know_how.is_due,
        "text_in": partial(know_how.text_in, language=language),
        "day_of": partial(promised_day, language),
        "command": rules.commands["answers"],
    }
