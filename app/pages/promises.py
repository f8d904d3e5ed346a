"""`/promises`: all that was promised to customers: reports that are due, promised days, and what these wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import meeting_facts
from app.pages.access import asks, person_of, require_same_origin
from app.pages.escalations import words as escalation_words
from app.pages.meeting import number
from app.pages.typed import Typed, leads_to, once, origin, wish_id
from app.pages.view import language_of, page
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.escalation import lists
from workflows.language.wording import say
from workflows.people.may import REPORT
from workflows.people.person import ids_of
from workflows.rules.choices import FINAL, PROMISES, words_of
from workflows.tables.customer import Contact
from workflows.tables.telling import Report
from workflows.tables.wish import Feedback
from workflows.telling import answers, conclusion_texts, promises, reports
from workflows.telling.promises import Debt
from workflows.wish import wishes

router = APIRouter()

#: For so many days, and so many at once, it is shown who was told.
DAYS, MOST_TOLD = 7, 20
REPORTED = "{code}: report recorded."
UNDONE = "{code}: the report was undone. The customer still needs to be notified."
TOO_LATE = "{code}: could not be undone. It is too late, or somebody already has."
SAID = {"undone": UNDONE, "late": TOO_LATE}


@router.get("/promises")
def owed(request: Request, reported: str = "", said: str = "", about: str = "", whose: str = "") -> Response:
    """What is promised; `reported`: the wish about which a report was noted just now, `about`: the one in question.

    `whose`: "mine" for what the reader promised, or took the request of.
    """
    id, done = wishes.id_of(about), wishes.id_of(reported)
    sentence = SAID.get(said, "") if id else REPORTED if done else ""
    noted = store.read(partial(reports.latest, feedback_id=done)) if done else None
    return _owed(
        request, said=say(language_of(request), sentence, code=wishes.code(id or done)), noted=noted, whose=whose
    )


@router.post("/promises/{name}/report", dependencies=[asks(REPORT), Depends(require_same_origin)])
def report(request: Request, name: str, typed: Typed) -> Response:
    """A customer was told outside of a chat, or is told nothing, for a reason."""
    id, reader = wishes.id_of(name), person_of(request).person
    wrong = reports.problems(language_of(request), typed)
    if id is None:
        raise HTTPException(404)
    if wrong:
        return _owed(request, status=400, typed=typed, wrong=wrong, about=id)
    words, mark = typed.get("words", ""), origin(typed, reader.id, id)
    if reports.report(id, how=typed["how"], words=words, by=reader, origin=mark) is None:
        raise HTTPException(404)
    return leads_to(f"/promises?reported={wishes.code(id)}")


@router.post("/promises/{name}/undo", dependencies=[asks(REPORT), Depends(require_same_origin)])
def undo(request: Request, name: str, typed: Typed) -> Response:
    """A report was noted by mistake."""
    undone = reports.undo(number(typed.get("report", "")), person_of(request).person)
    return leads_to(f"/promises?about={wishes.code(wish_id(name))}&said={'undone' if undone else 'late'}")


def _owed(
    request: Request,
    *,
    status: int = 200,
    said: str = "",
    noted: Report | None = None,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    about: int = 0,
    whose: str = "",
) -> Response:
    people = ids_of(person_of(request).person) if whose == "mine" else None
    found = store.read(partial(promises.outstanding, people=people))
    facts: dict[str, Any] = {
        "found": found,
        "mine": people is not None,
        "waiting": promises.WORDS,
        "names": store.read(partial(lists.names, ids={each.person for each in found.days})),
        "noted": noted if noted and reports.can_be_undone(noted) else None,
        "until": reports.until,
        "once": once(),
        "lately": store.read(partial(answers.lately, since=now_ms() - DAYS * DAY_MS, most=MOST_TOLD)),
        "days": DAYS,
        "drafts": store.read(partial(_drafts, debts=found.due)),
        "hows": reports.HOWS,
        "levels": words_of(PROMISES),
        "said": said,
        "about": about,
        "typed": defaultdict(str, typed or {}),
        "wrong": defaultdict(str, wrong or {}),
        **meeting_facts.words(request),
        **escalation_words(request),
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
