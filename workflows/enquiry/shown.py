"""Shown: what of a customer may stand in Slack, by the allow-list of [enquiry] and by who reads along in a channel.

    shown.text_for("090-1234-5678へお電話ください")          "•••-••••-••••へお電話ください"
    shown.customer_for(channel, "山本", "青葉製作所", "Pro")  "山本 · 青葉製作所 · Pro"; "Pro" where a guest reads along

Both are texts as people typed them: `blocks.quote` or `blocks.escape` them, as all of theirs. The names of customers,
and of their companies, are hidden where guests or other companies are, unless the rules allow names in that very
channel; and where Slack does not say who is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from integrations.contract import Trouble
from integrations.slack import SlackClient, is_person
from integrations.slack.blocks import clean
from workflows.engine.vendors import vendors
from workflows.language.masking import masked
from workflows.language.text import _, shortened, shortened_lines
from workflows.people import colleagues
from workflows.rules import rules
from workflows.rules.enquiry import COMPANY, NAME, TEXT, TIER

HIDDEN = "(hidden by the rules)"
#: Characters of a text, and of each part of who wrote it.
LONGEST, LONGEST_NAME = 1500, 80
#: Whoever reads along in a channel is asked for again after so many seconds; after fewer where Slack did not answer;
#: and whether somebody is a colleague, after a day.
MEMORY_SECONDS, PATIENCE_SECONDS, PERSON_SECONDS = 900.0, 60.0, 86_400.0
#: In a channel of more people, nobody can say soon that there is no guest among them.
MOST_MEMBERS = 100


def text_for(text: str, most: int = LONGEST) -> str:
    """A customer's words as they may stand in a channel: masked, and then cut at so many characters."""
    if TEXT not in rules.enquiry.fields:
        return _(HIDDEN)
    return shortened_lines(_masked(text), most)


def customer_for(channel: str, name: str, company: str, tier: str) -> str:
    """Who a customer is, in one line, as far as it may stand in this channel."""
    given = {NAME: name, COMPANY: company, TIER: tier}
    may_stand = rules.enquiry.fields - (set() if _takes_names(channel) else {NAME, COMPANY})
    parts = (shortened(_masked(text), LONGEST_NAME) for field, text in given.items() if field in may_stand)
    return " · ".join(part for part in parts if part) or _("Customer")


def may_name(channel: str) -> bool:
    """May customers be called by name in this channel?"""
    return NAME in rules.enquiry.fields and _takes_names(channel)


def _takes_names(channel: str) -> bool:
    """As the rules say of this channel; where they say nothing, Slack is asked who reads along."""
    said = rules.enquiry.names_in(channel)
    return not others_read(channel) if said is None else said


def _masked(text: str) -> str:
    return masked(clean(text)) if rules.enquiry.mask else clean(text)


# -- who reads along --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """An answer about a channel or a person, and until when it is good (monotonic seconds)."""

    is_so: bool
    until: float


class _Book:
    """What one client said last."""

    def __init__(self) -> None:
        self.client: SlackClient | None = None
        self.known: dict[str, Known] = {}


_book = _Book()


def others_read(channel: str) -> bool:
    """Are guests or people of other companies in this channel, as of a quarter of an hour ago?

    Yes as well where nobody can tell: Slack is off or does not answer, or too many are there to look at each.
    """
    slack = vendors.slack
    if is_person(channel):
        return not colleagues.is_member(channel)
    if slack is None or not channel:
        return True
    try:
        return _remembered(slack, channel, MEMORY_SECONDS, lambda: _is_open(slack, channel))
    except Trouble:
        _book.known[channel] = Known(True, time.monotonic() + PATIENCE_SECONDS)
        return True


def _is_open(slack: SlackClient, channel: str) -> bool:
    found = slack.channel(channel)
    if found is None or found.is_shared:
        return True
    people = slack.members(channel, MOST_MEMBERS)
    return people is None or any(_is_outsider(slack, person) for person in people)


def _is_outsider(slack: SlackClient, person: str) -> bool:
    """Is somebody a guest, or of another workspace? Apps and those who have left read nothing."""

    def ask() -> bool:
        user = slack.user(person)
        return user is None or not (user.deleted or user.is_bot or user.is_member(slack.team_id))

    return _remembered(slack, person, PERSON_SECONDS, ask)


def _remembered(slack: SlackClient, id: str, seconds: float, ask: Callable[[], bool]) -> bool:
    """What Slack said of this id lately, else what it says now."""
    if _book.client is not slack:
        _book.client, _book.known = slack, {}
    known = _book.known.get(id)
    if known is None or known.until < time.monotonic():
        known = _book.known[id] = Known(ask(), time.monotonic() + seconds)
    return known.is_so
