"""Membership: who has left the company's Slack workspace is signed out, without waiting for their login to end."""

from __future__ import annotations

import logging
from functools import partial

from integrations.contract import Trouble
from workflows.engine.store import store
from workflows.people import accounts, colleagues

log = logging.getLogger("yamabiko")

#: How often Slack is asked about everybody who is signed in.
EVERY_MS = 15 * 60_000


def sign_out_the_gone() -> None:
    """Ask Slack about everybody who is signed in, and sign out whoever is no longer there."""
    for id in store.read(accounts.present):
        if id != accounts.OPERATOR and has_left(id):
            store.write(partial(accounts.end_all, account_id=id))
            log.warning("%s has left Slack, and was signed out", id)


def has_left(id: str) -> bool:
    """Is somebody gone, as far as Slack says? Where Slack is off or out of order, nobody is."""
    try:
        return colleagues.look(id).left
    except Trouble as trouble:
        log.warning("Slack did not say whether %s is still there: %s", id, trouble)
        return False
