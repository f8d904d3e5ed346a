"""`/releases`: what is done, what is holding it, and who has been told; `/releases/{id}`: one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages.meeting import number
from app.pages.typed import once, with_query
from app.pages.view import language_of, page
from workflows.engine.store import store
from workflows.language.wording import say, time
from workflows.overview import releases, untold
from workflows.overview.releases import ENDED, HELD, MOVING, OVER, REOPENED, UNDONE, Row
from workflows.overview.untold import Wanted
from workflows.rules import rules
from workflows.tables.telling import Telling, Wave
from workflows.telling import audience, drafts, gathering, reactions, requesters
from workflows.telling.audience import Choice, Waiting
from workflows.telling.drafts import APPROVED, DRAFTED, EXCUSED, FOR_LEAD, OWED, TOLD, WITH_OWNER
from workflows.telling.ledger import WITHDRAWN
from workflows.telling.requesters import STANDINGS
from workflows.wish.availability import COMPANIES

router = APIRouter()

SHOWS = {releases.ALL: "All"} | {name: releases.WORDS[name] for name in (HELD, MOVING, OVER)}
#: The chip of a release, and of each who asked for it.
TONES = {HELD: "waiting", MOVING: "moving", OVER: "good", UNDONE: "danger", REOPENED: "over", ENDED: "over"}
CHIPS = {DRAFTED: "waiting", FOR_LEAD: "waiting", APPROVED: "moving", TOLD: "good", EXCUSED: "over", WITHDRAWN: "over"}
CHIPS |= {OWED: "moving", WITH_OWNER: "waiting"}
#: How somebody was told.
CHANNELS = {"chat": "in the conversation", "phone": "by phone", "mail": "by email", "meeting": "in a meeting"}
SAID = {
    "published": "Released. The conversations are being reopened with a draft each.",
    "planned": "The release is planned. Until then you can cancel it.",
    "off": "The planned release was canceled.",
    "late": "Not canceled: it was released already, or canceled before.",
    "undone": "The release was undone. Drafts are withdrawn, and the support channel is being warned.",
    "not-done": "This issue is not done, so there is nothing to release.",
}
#: Companies that a form offers to tick; others are typed.
TICKED = 60


@router.get("/releases")
def listed(request: Request, show: str = "all", start: str = "") -> Response:
    """The table; `start` pages on."""
    chosen = show if show in SHOWS else "all"

    def read(session: Session) -> tuple[Mapping[str, int], tuple[Sequence[Row], int]]:
        known = releases.listed(session)
        return known.counts, releases.found(session, chosen, number(start), known=known)

    counts, (rows, more) = store.read(read)
    facts: dict[str, Any] = {"rows": rows, "show": chosen, "start": number(start), "counts": counts}
    facts["more"] = with_query("/releases", {"show": show, "start": more}) if more else ""
    return page(request, "releases.html", shows=SHOWS, gate=rules.gate, **facts, **words(request))


@router.get("/releases/{name}")
def release(request: Request, name: str, said: str = "") -> Response:
    """One of them, by its issue's id."""
    return show(request, name, said=say(language_of(request), SAID.get(said, "")))


def show(
    request: Request,
    issue_id: str,
    status: int = 200,
    *,
    said: str = "",
    choice: Choice | None = None,
    typed: Mapping[str, str] | None = None,
    picked: Mapping[str, list[str]] | None = None,
) -> Response:
    """The page; with `choice`, what somebody typed into its form: what is wrong with that, else whom it would reach.

    Raises 404 where nothing of this issue was ever finished.
    """
    story = store.read(partial(releases.story, issue_id=issue_id)) if issue_id.isprintable() else None
    if story is None:
        raise HTTPException(404)
    standing = asked if (asked := request.query_params.get("standing", "")) in STANDINGS else ""
    after = number(request.query_params.get("after", ""))
    people, more = store.read(partial(requesters.listed, release=story.row.release, standing=standing, after=after))
    address = f"/releases/{issue_id}"
    facts: dict[str, Any] = {
        "story": story,
        "row": story.row,
        "people": people,
        "others_of": told_together([each.telling for each in people if each.telling]),
        "standing": standing,
        "address": address,
        "more": with_query(address, {"standing": standing, "after": more}) if more else "",
        "start": after,
        "said": said,
        "reacted": store.read(partial(untold.reacted, wanted=Wanted(release=story.row.issue.key))),
        "once": typed.get("once", "") if typed else once(),
        "firm_names": store.read(partial(audience.names_in, waves=[each.wave for each in story.events if each.wave])),
        "typed": defaultdict(str, typed or {}),
        "picked": defaultdict(list, picked or {}),
        "wrong": defaultdict(str, choice.wrong if choice else {}),
        **_form(issue_id, choice),
    }
    return page(request, "release.html", status, refused=status >= 400, **facts, **words(request))


def told_together(tellings: Sequence[Telling]) -> Mapping[str, list[str]]:
    """With which issues each of these is told in one message, by its name."""
    return defaultdict(list, store.read(partial(gathering.others, tellings=tellings)))


def _form(issue_id: str, choice: Choice | None) -> dict[str, Any]:
    """What the form offers, and whom its choice would reach."""

    def read(session: Session) -> dict[str, Any]:
        waits = audience.waiting(session, issue_id)
        foreseen: list[Waiting] | None = None
        if choice is not None and not choice.wrong:
            foreseen = audience.foreseen(session, issue_id, choice.wanted)
        ticked = [each for each in waits if each.id][:TICKED]
        return {
            "waiting": waits,
            "ticked": ticked,
            "inside": audience.by_choice(session, waits),
            "foreseen": foreseen,
            "wanted": choice.wanted if choice else None,
        }

    return store.read(read)


def words(request: Request) -> dict[str, Any]:
    """How these pages say things."""
    language = language_of(request)
    return {
        "states": releases.WORDS,
        "tones": defaultdict(str, TONES),
        "chips": defaultdict(str, CHIPS),
        "standings": requesters.WORDS,
        "standing_of": drafts.standing,
        "pending": requesters.PENDING,
        "channels": CHANNELS,
        "reactions": reactions.WORDS,
        "audience_of": partial(audience_of, language),
        "holding": partial(holding, language),
    }


def audience_of(language: str, wave: Wave) -> str:
    """Whom a wave is for: 全社, 3社, Businessプラン, 20%."""
    n = len(wave.names) if wave.audience == COMPANIES else wave.share
    return say(language, releases.AUDIENCES[wave.audience], n=n, names=", ".join(wave.names))


def holding(language: str, row: Row) -> str:
    """What keeps it from those who still wait for it; "" for nothing."""
    if row.state in (UNDONE, REOPENED, ENDED):
        return say(language, releases.WORDS[row.state])
    if row.coming:
        return say(language, "Planned for {when}", when=time(language, row.coming[0].opens_at))
    if row.state == HELD:
        return say(language, releases.WORDS[HELD])
    return say(language, "Released to some") if row.counts.get(requesters.UNREACHED) else ""
