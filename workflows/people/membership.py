"""Membership: who has left the company's Slack workspace, or is only a guest there now, is signed out soon."""

from __future__ import annotations

import logging
from functools import partial

from integrations.contract import Trouble
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.people import accounts, colleagues

log = logging.getLogger("yamabiko")

#: How often Slack is asked about everybody who is signed in.
EVERY_MS = 15 * 60_000
SIGNED_OUT = "Signed out {count} people who are no longer full members in Slack."
ALL_THERE = "Everyone who is signed in is still in Slack."
UNANSWERED = "Slack did not say who is still a member. Trying again in 15 minutes."


@workflow
def sign_out_the_gone() -> Outcome:
    """Ask Slack about everybody who is signed in, and sign out whoever is no longer there.

    In a run of its own, because somebody has to wait for Slack. The first question without an answer ends it: a Slack
    that hangs must not be waited for once for each person.
    """
    gone = 0
    for id in store.read(accounts.present):
        try:
            left = id != accounts.OPERATOR and colleagues.look(id).left
        except Trouble as trouble:
            log.warning("Slack did not say who is still there: %s", trouble)
            return ignored(UNANSWERED)
        if left:
            store.write(partial(accounts.end_all, account_id=id))
            log.warning("%s is no full member in Slack (any more), and was signed out", id)
            gone += 1
    return done(SIGNED_OUT, count=gone) if gone else ignored(ALL_THERE)


def has_left(id: str) -> bool:
    """Is somebody gone, or no full member, as far as Slack says? Where Slack is off or out of order, nobody is."""
    try:
        return colleagues.look(id).left
    except Trouble as trouble:
        log.warning("Slack did not say whether %s is still there: %s", id, trouble)
        return False
