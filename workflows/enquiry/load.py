"""Load: how many open conversations each agent on shift has, and to whom the next one may be given.

    load.suggest(now_ms())       # [("7002", "佐藤 健", 1), ("7001", "田中 みなみ", 3)]: nobody who is full
    load.said("ja", now_ms())    # the same as a sentence, which says as well why it is nobody

It only suggests. Agents are whom [skills] or [calendar.people] name; where none is, every teammate is one.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.intercom import Admin
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.enquiry import board
from workflows.language.wording import say
from workflows.people import agents, colleagues, duty
from workflows.rules import rules
from workflows.tables.enquiry import Enquiry

#: So many are named.
NAMED = 3
NOBODY = "Nobody is on shift."
ALL_FULL = "Everybody on shift has reached the limit of open conversations ({n})."


class Load(NamedTuple):
    """A teammate in Intercom who is on shift, and how many open conversations they have."""

    admin_id: str
    name: str
    open: int


def suggest(at: int) -> list[Load]:
    """Who on shift may be given one more, those with the fewest first; nobody where all of them are full."""
    most = rules.enquiry.most_open
    return [each for each in on_shift(at) if not most or each.open < most]


def said(language: str, at: int) -> str:
    """To whom the next one may be given, or why to nobody."""
    if found := suggest(at):
        between = "、" if language == "ja" else ", "
        return between.join(f"{each.name} ({each.open})" for each in found[:NAMED])
    return say(language, ALL_FULL, n=rules.enquiry.most_open) if on_shift(at) else say(language, NOBODY)


def on_shift(at: int) -> list[Load]:
    """Everybody on shift with their load, the fewest first. Raises Trouble where Intercom does not say who they are."""
    there = [admin for admin, known in _agents() if duty.on_duty(at, [known])]
    counted = store.read(partial(_open, admins=[admin.id for admin in there]))
    found = [Load(admin.id, admin.name, counted.get(admin.id, 0)) for admin in there]
    return sorted(found, key=lambda each: (each.open, each.admin_id))


def _agents() -> list[tuple[Admin, str]]:
    """Teammates who are agents, each with how the rules know them."""
    named, service = set(duty.agents()), intercom_client().admin_id
    everybody = [admin for admin in agents.everybody() if admin.id != service]
    in_slack = store.read(partial(colleagues.by_emails, emails=[admin.email for admin in everybody if admin.email]))
    found = []
    for admin in everybody:
        names = (duty.known_as(admin.email), in_slack.get(admin.email.casefold(), ""))
        known = next((name for name in names if name in named), "")
        if known or (not named and admin.email):
            found.append((admin, known or names[0]))
    return found


def _open(session: Session, admins: Collection[str]) -> dict[str, int]:
    """How many conversations of each are not solved."""
    query = select(Enquiry.assignee, sa.func.count()).where(
        col(Enquiry.assignee).in_(list(admins)), sa.text(f"state <> '{board.SOLVED}'")
    )
    return dict(session.exec(query.group_by(col(Enquiry.assignee))).all())
