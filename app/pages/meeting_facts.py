"""What pages show of a wish at the meeting: who asks for it, its weight, what is like it, what was concluded."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from sqlmodel import Session

from app.pages import similar_facts
from app.pages.escalations import MARKS
from app.pages.view import language_of
from workflows.engine.store import now_ms, store
from workflows.language.wording import age, ago, money, promised_day, say
from workflows.meeting import decisions, export, items, news, progress, texts
from workflows.meeting.acts import NEW
from workflows.meeting.items import Item
from workflows.meeting.reasons import REASONS
from workflows.rules import KINDS, rules
from workflows.rules.choices import CONCLUSIONS, DUPLICATE, FINAL, LEVELS, PROMISES, words_of
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback
from workflows.wish import forms, promised
from workflows.wish.promised import Customer
from workflows.wish.wishes import code, is_chat

#: What the agenda may be sorted by, and the letter that chooses a conclusion.
SORTED = {
    "age": "Oldest first",
    "weight": "Highest weight",
    "companies": "Most companies",
    "money": "Highest monthly spend",
    "carried": "Most carried over",
}
LETTERS = {name: each.key for name, each in CONCLUSIONS.items()}
#: So long what was undone stands in the form as it was typed: whoever undoes mostly corrects.
KEPT_MS = 60 * 60 * 1000


@dataclass(frozen=True)
class Place:
    """Which part of the agenda somebody looks at, and in which order; it stands in the address. `on`: a past day."""

    sort: str = "age"
    kind: str = ""
    tier: str = ""
    on: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Place:
        """What an address or a form says; what it does not know is left out."""
        sort, kind = values.get("sort", ""), values.get("kind", "")
        return cls(
            sort=sort if sort in items.SORTS else "age",
            kind=kind if kind in KINDS else "",
            tier=values.get("tier", "").replace("\0", "")[:100],
            on=values.get("on", "") if _end_of(values.get("on", "")) else "",
        )

    @property
    def at(self) -> int:
        """The moment that is looked at: now, or the end of the past day."""
        return _end_of(self.on) or now_ms()

    def address(self, at: int | None = None, path: str = "/triage", **more: object) -> str:
        """The address of this place, with a wish in focus."""
        said = {name: value for name, value in vars(self).items() if value and (name, value) != ("sort", "age")}
        focus = {"at": code(at)} if at else {}
        query = urlencode(focus | said | {name: value for name, value in more.items() if value})
        return f"{path}?{query}" if query else path

    def other(self, **changes: str) -> str:
        """The address of the same with another choice."""
        return replace(self, **changes).address()


def not_past(language: str, day: str) -> str:
    """Why there is no agenda of this day as it was, as a sentence; "" where there is, or none was asked for."""
    if not day or _end_of(day):
        return ""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        return say(language, NO_DAY, day=day[:40])
    return say(language, NOT_OVER, day=promised_day(language, asked.isoformat()))


NO_DAY = "“{day}” is not a date such as 2026-11-20."
NOT_OVER = "No agenda is available for {day}."


def _end_of(day: str) -> int:
    """The last moment of a day that is over; 0 for every other text."""
    try:
        following = date.fromisoformat(day) + timedelta(days=1)
        end = rules.calendar.moment(following) - 1
    except (ValueError, OverflowError):
        return 0
    return end if 0 < end < now_ms() else 0


def tag(language: str) -> str:
    """The name of how things stand at the meeting, as the page's script brings it back."""
    state = f"{language}.{store.read(news.pulse)}"
    return f'"{hashlib.sha256(state.encode()).hexdigest()[:20]}"'


# -- who hears of it ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reach:
    """Whom a conclusion reaches: conversations, notes in Productboard, the support channel, mail (`mail_waits`: one
    after the meeting, about everything)."""

    chats: int
    notes: int
    channel: bool
    mail: bool
    mail_waits: bool


def reach(session: Session, feedback_id: int) -> Reach:
    """Whom a conclusion about this wish reaches."""
    wishes: Sequence[Feedback] = decisions.members(session, feedback_id)
    return Reach(
        chats=len({wish.conversation_id for wish in wishes if is_chat(wish.conversation_id)}),
        notes=sum(1 for wish in wishes if wish.note_id),
        channel=bool(rules.triage.channel or rules.support_channel),
        mail=bool(rules.triage.mail),
        mail_waits=rules.triage.mail_minutes > 0,
    )


@dataclass(frozen=True)
class Done:
    """A decision that was made just now, and whom it reaches."""

    decision: Decision
    quote: str
    reach: Reach

    @property
    def is_pending(self) -> bool:
        """Can it still be taken back?"""
        return self.decision.sent_at is None and self.decision.undone_at is None


