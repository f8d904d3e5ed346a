"""What is said of an alert, in Slack and in Chatwork: that it began, goes on or is over; what grew; what people said.

facts = told(session, alert)          # the alert and the names that its message says
message(facts)                        # Slack: with buttons, as long as nobody has said what it is
blocks_of_chatwork(facts)             # Chatwork: the same without buttons, and without any customer's name
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from integrations.chatwork import Notation, notation
from integrations.slack import blocks
from integrations.slack.blocks import Block
from workflows.engine.posting import Message
from workflows.enquiry import shown
from workflows.language.addresses import alert_url, page_url
from workflows.language.text import _, language, shortened
from workflows.language.wording import brief, date, length
from workflows.measure.limits import CEILING, DRIFT, EXPECTED, FAULT, FEW, MANY, MISTAKEN
from workflows.measure.watching import LEARNING, MISSING
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.customer import Company
from workflows.tables.measure import Alert
from workflows.volume import sources, themes

#: What people say of one, on its buttons and in sentences.
VERDICTS = {FAULT: "Fault", EXPECTED: "Expected", MISTAKEN: "False alert"}
BUTTONS = {FAULT: "alert_fault", EXPECTED: "alert_expected", MISTAKEN: "alert_mistaken"}
UNJUDGE = "alert_unjudged"
#: What happened, as it begins or goes on, and once it is over.
HEADLINES = {
    MANY: ("Enquiries are above normal", "Enquiries are back to normal"),
    FEW: ("Hardly any enquiries are coming in", "Enquiries are coming in again"),
    DRIFT: (
        "About {percent}% more enquiries than usual since {since}",
        "The slow rise in enquiries is over",
    ),
    MISSING: ("No counts from {source}", "Counts from {source} are complete again"),
}
ABOUT_THEME = ("Enquiries about {theme} are above normal", "Enquiries about {theme} are back to normal")
#: What stands before it in Slack, where many messages are looked over at once; and once it is over.
SIGNS, OVER = {MANY: "📈", FEW: "📉", DRIFT: "↗️", MISSING: "⚠️"}, "✅"
NUMBERS = "{n} since {since}; about {usual} are usual."
NUMBERS_OVER = "{n} from {since} to {until}; about {usual} are usual."
DRIFTED = "{n} instead of {usual} since {since}. No half hour by itself stands out, but their sum does."
DRIFTED_OVER = "{n} instead of {usual} from {since} to {until}."
CEILING_WAS = "More than {n} in half an hour, the ceiling set in [alerts]."
STILL_LEARNING = "Still learning what is usual here: this limit is a cautious one."
PERHAPS_BROKEN = "Is the messenger or the form broken? Write a test enquiry."
NOT_KNOWN = (
    "Nothing has been reported since {since}. What came in since then is missing, not zero, and no alert can be found "
    "in it. Check the connection on the setup page."
)
GREW, ALONE, SAMPLES, MARKS = "What grew", "One company writes often", "Examples", "What happened before"
GREW_ITEM = "{theme}: {n} (usually {usual})"
WAS_JUDGED = "{name}: {verdict}"
LASTED = "Lasted {time}."
#: Characters of a title of something that happened before.
TITLE = 80
BETWEEN = " · "


@dataclass(frozen=True)
class Told:
    """An alert, and the company that writes alone ("" for none)."""

    alert: Alert
    company: str = ""

    @property
    def is_over(self) -> bool:
        """Is it over, or said to be nothing?"""
        return self.alert.over_at is not None


def told(session: Session, alert: Alert) -> Told:
    """What its message says."""
    alone = alert.details.get("alone") or [""]
    company = session.get(Company, alone[0]) if alone[0] else None
    return Told(copy_of(alert), company.name if company else str(alone[0]))


def headline(facts: Told) -> str:
    """What happened, in one line without anything that customers wrote."""
    alert = facts.alert
    if alert.name and alert.kind == MANY:
        return _(ABOUT_THEME[facts.is_over], theme=themes.title(alert.name))
    source = _(sources.title(alert.name)) if alert.kind == MISSING else ""
    since = date(language(), alert.since)
    return _(HEADLINES[alert.kind][facts.is_over], source=source, since=since, percent=_more(alert))


def _more(alert: Alert) -> int:
    """By how many percent it is more than usual."""
    return round(100 * (alert.came / alert.usual - 1)) if alert.usual else 0


def lines(facts: Told) -> list[str]:
    """How many came, by what it is unusual, how long it lasted."""
    alert = facts.alert
    since, until = (brief(language(), alert.loud_at, at) for at in (alert.since, alert.loud_at))
    if alert.kind == MISSING:
        return [_(LASTED, time=_length(alert)) if facts.is_over else _(NOT_KNOWN, since=since)]
    plain = (DRIFTED, DRIFTED_OVER) if alert.kind == DRIFT else (NUMBERS, NUMBERS_OVER)
    usually = f"{round(alert.usual) if alert.kind == DRIFT else alert.usual:g}"
    numbers = _(plain[facts.is_over], n=alert.came, usual=usually, since=since, until=until)
    rule = {CEILING: _(CEILING_WAS, n=f"{alert.threshold:g}"), LEARNING: _(STILL_LEARNING)}.get(alert.rule, "")
    hint = _(PERHAPS_BROKEN) if alert.kind == FEW and not facts.is_over else ""
    return [line for line in (numbers, rule, hint, _(LASTED, time=_length(alert)) if facts.is_over else "") if line]


def _length(alert: Alert) -> str:
    return length(language(), (alert.over_at or alert.loud_at) - alert.since)


def grown(facts: Told) -> list[str]:
    """The themes that grew, the most telling first."""
    found = facts.alert.details.get("grown") or ()
    return [_(GREW_ITEM, theme=themes.title(name), n=n, usual=f"{usual:g}") for name, n, usual in found]


def judged(alert: Alert) -> str:
    """Who said what it is; "" for nobody."""
    return _(WAS_JUDGED, name=alert.person_name, verdict=_(VERDICTS[alert.verdict])) if alert.verdict else ""


def samples(alert: Alert) -> list[tuple[str, str]]:
    """Some enquiries: what they are called, and where they can be read: on a page of ours (a path), or elsewhere."""
    found = ((id.partition("/"), url) for id, url in alert.details.get("samples") or ())
    return [
        (f"{sources.title(source)} {id}", f"/chats/{id}" if source == sources.INTERCOM else url)
        for (source, _slash, id), url in found
    ]


def marks(alert: Alert) -> list[tuple[str, str]]:
    """What was released or began before, with its time; and its page."""
    found: Sequence[Any] = alert.details.get("marks") or ()
    at = ((title, address, brief(language(), alert.began_at, moment)) for title, address, moment in found)
    return [(f"{time} {shortened(title, TITLE)}", address) for title, address, time in at]


def _anywhere(address: str) -> str:
    """As it is opened from elsewhere."""
    return page_url(address) if address.startswith("/") else address


# -- Slack -----------------------------------------------------------------------------------------


def message(facts: Told) -> Message:
    """Its first line alone says what happened."""
    sign = OVER if facts.is_over else SIGNS[facts.alert.kind]
    first = f"{sign} {blocks.escape(headline(facts))}"
    said = [blocks.escape(line) for line in lines(facts)]
    sections = ["\n".join([f"*{first}*", *said]), *_explained(facts)]
    foot = BETWEEN.join(part for part in (_verdict(facts.alert), _page(facts.alert)) if part)
    return first, [*map(blocks.section, sections), *([blocks.small(foot)] if foot else []), *_buttons(facts.alert)]


def _explained(facts: Told) -> list[str]:
    """What grew, from whom it came, where it can be read, what happened before."""
    alone = facts.alert.details.get("alone")
    by = [f"{_company(facts)} ({alone[1]})"] if alone else []
    found = {
        GREW: [f"• {blocks.escape(line)}" for line in grown(facts)],
        ALONE: [f"• {blocks.escape(line)}" for line in by],
        SAMPLES: [BETWEEN.join(blocks.link(_anywhere(to), label) for label, to in samples(facts.alert))],
        MARKS: [f"• {blocks.link(_anywhere(to), label)}" for label, to in marks(facts.alert)],
    }
    return ["\n".join([f"*{_(title)}*", *some]) for title, some in found.items() if any(some)]


def _company(facts: Told) -> str:
    """As far as it may stand in the channel."""
    return shown.customer_for(rules.alerts.channel, "", facts.company, "")


def _verdict(alert: Alert) -> str:
    return blocks.escape(judged(alert))


def _page(alert: Alert) -> str:
    url = alert_url(alert.id)
    return blocks.link(url, _("Open the chart and the figures")) if url else ""


def _buttons(alert: Alert) -> list[Block]:
    """What it was, as long as nobody said so; then how to take that back. A source that is silent explains itself."""
    value = str(alert.id)
    if alert.kind == MISSING:
        return []
    if alert.verdict:
        return [blocks.actions(blocks.button(_("Undo"), UNJUDGE, value))]
    return [blocks.actions(*(blocks.button(_(VERDICTS[kind]), id, value) for kind, id in BUTTONS.items()))]


# -- Chatwork --------------------------------------------------------------------------------------


def blocks_of_chatwork(facts: Told) -> tuple[str, Sequence[Notation]]:
    """The heading and the blocks; a room may have others in it, so no customer is named."""
    found = [lines(facts), [_(GREW), *grown(facts)] if grown(facts) else [], [judged(facts.alert)]]
    before = [f"{label} {_anywhere(to)}".strip() for label, to in marks(facts.alert)]
    found.append([_(MARKS), *before] if before else [])
    return headline(facts), [notation.lines(*map(notation.plain, some)) for some in found if any(some)]
