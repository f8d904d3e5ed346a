"""`/deliveries`: what came in and what was made of it; dead letters, with their reasons and another chance."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from app.door.replay import replay
from app.pages.access import asks, require_same_origin
from app.pages.view import language_of, page
from integrations import SOURCES, VENDORS
from workflows.engine.store import store
from workflows.engine.vendors import title_of
from workflows.overview import deliveries as inbox
from workflows.overview.bodies import scrubbed
from workflows.people import deeds
from workflows.people.may import READ_RAW, REPLAY
from workflows.tables.runs import Delivery, Run

router = APIRouter()

#: Rows on a page; bytes of a body that are shown.
ROWS, SHOWN = 50, 20_000
ALL = "all"


#: What of a list is shown, by the name of the filter; "" is what somebody was concerned with.
SHOWS = {"": inbox.TELLING, **{state: (state,) for state in inbox.STATES}, ALL: inbox.STATES}


@router.get("/deliveries")
def deliveries(
    request: Request, state: str = "", source: str = "", kind: str = "", before: str = "", alone: str = ""
) -> Response:
    """The newest deliveries, or runs (`kind=runs`; those `alone` that none began), of a state or source; `before` (of
    the last row) pages on."""
    state = state if state in SHOWS else ""
    source = source if source in SOURCES and kind != "runs" else ""
    rows: list[Delivery] | list[Run]
    if kind == "runs":
        query = partial(inbox.runs, states=SHOWS[state], limit=ROWS + 1, before=_point(before), alone=bool(alone))
        rows = store.read(query)
    else:
        states = SHOWS[state]
        rows = store.read(
            partial(inbox.deliveries, states=states, source=source, limit=ROWS + 1, before=_point(before))
        )
    return page(
        request,
        "deliveries.html",
        rows=rows[:ROWS],
        more=len(rows) > ROWS,
        state=state,
        source=source,
        kind="runs" if kind == "runs" else "",
        alone=bool(alone) and kind == "runs",
        shows=tuple(SHOWS),
        sources=tuple(SOURCES),
        titles={name: title_of(name) for name in SOURCES},
        waiting=store.read(inbox.dead_count)[0],
        arrived=bool(rows) or bool(store.read(partial(inbox.deliveries, limit=1))),
    )


def _point(before: str) -> inbox.Before | None:
    """Where to go on: `1763700000000~jira:4711`."""
    moment, _, id = before.partition("~")
    fits = moment.isascii() and moment.isdigit() and len(moment) < 16 and id.isprintable()
    return (int(moment), id) if fits else None


@router.get("/deliveries/{id:path}")
def trace(request: Request, id: str) -> Response:
    """Everything that became of one delivery or run."""
    return _trace(request, id)


@router.post("/deliveries/{id:path}", dependencies=[asks(REPLAY), Depends(require_same_origin)])
def again(request: Request, id: str) -> Response:
    """Another chance for a dead letter; says on its page what came of asking."""
    said = replay(id, language_of(request)) if id.isprintable() else ""
    shown = _trace(request, id, said)
    deeds.finish()
    return shown


@router.post("/bodies/{id:path}", dependencies=[Depends(require_same_origin), asks(READ_RAW)])
def raw(request: Request, id: str) -> Response:
    """What a vendor sent, word for word but for secrets and addresses; who looked is kept."""
    return _trace(request, id, opened=True)


def _trace(request: Request, id: str, said: str = "", *, opened: bool = False) -> Response:
    found = store.read(partial(inbox.trace, id=id)) if id.isprintable() else None
    if found is None:
        raise HTTPException(404)
    body, size = store.read(partial(inbox.body, id=id, most=SHOWN)) if found.delivery else (b"", 0)
    text = scrubbed(body).decode("utf-8", "replace") if opened else ""
    facts: dict[str, Any] = {"body": text, "size": size, "shown": SHOWN, "said": said, "opened": opened}
    title = VENDORS[found.delivery.source].TITLE if found.delivery and found.delivery.source in VENDORS else ""
    return page(request, "trace.html", found=found, id=id, title=title, **facts)
