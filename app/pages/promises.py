"""`/promises`: customers to whom a report is owed; first those to whom there is something to report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from app.pages import meeting_facts
from app.pages.access import person_of, require_agent, require_same_origin
from app.pages.typed import Typed, origin
from app.pages.view import HEADERS, language_of, page
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.language.wording import say
from workflows.rules.choices import FINAL, PROMISES, words_of
from workflows.tables.customer import Contact
from workflows.tables.wish import Feedback
from workflows.telling import answers, conclusion_texts, promises, reports
from workflows.telling.promises import Debt
from workflows.wish import wishes

router = APIRouter()

#: What is shown at once; the longest waits come first.
MOST = 100
#: For so many days, and so many at once, it is shown who was told.
DAYS, MOST_TOLD = 7, 20
REPORTED = "{code}: the report is noted."


@router.get("/promises")
def owed(request: Request, reported: str = "") -> Response:
    """Who is owed a report; `reported`: the wish for which one was noted just now."""
    id = wishes.id_of(reported) if reported else None
    said = say(language_of(request), REPORTED, code=wishes.code(id)) if id else ""
    return _owed(request, said=said)


@router.post("/promises/{name}/report", dependencies=[Depends(require_agent), Depends(require_same_origin)])
def report(request: Request, name: str, typed: Typed) -> Response:
    """A customer was told outside of a chat, or is told nothing, for a reason."""
    id, reader = wishes.id_of(name), person_of(request).person
    wrong = reports.problems(language_of(request), typed)
    if id is None:
        raise HTTPException(404)
    if wrong:
        return _owed(request, status=400, typed=typed, wrong=wrong, about=id)
    words, mark = typed.get("words", ""), origin(typed, reader.id, id)
    if not reports.report(id, how=typed["how"], words=words, by=reader, origin=mark):
        raise HTTPException(404)
    return RedirectResponse(f"/promises?reported={wishes.code(id)}", 303, HEADERS)


def _owed(
    request: Request,
    *,
    status: int = 200,
    said: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    about: int = 0,
) -> Response:
    everything = store.read(promises.owing)
    owing = [[each for each in everything if each.state == name] for name in (promises.DUE, promises.OPEN)]
    due, waiting = (store.read(partial(promises.debts, some=some[:MOST])) for some in owing)
    facts: dict[str, Any] = {
        "due": due,
        "waiting": waiting,
        "totals": tuple(map(len, owing)),
        "lately": store.read(partial(answers.lately, since=now_ms() - DAYS * DAY_MS, most=MOST_TOLD)),
        "days": DAYS,
        "drafts": store.read(partial(_drafts, debts=due)),
        "hows": reports.HOWS,
        "levels": words_of(PROMISES),
        "said": said,
        "about": about,
        "typed": defaultdict(str, typed or {}),
        "wrong": defaultdict(str, wrong or {}),
        **meeting_facts.words(request),
    }
    return page(request, "promises.html", status, **facts)


def _drafts(session: Session, debts: list[Debt]) -> dict[int, str]:
    """What an agent may write to each of these customers."""
    return {debt.voice.feedback_id: debt.draft or _draft(session, debt) for debt in debts}


def _draft(session: Session, debt: Debt) -> str:
    wish = session.get(Feedback, debt.voice.feedback_id)
    if wish is None or debt.decision is None or debt.decision.conclusion not in FINAL:
        return ""
    contact = session.get(Contact, wish.contact_id) if wish.contact_id else None
    return conclusion_texts.draft(debt.decision, [wish], contact or Contact(id="", name=wish.person_name))
