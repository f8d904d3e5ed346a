"""`/companies`: found by a part of their name. `/companies/{id}`: the dossier, for whoever is about to speak to one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app.pages.escalations import words
from app.pages.view import language_of, page
from workflows.customer import owners
from workflows.engine.store import store
from workflows.escalation import lists
from workflows.language.wording import money
from workflows.overview import company_list, dossier
from workflows.rules import rules
from workflows.telling import promises

router = APIRouter()

#: Companies that are listed; how long a name may be that is searched for.
FOUND, LONGEST = 50, 200
#: The curve of temperatures, in its own units: the step from one to the next, and the height of each.
STEP, HEIGHTS = 32, {"low": 44, "medium": 26, "high": 8}


@router.get("/companies")
def search(request: Request, q: str = "") -> Response:
    """Companies whose name holds these letters, or all: those where most waits first."""
    typed = "".join(letter for letter in q if letter.isprintable()).strip()[:LONGEST]
    found = store.read(partial(company_list.listed, typed=typed, most=FOUND + 1))
    names = store.read(partial(lists.names, ids={row.owner for row in found}))
    facts = {"names": names, "money": partial(money, language_of(request)), **words(request)}
    more = len(found) > FOUND
    return page(request, "companies.html", typed=typed, found=found[:FOUND], more=more, **facts)


@router.get("/companies/{id:path}")
def company(request: Request, id: str) -> Response:
    """Everything that matters about one company."""
    found = store.read(partial(dossier.of, company_id=id)) if "\0" not in id else None
    if found is None:
        raise HTTPException(404)
    named = {*found.people.values(), *(each.person for each in (*found.escalations, *found.promises.days))}
    return page(
        request,
        "company.html",
        dossier=found,
        roles=owners.ROLES,
        command=rules.commands["owner"],
        waiting=promises.WORDS,
        curve=curve(found.temperatures),
        names=store.read(partial(lists.names, ids=named)),
        **words(request),
    )


def curve(temperatures: Sequence[tuple[int, str]]) -> tuple[int, str, list[tuple[int, int]]]:
    """A line through how warm it was each time: the picture's width, the line, and its points."""
    points = [(8 + number * STEP, HEIGHTS[warmth]) for number, (_, warmth) in enumerate(temperatures)]
    line = " ".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(points))
    return 16 + STEP * max(len(points) - 1, 0), line, points