def done(session: Session, decision_id: int) -> Done | None:
    """A decision, to be told of; None if there is none."""
    decision = session.get(Decision, decision_id)
    wish = session.get(Feedback, decision.feedback_id) if decision else None
    if decision is None or wish is None:
        return None
    return Done(decision, wish.quote, reach(session, decision.feedback_id))


# -- one wish -------------------------------------------------------------------------------------


def facts(
    request: Request,
    item: Item | None,
    place: Place,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    back: str = "",
) -> dict[str, Any]:
    """What the templates show of the wish in focus; `typed` and `wrong`: what somebody sent that was refused; `back`:
    the page's name, where it is not the meeting's."""
    undone = store.read(partial(_undone, id=item.id)) if item and typed is None and not place.on else {}
    return {
        "item": item,
        "place": place,
        "typed": defaultdict(str, typed or undone),
        "is_restored": bool(undone),
        "wrong": defaultdict(str, wrong or {}),
        **(_about(item, place) if item else {"turn": "", "seen": 0}),
        **_similar(request, item if not place.on else None, back),
        **words(request),
        **(_ages(request, place.at) if place.on else {}),
    }


def _undone(session: Session, id: int) -> dict[str, str]:
    """What was decided last, as somebody had typed it, where that was undone a short while ago."""
    last = next(iter(decisions.history(session, id)), None)
    if last is None or last.undone_at is None or last.undone_at < now_ms() - KEPT_MS or last.conclusion == DUPLICATE:
        return {}
    typed = {"conclusion": last.conclusion, "reason": last.reason, "answer": last.answer}
    return typed | {"issue": "" if last.issue == NEW else last.issue, "tells_all": "yes" if last.tells_all else ""}


def _ages(request: Request, at: int) -> dict[str, Any]:
    """How long something had waited at a past moment, and how long ago it was then."""
    language = language_of(request)
    return {"age": partial(age, language, at), "ago": partial(ago, language, at)}


def _about(item: Item, place: Place) -> dict[str, Any]:
    def look(session: Session) -> dict[str, Any]:
        newest = decisions.newest(session, item.id)
        return {
            "history": decisions.history(session, item.id, place.at)
            if place.on
            else decisions.history(session, item.id),
            "turn": progress.turn(session, item.id),
            "reach": reach(session, item.id),
            "held": newest,
            "seen": newest.id if newest else 0,
            "since": progress.later(session, [item.id], place.at).get(item.id) if place.on else None,
        }

    return store.read(look) | {"issue_title": texts.issue(item)[0]}


def _similar(request: Request, item: Item | None, back: str) -> dict[str, Any]:
    """What is similar, and what was just said not to be; the address says whether more is to be seen."""
    if item is None:
        return {"similar": similar_facts.Similar(), "not_same": None}
    query = request.query_params
    most = similar_facts.MOST if query.get("similar") == "all" else similar_facts.NAMED
    about = query.get("about", "") if query.get("said") == "not-same" else ""
    return {
        "similar": similar_facts.beside(item, language_of(request), most=most, back=back),
        "not_same": store.read(partial(similar_facts.just_now, item=item, about=about)) if about else None,
    }


def words(request: Request) -> dict[str, Any]:
    """What templates need to speak of wishes at the meeting."""
    return {
        "sorted_by": SORTED,
        "letters": LETTERS,
        "marks": MARKS,
        "kinds": KINDS,
        "reasons": [(each, each.words[rules.language]) for each in REASONS],
        "labels": forms.LABELS,
        "three": words_of(LEVELS),
        "term": partial(export.term, language_of(request)),
        "creates": rules.jira_project,
        "final": FINAL,
        "money": partial(money, language_of(request)),
        "promise_words": partial(promise_words, language_of(request)),
    }


def promise_words(language: str, level: str) -> str:
    """What a level lets the customer expect; "" for nothing."""
    return say(language, PROMISES[level].words) if level in PROMISES else ""


# -- asking about a wish --------------------------------------------------------------------------


def answers(request: Request) -> dict[str, Any]:
    """What templates need to ask about a wish: the words of choices, and the approved sentences."""
    return {
        "labels": forms.LABELS,
        "kinds": KINDS,
        "three": words_of(LEVELS),
        "why": forms.WHY,
        "promised": partial(_promised, language_of(request)),
        "nothing": forms.NOTHING,
    }


def _promised(language: str, customer: Customer) -> Sequence[tuple[str, str, str]]:
    """The approved wordings: name, what they let a customer expect, and the sentence to be copied."""
    offered = forms.offered_promises(language)[:-1]
    return [(name, label, promised.sentence(name, customer)) for name, label in offered]
