"""What a digest says, from the same facts in three ways: blocks for Slack, lines for mail, notation for Chatwork.

    message(digest, "C0SUPPORT")       # for Slack: customers' names and words as [enquiry] allows them there
    rows(digest, mailed)               # for a mail and for the page: lines with their lists and a few of each
    blocks_of_chatwork(digest)         # for Chatwork: no customer's name or word at all; a room may have others in it

The first line alone says the numbers, and no customer's word: it is a mail's subject, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from integrations.chatwork import Notation, notation
from integrations.slack import blocks
from integrations.slack.blocks import clean
from workflows.engine.posting import Message
from workflows.enquiry import shown
from workflows.language.addresses import page_url
from workflows.language.masking import masked
from workflows.language.text import _, language, shortened
from workflows.language.wording import promised_day
from workflows.measure import digests
from workflows.measure.digests import Digest, Item, Line
from workflows.measure.moments import WEEKLY
from workflows.rules import rules
from workflows.rules.enquiry import COMPANY, NAME, TEXT, TIER

#: What is counted, in a few words.
LABELS = {
    digests.WAITING: "Waiting for an answer",
    digests.ESCALATIONS: "Escalations under way",
    digests.REPORTS: "Reports due",
    digests.DAYS: "Promised dates",
    digests.UNTOLD: "To notify",
    digests.DECIDED: "Decisions",
    digests.SHIPPED: "Made available",
    digests.TOLD: "Conversations notified",
    digests.ENQUIRIES: "Enquiries",
    digests.GREW: "More than usual",
    digests.THEMES: "Most frequent themes",
}
#: What the first line names; how many themes there are tells nothing.
COUNTED = set(LABELS) - {digests.THEMES}
DAILY_HEADLINE, WEEKLY_HEADLINE = "[Daily digest] {day}: {what}", "[Weekly digest] Week to {day}: {what}"
NOTHING_OPEN, NOTHING_HAPPENED = "Nothing is open.", "Nothing to report."
PAST_TARGET = "{n} past the target"
LATE = "past the target"
USUALLY = "{n} a week in the four weeks before"
MISSING = "Not all of them are known: a source of enquiries did not report."
NOT_COMPARED = "Not compared: the four weeks before are not all known."
BETWEEN = " · "
#: Characters of a title.
TITLE = 60


@dataclass(frozen=True)
class Row:
    """A line as people read it: how many of what, where they are listed, remarks, some of them with their pages."""

    text: str
    address: str
    remarks: Sequence[str]
    items: Sequence[tuple[str, str]]


#: Who somebody is, and what they wrote, as it may stand where the digest is read.
Named = Callable[[Item], Sequence[str]]


def headline(digest: Digest) -> str:
    """Which digest it is and its numbers, in one line without anything that others wrote."""
    counted = BETWEEN.join(
        f"{_(LABELS[line.kind])} {line.n}" for line in digest.lines if line.n and line.kind in COUNTED
    )
    if digest.kind == WEEKLY:
        last = (date.fromisoformat(digest.day) - timedelta(days=1)).isoformat()
        day = promised_day(language(), last)
        return _(WEEKLY_HEADLINE, day=day, what=counted or _(NOTHING_HAPPENED))
    return _(DAILY_HEADLINE, day=promised_day(language(), digest.day), what=counted or _(NOTHING_OPEN))


def rows(digest: Digest, named: Named) -> list[Row]:
    """The lines of which there is something, or of which not all is known."""
    return [_row(line, named) for line in digest.lines if line.n or not line.is_known]


def _row(line: Line, named: Named) -> Row:
    items = [(_item(each, named), each.address) for each in line.items]
    is_counted = line.is_known or line.kind != digests.GREW
    return Row(_(LABELS[line.kind]) + (f": {line.n}" if is_counted else ""), line.address, _remarks(line), items)


def _remarks(line: Line) -> list[str]:
    found = []
    if line.facts.get("late"):
        found.append(_(PAST_TARGET, n=line.facts["late"]))
    if "before" in line.facts:
        found.append(_(USUALLY, n=f"{line.facts['before']:g}"))
    if not line.is_known:
        found.append(_(NOT_COMPARED if line.kind == digests.GREW else MISSING))
    return found


def _item(item: Item, named: Named) -> str:
    own = [shortened(item.title, TITLE)] if item.is_ours else []
    day = [promised_day(language(), str(item.facts["day"]))] if "day" in item.facts else []
    words = [_(item.words, **item.facts)] if item.words else []
    parts = [item.code, *own, *named(item), *day, *words, _(LATE) if item.late else ""]
    return BETWEEN.join(part for part in parts if part) or "–"


# -- what of a customer may stand where -------------------------------------------------------------


def mailed(item: Item) -> list[str]:
    """In a mail to colleagues: what [enquiry] allows of a customer in Slack."""
    given = {NAME: item.person, COMPANY: item.company, TIER: item.tier, TEXT: "" if item.is_ours else item.title}
    return [shortened(_masked(text), TITLE) for name, text in given.items() if text and name in rules.enquiry.fields]


def _in_slack(channel: str, item: Item) -> list[str]:
    """In a channel: the same, and names only where nobody else reads along, or the rules say so."""
    is_somebody = item.person or item.company
    who = [shown.customer_for(channel, item.person, item.company, item.tier)] if is_somebody else []
    is_said = item.title and not item.is_ours and TEXT in rules.enquiry.fields
    return [*who, *([shortened(_masked(item.title), TITLE)] if is_said else [])]


def nobody(item: Item) -> list[str]:
    """Nothing of them at all."""
    return []


def _masked(text: str) -> str:
    return masked(clean(text)) if rules.enquiry.mask else clean(text)


# -- Slack ----------------------------------------------------------------------------------------


def message(digest: Digest, channel: str) -> Message:
    """The message: its first line alone says the numbers, and each line leads to its list."""
    first = blocks.escape(headline(digest))
    sections = [_section(row) for row in rows(digest, lambda item: _in_slack(channel, item))]
    foot = blocks.small(blocks.link(page_url(digest.address), _("Open this digest")), _choose_in_slack())
    return first, [blocks.section(f"*{first}*"), *map(blocks.section, sections), foot]


def _choose_in_slack() -> str:
    return blocks.link(page_url("/digests"), _("Choose or stop digests"))


def _section(row: Row) -> str:
    first = BETWEEN.join([f"*{blocks.link(page_url(row.address), row.text)}*", *map(blocks.escape, row.remarks)])
    return "\n".join([first, *(f"• {blocks.link(page_url(address), text)}" for text, address in row.items)])


# -- Chatwork -------------------------------------------------------------------------------------


def blocks_of_chatwork(digest: Digest) -> tuple[str, Sequence[Notation]]:
    """The heading and the blocks, each line with its list's address."""
    found = [notation.plain(headline(digest)), *(_block(row) for row in rows(digest, nobody))]
    return _(TITLES[digest.kind]), found


#: The frame's title.
TITLES = {"daily": "Daily digest", "weekly": "Weekly digest"}


def _block(row: Row) -> Notation:
    first = BETWEEN.join([row.text, *row.remarks])
    items = (f"・{text}" for text, _address in row.items if text != "–")
    return notation.lines(*map(notation.plain, (first, *items, page_url(row.address))))
