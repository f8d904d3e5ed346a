"""`/drafts`: the messages to customers that wait for somebody's approval, one at a time beside their list.

The page is complete as it comes; with its script the keys fetch `/drafts/one?at=…` instead of a whole page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.auth import Reader
from app.pages.access import person_of
from app.pages.releases import CHIPS
from app.pages.typed import once, with_query
from app.pages.view import language_of, page, piece, render
from workflows.engine.store import now_ms, store
from workflows.language.wording import say, time
from workflows.people.may import LEAD, REPORT, TELL
from workflows.people.person import Person, ids_of
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS, words_of
from workflows.tables.telling import Telling
from workflows.telling import approval, daily, dead_ends, desk, drafts, gathered, reports, waiting
from workflows.telling.desk import Facing

router = APIRouter()

ALL = "all"
#: Drafts that are shown in one list, and whose texts stand on one page to be approved together.
LISTED, TOGETHER = 200, 50
NO_ANSWER = "Intercom can't be reached right now. Try again in a moment."
SAID = {
    "undone": "The message was not sent. It is a draft again.",
    "now": "The message is being sent.",
    "aside": "This customer is not notified. The reason is kept in the ledger.",
    "told": "Recorded that the customer was notified.",
    "taken": "You notify this customer. Record here how you did.",
    "chosen": "The message goes to this person once it is approved.",
}


@router.get("/drafts")
def listed(request: Request, at: str = "", whose: str = "", said: str = "", done: str = "") -> Response:
    """The list and one of them; `done`: what was approved just now."""
    return show(request, at, whose, said=say(language_of(request), SAID.get(said, "")), done=done)


def show(
    request: Request,
    at: str = "",
    whose: str = "",
    status: int = 200,
    *,
    said: str = "",
    done: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The whole page. Raises 404 where there is no such draft."""
    reader = person_of(request)
    people = None if whose == ALL else ids_of(reader.person)
    waiting = store.read(partial(_lists, people=people, is_lead=reader.may(LEAD)))
    chosen = at or (waiting["rows"][0].name if waiting["rows"] else "")
    facing = store.read(partial(facing_of, name=chosen)) if chosen else None
    if at and facing is None:
        raise HTTPException(404)
    facts = one(request, facing, whose, typed=typed, wrong=wrong) | waiting
    facts |= {"said": said, "refused": status >= 400, "chosen": bool(at)}
    facts["done"] = store.read(partial(facing_of, name=done)) if done else None
    return page(request, "drafts.html", status, here="/drafts", **facts)


@router.get("/drafts/one")
def focus(request: Request, at: str = "", whose: str = "") -> Response:
    """The draft in focus alone, for the page's script."""
    facing = store.read(partial(facing_of, name=at))
    if facing is None:
        raise HTTPException(404)
    return piece(request, render(request, "_draft.html", **one(request, facing, whose)))


@router.get("/drafts/together")
def together(request: Request, whose: str = "") -> Response:
    """Every text in full, to be ticked and approved at once."""
    return show_together(request, whose)


def show_together(
    request: Request, whose: str = "", status: int = 200, *, said: str = "", wrong: Mapping[str, str] | None = None
) -> Response:
    """The page of all texts; `wrong`: by a draft's name, why it was not approved."""
    reader = person_of(request)
    people = None if whose == ALL else ids_of(reader.person)

    def read(session: Session) -> tuple[list[Facing], int]:
        waiting = desk.to_do(session, people, is_lead=reader.may(LEAD))
        return desk.facings(session, waiting[:TOGETHER]), len(waiting)

    found, total = store.read(read)
    facts: dict[str, Any] = {"found": [each for each in found if each.is_chat], "total": total, "whose": whose}
    facts |= {"said": said, "refused": status >= 400, "wrong": defaultdict(str, wrong or {}), "mark_of": mark_of}
    return page(request, "drafts_together.html", status, **facts, **_words(request))


def text_of(session: Session, name: str) -> str:
    """What stands in the draft that an address names; "" where there is none."""
    telling = desk.find(session, name)
    return gathered.text(session, telling) if telling else ""


def mark_of(text: str) -> str:
    """What a text was when it was looked at."""
    return sha256(text.encode()).hexdigest()[:20]


