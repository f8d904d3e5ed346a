"""`/tellings`: who has not been told, why, and whose turn it is; the same as a CSV file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.access import asks
from app.pages.meeting import number
from app.pages.releases import CHIPS, told_together
from app.pages.typed import with_query
from app.pages.view import HEADERS, language_of, page
from workflows.customer import sheets
from workflows.engine.store import now_ms, store
from workflows.language.wording import full_time, say, time
from workflows.meeting import export
from workflows.overview import untold
from workflows.overview.untold import PENDING, SHOWS, Row, Wanted
from workflows.people.may import EXPORT
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS, words_of
from workflows.tables.telling import Telling
from workflows.telling import daily, dead_ends, drafts, in_time, openings, reactions
from workflows.wish.wishes import code

router = APIRouter()

#: Rows in a file.
FILED = 10_000
TITLES = {PENDING: "To notify"} | {name: drafts.WORDS[name] for name in SHOWS if name != PENDING}
LIMITED = "Goes out on {when}: up to {n} messages a day in {agent}'s name."
LATER = "Reopened on {when}"
COLUMNS = ("Request", "Company", "Customer", "Filed by", "News", "Status", "Next", "Waiting since", "Reason")


@router.get("/tellings")
def listed(request: Request, start: str = "") -> Response:
    """The list, narrowed as the address says."""
    wanted = wanted_of(request.query_params)
    rows, more = store.read(partial(untold.found, wanted=wanted, start=number(start)))
    facts: dict[str, Any] = {
        "wanted": wanted,
        "rows": rows,
        "more": address(wanted, start=more) if more else "",
        "counts": store.read(partial(untold.counts, wanted=wanted)),
        "agents": store.read(untold.agents),
        "covered": store.read(partial(untold.covered, now=now_ms())),
        "file": address(wanted, "/tellings.csv"),
        "address_of": partial(_with, wanted),
        "is_narrowed": replace(wanted, standing=PENDING) != Wanted(),
        "titles": TITLES,
        "standings": drafts.WORDS,
        "turns": untold.TURNS,
        "holds": dead_ends.HOLDS,
        "reacted": store.read(partial(untold.reacted, wanted=wanted)),
        "reactions": reactions.WORDS,
        "chips": defaultdict(str, CHIPS),
        "limited": limited,
        "others_of": told_together([each.telling for each in rows]),
        "verdicts": words_of(CONCLUSIONS),
    }
    return page(request, "tellings.html", **facts)


@router.get("/tellings.csv", dependencies=[asks(EXPORT)])
def as_csv(request: Request) -> Response:
    """All of the list as a file that Excel opens as it is."""
    language = language_of(request)
    rows, _ = store.read(partial(untold.found, wanted=wanted_of(request.query_params), most=FILED))
    data = sheets.write([say(language, column) for column in COLUMNS], [_cells(language, row) for row in rows])
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="not-notified-{export.day(now_ms())}.csv"'}
    return Response(data, headers=headers, media_type="text/csv; charset=utf-8")


def limited(language: str, telling: Telling) -> str:
    """When it comes back or goes out, where the limit of a day makes it wait; "" where nothing does."""
    if openings.waits(telling):
        return say(language, LATER, when=time(language, telling.opens_at or 0))
    if not daily.waits(telling):
        return ""
    facts = {"when": time(language, telling.send_at or 0), "n": rules.sending.per_day, "agent": telling.approved_name}
    return say(language, LIMITED, **facts)


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """What an address says; what we do not know of it is left out."""

    def text(name: str) -> str:
        return values.get(name, "").replace("\0", "").strip()[:100]

    late, standing = number(values.get("late", "")), values.get("standing", "")
    return Wanted(
        standing if standing in SHOWS else PENDING,
        text("agent"),
        text("company"),
        text("release"),
        late if late in in_time.AFTER else 0,
        values["reaction"] if values.get("reaction") in untold.REACTIONS else "",
    )


def address(wanted: Wanted, path: str = "/tellings", start: int = 0) -> str:
    """Where this list is."""
    said = vars(wanted) | {"standing": "" if wanted.standing == PENDING else wanted.standing, "start": start}
    return with_query(path, said)


def _with(wanted: Wanted, **changes: Any) -> str:
    return address(replace(wanted, **changes))


def _cells(language: str, row: Row) -> list[str]:
    voice, news = row.voice, row.issue.key if row.issue else ""
    if row.decision:
        news = say(language, words_of(CONCLUSIONS)[row.decision.conclusion])
    if row.notice:
        news = row.notice.title
    turn = untold.TURNS.get(row.standing, "")
    limit = limited(language, row.telling)
    holder = row.telling.holder_name if row.standing == drafts.WITH_OWNER else ""
    why = say(language, row.telling.dead_end or row.telling.why, agent=row.telling.approved_name)
    if row.excuse and not row.telling.dead_end:
        why = say(language, row.excuse.sentence, **row.excuse.facts)
    if row.telling.reaction:
        why = say(language, reactions.WORDS[row.telling.reaction], n=row.telling.rating)
    return [
        code(voice.feedback_id) if voice and voice.feedback_id else "",
        voice.firm.name if voice else "",
        voice.person if voice else "",
        voice.agent if voice else "",
        news,
        say(language, drafts.WORDS[row.standing]),
        limit or say(language, turn) if turn else holder or (voice.agent if voice else ""),
        full_time(language, row.telling.owed_at),
        why,
    ]
