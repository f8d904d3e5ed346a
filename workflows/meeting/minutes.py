"""Minutes: what was decided on a day, with who decided it and why; shown, exported, and posted in Slack by somebody.

the page of a day's decisions ─► ask_to_post ─► post
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

from workflows.engine import dry_run, posting
from workflows.engine.actions import Intent, happened, leave
from workflows.engine.durable import child, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.meeting import decided, digest
from workflows.meeting.decided import Posted
from workflows.people.person import Person
from workflows.rules import rules

NOTHING = "No minutes were posted: nothing was decided that day."
NOT_YET = "The decisions appear in Slack after the undo period."
SHOWN = "Updated the day's decisions in Slack."
NOT_THERE = "There is no message in Slack with the day's decisions."
NOT_POSTED = "The minutes could not be posted in Slack."
POSTED = "{who} posted the minutes in Slack: {n} decisions."
POSTING = "Posted the meeting minutes in Slack."


def ask_to_post(day: date, by: Person) -> bool:
    """Post the minutes of a day as they stand; False where just these were posted before, or are about to be."""
    found = store.read(partial(decided.of, day=day))
    state = f"{len(found)}-{max((each.decision.id or 0 for each in found), default=0)}"
    return bool(
        spawn([child(f"{decided.key_of(day)}{state}", "minutes.post", day=day.isoformat(), state=state, who=by.name)])
    )


@workflow
def post(day: str, state: str, who: str) -> Outcome:
    """Say in Slack what was decided on a day, in the name of whoever pressed the button."""
    found = store.read(partial(decided.of, day=date.fromisoformat(day)))
    if not found:
        return ignored(NOTHING)
    channel = rules.triage.channel or rules.support_channel
    on, facts = date.fromisoformat(day), {decided.WHO: who}
    intent = Intent("slack", "minutes", f"{decided.key_of(on)}{state}", channel, POSTING, facts)
    if vendors.is_on("slack") and not channel:
        leave(intent, posting.NO_CHANNEL)
        return ignored(posting.NO_CHANNEL)
    if not any(each.decision.sent_at for each in found):
        return ignored(NOT_YET)
    if not vendors.is_on("slack") or digest.up_to_date(on, channel, Posted(who, now_ms())) is None:
        return ignored(NOT_POSTED)
    store.write(partial(happened, intent=replace(intent, is_dry=dry_run.is_on())))
    return done(POSTED, who=who, n=len(found))


@workflow
def show(day: str) -> Outcome:
    """Bring the day's message up to date, where there is one: something that it may quote was erased."""
    channel = rules.triage.channel or rules.support_channel
    is_shown = digest.stands(date.fromisoformat(day)) and digest.up_to_date(date.fromisoformat(day), channel)
    return done(SHOWN) if is_shown else ignored(NOT_THERE)
