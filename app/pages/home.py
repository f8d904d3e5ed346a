"""`/`: the home of whoever reads. What they owe today, the next meeting, and what was decided last."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.pages import badges
from app.pages.access import person_of
from app.pages.view import HEADERS, page
from workflows.engine.store import store
from workflows.overview import owed

router = APIRouter()

#: What the address named when the board was here: it is at /board now, with the same.
OF_THE_BOARD = {"chat", "station", "part", "did"}
#: What is owed, of each kind: its heading.
TITLES = {
    owed.ACKNOWLEDGE: "Escalations to acknowledge",
    owed.DRAFTS: "Drafts to approve",
    owed.REPORTS: "Reports due",
    owed.OPEN: "Escalations under way",
    owed.CONNECTIONS: "Failing connections",
    owed.COUNTS: "Sources of enquiries that report nothing",
    owed.LOG: "Activity log: needs attention",
    owed.RUNS: "Runs that need attention",
    owed.BACKGROUNDS: "Requests without background",
    owed.REVIEWS: "Reusable answers to review",
}
#: What one does about one of them; the rest of them is looked at.
ACTS = {
    owed.ACKNOWLEDGE: "Acknowledge",
    owed.DRAFTS: "Open the draft",
    owed.REPORTS: "Report",
    owed.LOG: "Replay",
    owed.BACKGROUNDS: "Add background",
    owed.REVIEWS: "Review",
}


#: How a decision looks, by what was concluded.
TONES = {"adopt": "good", "consider": "waiting"}


@router.get("/")
def show(request: Request) -> Response:
    """The whole page."""
    if OF_THE_BOARD & set(request.query_params):
        return RedirectResponse(f"/board?{request.url.query}", 303, HEADERS)
    reader = person_of(request)
    home = store.read(partial(owed.home, who=badges.whose(reader)))
    badges.remember(request, reader, home.counts)  # the menu says the same as this page, here and on the next one
    return page(
        request, "home.html", home=home, titles=TITLES, acts=defaultdict(str, ACTS), tones=defaultdict(str, TONES)
    )
