"""`/search`: everything that was said, wished, decided or escalated, by any of its words. The address is the search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from app.pages.view import HEADERS, language_of, page
from workflows.customer import chats, companies
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.overview import lives
from workflows.rules import rules
from workflows.search import codes, search
from workflows.search.documents import KINDS, LAST
from workflows.search.search import Hit
from workflows.tables.customer import Company
from workflows.tables.search import Document
from workflows.wish import wishes

router = APIRouter()

#: Results on a page; how long a name may be that is searched for; companies of one name that are offered, and those
#: that stand above what was found.
ROWS, LONGEST, OFFERED, ABOVE = 50, 200, 10, 3
#: What can be found, in the order in which it is offered.
NAMES = {
    "message": "Message in a conversation",
    "note": "Internal note in a conversation",
    "wish": "Request",
    "context": "Background of a request",
    "decision": "Decision and reason",
    "escalation": "Escalation",
}
NO_KIND = "There is no type called “{name}”. Use one of the types listed here."
NO_COMPANY = "No registered company is called “{name}”."
SEVERAL = "Several companies are called “{name}”. Choose one."
NO_DAY = "“{day}” is not a date. Use the format 2026-11-21."
NEVER = "The start date is after the end date, so nothing can match."


@dataclass
class Asked:
    """What somebody searches for, as it was typed; `problems`: what is wrong with a field, by its name."""

    query: str
    kinds: Sequence[str]
    who: str
    company: str
    since: str
    until: str
    before: int
    problems: dict[str, str]
    #: The company that is meant, or those that may be.
    firm: Company | None = None
    firms: Sequence[Company] = ()

    @property
    def is_empty(self) -> bool:
        """Was nothing asked for yet?"""
        return not self.query.strip() and not self.is_filtered

    @property
    def is_narrowed(self) -> bool:
        """Are there words, and something else that has to fit?"""
        return bool(self.query.strip()) and self.is_filtered

    @property
    def is_filtered(self) -> bool:
        """Is there anything beside the words that has to fit?"""
        return bool(self.kinds or self.who or self.company or self.since or self.until)

    @property
    def is_open(self) -> bool:
        """Are the filters to be seen at once?"""
        return self.is_filtered or self.is_empty

    @property
    def everywhere(self) -> str:
        """The address of the same words without anything else."""
        return f"/search?{urlencode({'q': self.query})}"

    def address(self, **others: object) -> str:
        """The same search, changed in some way, as an address."""
        chosen = {"q": self.query, "kind": list(self.kinds), "company": self.company, "who": self.who}
        fields = chosen | {"from": self.since, "until": self.until} | others
        return f"/search?{urlencode([(name, value) for name, value in _pairs(fields) if value])}"


def _pairs(fields: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in fields.items():
        yield from ((name, each) for each in value) if isinstance(value, list) else ((name, value),)


@router.get("/search")
def results(
    request: Request,
    q: str = "",
    kind: Annotated[list[str] | None, Query()] = None,
    company: str = "",
    who: str = "",
    since: Annotated[str, Query(alias="from")] = "",
    until: str = "",
    before: str = "",
) -> Response:
    """What holds all of these words, the newest first; `before` (of the last result) pages on."""
    start = int(before) if before.isascii() and before.isdigit() and len(before) <= len(str(LAST)) else 0
    asked = Asked(
        query=q.replace("\0", ""),
        kinds=_kinds(kind or []),
        who=_clean(who),
        company=_clean(company),
        since=_clean(since),
        until=_clean(until),
        before=min(start, LAST),
        problems={},
    )
    code = "" if asked.is_filtered else codes.read(asked.query)
    if code and (place := store.read(partial(codes.place_of, code=code))):
        return RedirectResponse(place, 303, HEADERS)
    waiting = search.shown(store.read(partial(codes.waiting_for, code=code))) if code and not asked.before else ()
    _judge(asked, language_of(request))
    found = None if asked.is_empty or asked.problems else _found(asked)
    status = 400 if asked.problems else 200
    hits = found.hits if found else ()
    facts = WORDS | {"stages": _stages(hits), "groups": _groups(hits), "above": _companies_above(asked)}
    return page(request, "search.html", status, asked=asked, found=found, key=code, waiting=waiting, **facts)


@dataclass(frozen=True)
class Group:
    """What was found in one place: the messages of one conversation, or one of everything else, the newest first.

    `person`: the customer in the conversation; "" where nobody knows that.
    """

    hits: Sequence[Hit]
    person: str = ""

    @property
    def first(self) -> Document:
        """The newest of it."""
        return self.hits[0].document


def _groups(hits: Sequence[Hit]) -> list[Group]:
    """These results; those in one conversation together, where its newest one stands."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        chat = _chat_of(hit.document)
        found.setdefault(f"chat {chat}" if chat else f"document {hit.document.id}", []).append(hit)
    names = store.read(partial(chats.talkers, ids={_chat_of(hit.document) for hit in hits}))
    return [Group(some, names.get(_chat_of(some[0].document), "")) for some in found.values()]


