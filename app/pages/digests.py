"""`/digests`: what digests there are and what today's would say, to choose and to stop; what a week brought.

`/unsubscribe/…` is open to whoever has the link in a mail: opening it stops nothing, its button does, and so does the
one click of a mailbox (RFC 8058), which posts and knows no form of ours.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import Typed, leads_to, one_of
from app.pages.view import language_of, page
from workflows.engine.store import now_ms, store
from workflows.language import wording
from workflows.language.text import speaking
from workflows.measure import digest_texts, digests, moments, subscriptions, week
from workflows.measure.digests import Digest
from workflows.measure.moments import DAILY, KINDS, WEEKLY
from workflows.measure.subscriptions import CHATWORK, MAIL, SLACK
from workflows.people import deeds
from workflows.people.may import SUBSCRIBE
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS, words_of
from workflows.tables.measure import Subscription
from workflows.volume import themes

router = APIRouter(prefix="/digests")
#: Open to everybody who has a link.
doors = APIRouter()

TITLES = digest_texts.TITLES
ABOUT = {
    DAILY: "What is open: waiting customers, escalations, reports due, promised dates, who has yet to be notified.",
    WEEKLY: "What the past seven days brought: decisions, releases, notified customers, what enquiries were about.",
}
WAY_NAMES = {SLACK: "Direct message in Slack", MAIL: "Email", CHATWORK: "Chatwork"}
SAID = {"chosen": "You get this digest from now on.", "stopped": "This digest is stopped."}
CHOSEN, ENDED = "Chose {about}.", "Stopped {about}."
#: Of a list of a week so many are shown.
MOST = 200


@router.get("")
def shown(request: Request, said: str = "") -> Response:
    """What there is, what the reader gets, and what each would say now, in both languages."""
    reader, now = person_of(request).person, now_ms()
    mine = store.read(partial(subscriptions.of_person, person=reader.id, email=reader.email))
    return page(
        request,
        "digests.html",
        titles=TITLES,
        about=ABOUT,
        way_names=WAY_NAMES,
        mine={(row.kind, row.way): row for row in mine},
        ways=subscriptions.ways_for(reader.slack_id, reader.email),
        company=_companys(),
        said=SAID.get(said, ""),
        times=_times(),
        weekday=partial(wording.full_weekday, language_of(request)),
        sampled=[(kind, _previews(store.read(partial(_of, kind, "", now)))) for kind in KINDS],
    )


def _times() -> dict[str, Any]:
    given = rules.digest
    times = {kind: at.isoformat("minutes") for kind, at in ((DAILY, given.daily), (WEEKLY, given.weekly))}
    return {**times, "weekday": given.weekly_day}


def _companys() -> list[tuple[str, str]]:
    """Where the company's own go, as the rules say it."""
    given = rules.digest
    places = [(SLACK, given.channel), (CHATWORK, given.room), *((MAIL, address) for address in given.mail)]
    return [(way, place) for way, place in places if place]


def _of(kind: str, day: str, now: int, session: Any) -> Digest:
    """The digest of a day, the newest where none is named."""
    today = rules.calendar.local(now).date().isoformat()
    newest = today if kind == DAILY else moments.latest_week(rules.digest, rules.calendar, now)
    return digests.of(session, kind, day or newest, now)


def _previews(digest: Digest) -> list[tuple[str, str, list[digest_texts.Row]]]:
    """What it says in each language, as a mail says it."""
    found = []
    for language in ("ja", "en"):
        with speaking(language):
            found.append((language, digest_texts.headline(digest), digest_texts.rows(digest, digest_texts.mailed)))
    return found


@router.post("/choose", dependencies=[asks(SUBSCRIBE), Depends(require_same_origin)])
def choose(request: Request, typed: Typed) -> Response:
    """The reader wants one, to themselves."""
    reader = person_of(request).person
    ways = dict(subscriptions.ways_for(reader.slack_id, reader.email))
    kind, way = one_of(typed, "kind", KINDS), one_of(typed, "way", ways)
    if not kind or not way:
        raise HTTPException(404)
    deeds.told(CHOSEN, about=f"{kind}, {way}")
    subscriptions.begin(kind, way, ways[way], reader.id, language_of(request))
    return leads_to("/digests?said=chosen")


@router.post("/stop", dependencies=[asks(SUBSCRIBE), Depends(require_same_origin)])
def stop(request: Request, typed: Typed) -> Response:
    """The reader wants one of theirs no more."""
    reader = person_of(request).person
    mine = store.read(partial(subscriptions.of_person, person=reader.id, email=reader.email))
    row = next((each for each in mine if str(each.id) == typed.get("id")), None)
    if row is None:
        raise HTTPException(404)
    deeds.told(ENDED, about=f"{row.kind}, {row.way}")
    subscriptions.stop(row.id or 0)
    return leads_to("/digests?said=stopped")


# -- one of them ----------------------------------------------------------------------------------


@router.get("/{kind}/{day}")
def one(request: Request, kind: str, day: str) -> Response:
    """A weekly digest with all of its lists; of a daily one, what is open now."""
    if kind not in KINDS or not _is_day(day):
        raise HTTPException(404)
    if kind == DAILY:
        digest = store.read(partial(_of, DAILY, day, now_ms()))
        return _page(request, digest, None)
    found = store.read(partial(week.of, day=day))
    return _page(request, digests.of_week(found), found)


def _page(request: Request, digest: Digest, found: week.Week | None) -> Response:
    with speaking(language_of(request)):
        facts: dict[str, Any] = {"headline": digest_texts.headline(digest)}
        facts["rows"] = digest_texts.rows(digest, digest_texts.mailed)
    return page(
        request,
        "digest.html",
        digest=digest,
        week=found,
        most=MOST,
        verdicts=words_of(CONCLUSIONS),
        labels=digest_texts.LABELS,
        theme_title=themes.title,
        theme_address=digests.theme_address,
        title=TITLES[digest.kind],
        missing=digest_texts.MISSING,
        not_compared=digest_texts.NOT_COMPARED,
        **facts,
    )


def _is_day(text: str) -> bool:
    """Is it a day that a digest may be of, as 2026-11-30?"""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and 2000 <= day.year <= 2200


# -- the link in a mail ---------------------------------------------------------------------------


@doors.get("/unsubscribe/{secret}")
def ask(request: Request, secret: str) -> Response:
    """What it is about, and a button. Opening it stops nothing: programs open whatever stands in a mail."""
    return _asked(request, subscriptions.known(secret), secret)


@doors.post("/unsubscribe/{secret}")
def unsubscribe(request: Request, secret: str) -> Response:
    """Stop it. A mailbox posts this at one click, without a page of ours; so it asks for nothing but the secret."""
    row = subscriptions.known(secret)
    if row is not None:
        subscriptions.stop(row.id or 0)
        row = subscriptions.known(secret)
    return _asked(request, row, secret)


def _asked(request: Request, row: Subscription | None, secret: str) -> Response:
    kind = TITLES[row.kind] if row else ""
    is_over = row is not None and row.stopped_at is not None
    status = 200 if row else 404
    return page(request, "unsubscribe.html", status, kind=kind, is_over=is_over, secret=secret if row else "")