def address(at: str = "", whose: str = "", **said: str) -> str:
    """The page with this draft in focus."""
    return with_query("/drafts", {"at": at, "whose": whose, **said})


def following(request: Request, name: str, whose: str) -> str:
    """The draft that comes after this one in the list, else the one before; "" for none."""
    reader = person_of(request)
    people = None if whose == ALL else ids_of(reader.person)
    names = [desk.name_of(each) for each in store.read(partial(desk.to_do, people=people, is_lead=reader.may(LEAD)))]
    at = names.index(name) if name in names else -1
    around = [*names[at + 1 : at + 2], *names[max(at - 1, 0) : max(at, 0)]]
    return around[0] if around else ""


def _lists(session: Session, people: Any, is_lead: bool) -> dict[str, Any]:
    waiting = desk.to_do(session, people, is_lead=is_lead)
    leads = [] if is_lead else desk.for_lead(session, people)
    return {
        "rows": desk.rows(session, waiting[:LISTED]),
        "total": len(waiting),
        "at_lead": desk.rows(session, leads[:LISTED]),
        "outgoing": desk.rows(session, desk.outgoing(session, people)[:LISTED]),
    }


def facing_of(session: Session, name: str) -> Facing | None:
    """The draft that an address names."""
    telling: Telling | None = desk.find(session, name)
    return desk.facing(session, telling) if telling else None


def one(
    request: Request,
    facing: Facing | None,
    whose: str,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the panel of one draft shows."""
    reader, text = person_of(request), (typed or {}).get("text") or (facing.text if facing else "")
    return {
        "facing": facing,
        "whose": whose,
        "text": text,
        "objections": _objections(facing, text, language_of(request)),
        "in_vain": store.read(partial(waiting.in_vain, telling=facing.telling)) if facing else "",
        "sends": sending_words(language_of(request)),
        "is_known": _is_known(reader.person),
        "undo_seconds": rules.sending.undo_seconds,
        "is_later": daily.waits,
        "per_day": rules.sending.per_day,
        "once": once(),
        "typed": defaultdict(str, typed or {}),
        "wrong": defaultdict(str, wrong or {}),
        "place": urlencode({"whose": whose}) if whose else "",
        **_rights(reader, facing),
        **_words(request),
    }


def _rights(reader: Reader, facing: Facing | None) -> dict[str, Any]:
    """What the reader may do with a draft beside approving it, and whom else they may choose."""
    if facing is None or facing.telling.state != drafts.DRAFTED:
        return {"can_take": False, "can_report": False, "others": (), "is_held": False}
    telling, is_theirs = facing.telling, dead_ends.is_theirs(reader.person, facing.name)
    is_taken = telling.held_as == dead_ends.SELF and telling.holder in ids_of(reader.person)
    may_take = is_theirs or (bool(telling.dead_end) and reader.may(TELL))
    return {
        "can_take": may_take and not is_taken and facing.standing != drafts.APPROVED,
        "can_report": is_theirs or reader.may(REPORT),
        "others": store.read(partial(dead_ends.others, telling=telling)),
        "is_held": facing.standing == drafts.WITH_OWNER and approval.is_somebody_elses(telling, ids_of(reader.person)),
    }


def _objections(facing: Facing | None, text: str, language: str) -> list[tuple[str, bool]]:
    if facing is None:
        return []
    return store.read(partial(desk.objections_of, telling=facing.telling, text=text, language=language))


def _words(request: Request) -> dict[str, Any]:
    return {
        "standings": drafts.WORDS,
        "holds": dead_ends.HOLDS,
        "chips": defaultdict(str, CHIPS),
        "hows": reports.HOWS,
        "verdicts": words_of(CONCLUSIONS),
        "longest": approval.LONGEST,
    }


def _is_known(person: Person) -> bool:
    """Are they a teammate in Intercom, as far as that is known?"""
    return any(id not in (person.id, person.slack_id) for id in ids_of(person))


def sending_words(language: str) -> str:
    """When what is approved now goes out: 「30秒後に送信します」, 「11/30(月) 09:00に送信します」."""
    at, soon = approval.moment(), rules.sending.undo_seconds
    if at <= now_ms() + soon * 1000 + 1000:
        return say(language, "Sends {n} s after approval.", n=soon) if soon else say(language, "Sends at once.")
    return say(language, "Sends at {when}.", when=time(language, at))
