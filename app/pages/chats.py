"""`/chats/{id}`: what was said in a chat, as we have it, what was made of it, and its end: an operator may erase it.

`/people/{id}.json` is everything that is stored about whoever wrote it, for an operator to hand out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from app.pages.access import asks, person_of, require_same_origin
from app.pages.enquiries import MEDIUMS, TITLES
from app.pages.escalations import business
from app.pages.typed import leads_to
from app.pages.view import language_of, page
from workflows.customer import erasing, erasures, exporting, reach
from workflows.engine.store import now_ms, store
from workflows.escalation import cases as escalations
from workflows.measure import survey_texts
from workflows.overview import chat_story, lives, mail_legs
from workflows.overview.chat_story import Line, Story
from workflows.people.may import ERASE, EXPORT
from workflows.rules import rules
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.enquiry import Enquiry
from workflows.tables.erasure import Erasure
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback
from workflows.wish.wishes import title_of

router = APIRouter()


@dataclass(frozen=True)
class Chat:
    """A chat and all that belongs to it."""

    id: str
    #: None where nothing but its messages is left.
    conversation: Conversation | None
    company: Company | None
    contact: Contact | None
    #: Where it is on the board of enquiries; None where it is not.
    enquiry: Enquiry | None
    story: Story
    wishes: Sequence[Feedback]
    escalations: Sequence[Escalation]
    #: Whether it was asked to be erased.
    erasure: Erasure | None


@router.get("/chats/{id:path}")
def chat(request: Request, id: str, part: str | None = None, before: str | None = None, erase: str = "") -> Response:
    """The chat with this number at Intercom: its end; from a `part` on, or `before` it. `erase=ask`: what would go."""
    found = _found(id, part, before)
    asks = bool(erase) and person_of(request).may(ERASE)
    going = store.read(partial(_going, id)) if asks else None
    known = store.read(partial(lives.of, ids=[wish.id or 0 for wish in found.wishes]))
    facts: dict[str, Any] = {"lives": known, "days": _days(found.story.lines), "titles": title_of}
    words: dict[str, Any] = {
        "sentence_of": chat_story.sentence,
        "not_asked": survey_texts.not_asked,
        "scores": survey_texts.SCORES,
        "mail_of": partial(mail_legs.sentence, medium=found.enquiry.medium if found.enquiry else "", to=found.contact),
        "states": TITLES,
        "mediums": MEDIUMS,
        "ecode": escalations.code,
    }
    words |= {"business": partial(business, language_of(request))}
    return page(request, "chat.html", chat=found, going=going, **facts, **words)


def _days(lines: Sequence[Line]) -> list[tuple[int, list[Line]]]:
    """What was said and done, day by day: a moment of each, and its lines."""
    by_day = groupby(lines, lambda line: rules.calendar.local(line.at).date())
    return [(some[0].at, some) for some in (list(each) for _, each in by_day)]


@router.post("/chats/{id:path}", dependencies=[asks(ERASE), Depends(require_same_origin)])
def erase(request: Request, id: str) -> Response:
    """An operator has seen what goes, and wants it gone."""
    _found(id)
    by = person_of(request).person
    store.write(partial(erasures.ask, kind=erasures.CHAT, id=id, by=by))
    return leads_to(f"/chats/{quote(id)}")


@router.get("/people/{id}.json", dependencies=[asks(EXPORT)])
def person(id: str) -> Response:
    """Everything that is stored about one person, as a file."""
    known = id.isprintable() and store.read(partial(erasures.is_known, kind=erasures.PERSON, id=id))
    if not known:
        raise HTTPException(404)
    headers = {"Content-Disposition": 'attachment; filename="person.json"'}
    return Response(exporting.as_text([exporting.everything(id)]), headers=headers, media_type="application/json")


def _found(id: str, part: str | None = None, before: str | None = None) -> Chat:
    """Raises 404."""
    is_address = all(each is None or each.isprintable() for each in (id, part, before))
    found = store.read(partial(_chat, id, part, before)) if is_address else None
    if found is None:
        raise HTTPException(404)
    return found


def _going(id: str, session: Session) -> dict[str, int]:
    """What would be erased, by what people call it; raw webhooks would take long to be counted."""
    return erasing.count(session, reach.rows(session, reach.Subject(erasures.CHAT, id)))


def _chat(id: str, part: str | None, before: str | None, session: Session) -> Chat | None:
    conversation = session.get(Conversation, id)
    story = chat_story.of_chat(session, id, now_ms(), first=part, before=before)
    if conversation is None and not story.lines:
        return None
    company = conversation.company_id if conversation else None
    contact = conversation.contact_id if conversation else None
    wishes = select(Feedback).where(Feedback.conversation_id == id).order_by(col(Feedback.id))
    raised = select(Escalation).where(Escalation.conversation_id == id).order_by(col(Escalation.id))
    return Chat(
        id,
        conversation,
        session.get(Company, company) if company else None,
        session.get(Contact, contact) if contact else None,
        session.get(Enquiry, id),
        story,
        session.exec(wishes).all(),
        session.exec(raised).all(),
        erasures.found(session, erasures.CHAT, id),
    )