def _chat_of(document: Document) -> str:
    """The conversation in which a message was found; "" for everything else."""
    place = document.place.partition("#")[0]
    return place.removeprefix(CHAT) if place.startswith(CHAT) else ""


def _companies_above(asked: Asked) -> Sequence[Company]:
    """The companies of the name that was typed: whoever types one most often looks for it."""
    name = asked.query.strip()
    if asked.is_filtered or asked.before or asked.problems or len(name) < 2:
        return ()
    return store.read(partial(companies.named, typed=name, most=ABOVE))


def _stages(hits: Sequence[Hit]) -> dict[str, str]:
    """Where the wishes are that were found, by their address."""
    places = {hit.document.place: wishes.id_of(hit.document.place.removeprefix(WISH)) for hit in hits}
    ids = sorted({id for place, id in places.items() if place.startswith(WISH) and id})
    known = store.read(partial(lives.of, ids=ids)) if ids else {}
    return {place: known[id].words for place, id in places.items() if id in known}


#: How the addresses of wishes and conversations begin.
WISH, CHAT = "/feedback/", "/chats/"


def label(document: Document) -> str:
    """What a result is called: FB-12, E-3, or who talks in a chat; the chat's number where nobody knows that."""
    name = document.place.partition("#")[0].rpartition("/")[2]
    if document.place.startswith("/chats/"):
        return document.company or document.who or name
    return wishes.code(int(name)) if document.place.startswith("/feedback/") and name.isdigit() else name


def in_full(typed: str) -> str:
    """A day as browsers write it; "" where it is none."""
    day = _day(typed)
    return day.isoformat() if day else ""


#: What the page speaks with.
WORDS: dict[str, Any] = {"names": NAMES, "longest": search.LONGEST, "label": label, "day": in_full}


def _clean(text: str) -> str:
    """What somebody typed, without what cannot be typed."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST]


def _kinds(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(cleaned for name in names if (cleaned := _clean(name))))


def _found(asked: Asked) -> search.Results:
    return search.search(
        asked.query,
        kinds=asked.kinds,
        company_id=asked.firm.id if asked.firm else "",
        who=asked.who,
        since=_begin(asked.since),
        until=_begin(asked.until, days=1),
        before=asked.before,
        most=ROWS,
    )


# -- what was asked for ---------------------------------------------------------------------------


def _judge(asked: Asked, language: str) -> None:
    """Say of each field what is wrong with it: nothing that was asked for is left out in silence."""
    say_it = partial(say, language)
    if wrong := search.problem(asked.query):
        asked.problems["q"] = say_it(wrong, most=search.LONGEST, words=search.MOST_WORDS)
    if unknown := [name for name in asked.kinds if name not in KINDS]:
        asked.problems["kind"] = say_it(NO_KIND, name=unknown[0])
    for field, day in (("from", asked.since), ("until", asked.until)):
        if day and _day(day) is None:
            asked.problems[field] = say_it(NO_DAY, day=day)
    if not asked.problems.keys() & {"from", "until"} and asked.since and asked.until and _is_never(asked):
        asked.problems["until"] = say_it(NEVER)
    _judge_company(asked, say_it)


def _is_never(asked: Asked) -> bool:
    return _begin(asked.since) >= _begin(asked.until, days=1)


def _judge_company(asked: Asked, say_it: Any) -> None:
    if not asked.company:
        return
    asked.firm, asked.firms = store.read(partial(_companies, asked.company))
    if asked.firm is None:
        asked.problems["company"] = say_it(SEVERAL if asked.firms else NO_COMPANY, name=asked.company)


def _companies(typed: str, session: Session) -> tuple[Company | None, Sequence[Company]]:
    """The company that is meant by its id or its name; else those that may be."""
    if known := session.get(Company, typed):
        return known, ()
    found = companies.named(session, typed, OFFERED)
    same = [each for each in found if each.name == typed]
    only = same if len(same) == 1 else found
    return (only[0], ()) if len(only) == 1 else (None, found)


def _day(typed: str) -> date | None:
    """2026-11-21, or 2026/11/21 as it is written in Japan; None where it is no day of these times."""
    try:
        day = date.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        return None
    return day if 1971 <= day.year <= 2100 else None


def _begin(typed: str, days: int = 0) -> int:
    """When a day begins, or the one that many days later; 0 where none was typed."""
    day = _day(typed)
    if day is None:
        return 0
    return rules.calendar.moment(day + timedelta(days=days))
