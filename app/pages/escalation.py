"""`/escalations/{id}`: one of them: how it stands, what can be done with it now, and everything that was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app.auth import Reader
from app.pages.access import person_of
from app.pages.escalations import words
from app.pages.typed import once
from app.pages.view import language_of, page
from integrations.slack import is_person
from workflows.engine.store import now_ms, store
from workflows.escalation import answers, cases, chain, forms, ladder, lists, texts, timeline
from workflows.language.wording import say
from workflows.people import colleagues
from workflows.people.may import ANSWER, REMIND
from workflows.rules import rules
from workflows.rules.choices import CHURN_RISKS, words_of
from workflows.tables.escalation import Escalation

router = APIRouter()

#: What the page says when it comes back from a button.
SAID = {
    "acknowledge": "Acknowledged: you answer for this now. Add your assessment below.",
    "start": "Work on this has started.",
    "judge": "Assessment saved. Slack shows it as well.",
    "done": "Marked as done. The reporter is being notified.",
    "hand-on": "Handed over. The new owner is being notified in Slack.",
    "rearm": "Daily reminders resumed.",
    "reopen": "Reopened. Those concerned are being notified.",
}
#: People whom a form offers.
MOST = 500
#: How somebody stands in the order of calls, in words, and the chip that says so.
CALLS = {
    ladder.ASKED: ("No response", "chip"),
    ladder.NOW: ("Asked now", "chip chip-moving"),
    ladder.NEXT: ("Asked next", "chip chip-waiting"),
    ladder.ANSWERS: ("In charge", "chip chip-moving"),
}


@router.get("/escalations/{name}")
def escalation(request: Request, name: str, said: str = "") -> Response:
    """The timeline of E-12, asked for as 12 or E-12; `said`: the answer that was given just now."""
    return show(request, name, said=say(language_of(request), SAID[said]) if said in SAID else "", did=said)


def show(
    request: Request,
    name: str,
    status: int = 200,
    *,
    said: str = "",
    did: str = "",
    form: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The page; with `typed`, what stands in the `form` that was sent. Raises 404 where there is none."""
    story, reader = story_of(name), person_of(request)
    row = story.escalation
    facts: dict[str, Any] = {
        "story": story,
        "names": story.names,
        "late": lists.lateness(row, now_ms()),
        "target": rules.escalation_targets[row.urgency],
        "said": said,
        "calls": [(person, ladder.role_of(row, person), CALLS.get(at)) for person, at in ladder.calls(row)],
        "is_watched": row.state in ladder.UNFINISHED,
        "may_remind": chain.may_answer(reader.person, row, REMIND),
        **_answering(row, reader),
        "opened": form or ("judge" if did == "acknowledge" else ""),
        "typed": defaultdict(str, typed or {}),
        "wrong": defaultdict(str, wrong or {}),
    }
    return page(request, "escalation.html", status, **facts, **words(request))


def _answering(row: Escalation, reader: Reader) -> dict[str, Any]:
    """What the forms hold, for whoever may answer: the same acts as the buttons in Slack, in each state."""
    may_answer = chain.may_answer(reader.person, row, ANSWER)
    return {
        "may_answer": may_answer,
        "in_slack": is_person(reader.person.slack_id),
        "offered": texts.OFFERED[row.state] if may_answer else (),
        "buttons": texts.BUTTONS,
        "is_stale": ladder.is_stale(row, now_ms()),
        "risks": words_of(CHURN_RISKS),
        "longest": forms.STEP,
        "colleagues_here": store.read(partial(colleagues.here, most=MOST)) if may_answer else (),
        "seen": answers.standing(row),
        "once": once(),
    }


def story_of(name: str) -> timeline.Story:
    """Everything about it. Raises 404."""
    id = cases.id_of(name)
    found = store.read(partial(timeline.story, escalation_id=id)) if id is not None else None
    if found is None:
        raise HTTPException(404)
    return found
