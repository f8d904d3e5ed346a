"""What customers struggle with now, in Slack: to whoever asks without words, and where they share it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from integrations.slack import blocks
from integrations.slack.blocks import Block, escape
from workflows.engine.posting import Message
from workflows.enquiry import shown
from workflows.language.addresses import page_url
from workflows.language.text import _, language, shortened
from workflows.language.wording import time
from workflows.measure import alert_texts
from workflows.measure.alert_texts import Told
from workflows.measure.now import Moved, Now
from workflows.measure.voice import Week
from workflows.overview.enquiry_lists import Row
from workflows.rules import rules
from workflows.volume import themes
from workflows.volume.causes import Asked

HEADLINE = "What customers struggle with now"
FIGURES = "Enquiries: last 7 days: {last} · the 7 days before: {before}"
MOVED = "{n}, the 7 days before: {before}"
GREW = "more than usual"
WAITED = "{n} business minutes"
LATE = "past the target"
OFTEN = "{n} in 13 weeks"
AT_LEAST = "at least {n}"
UNKNOWN = "unknown"
ASK = "To ask about something, type words after the command: {command} {example}"
EMPTY = (
    "No enquiry was counted in the last two weeks, and nobody is waiting. Enquiries appear here when customers write "
    "in Intercom, or once another source is connected on the Connections page."
)
#: Characters of what a customer wrote first.
TITLE = 60


def message(found: Now, reader: str) -> Message:
    """All of it, as it may stand with this person or in this channel."""
    heading = _(HEADLINE)
    if found.is_empty:
        return heading, [blocks.section(f"*{heading}*\n{_(EMPTY)}"), *_links("/setup", _("Connections"))]
    figures = _(FIGURES, last=number(found.last), before=number(found.before))
    parts = [*_alerts(found), *_themes(found), *_waiting(found, reader), *_avoidable(found)]
    tip = blocks.small(_(ASK, command=command(), example=escape(_example(found))))
    return f"{heading} · {figures}", [blocks.section(f"*{heading}*\n{figures}"), *map(blocks.section, parts), tip]


def number(week: Week) -> str:
    """How many, or what is known of it: what was not counted is not zero."""
    if week.is_known:
        return str(week.n)
    return _(AT_LEAST, n=week.n) if week.n else _(UNKNOWN)


def command() -> str:
    """What whoever reads this types to ask."""
    return rules.commands["voice_ja" if language() == "ja" else "voice"]


def _example(found: Now) -> str:
    """Words that lead to something: the most frequent theme."""
    named = [themes.title(each.theme) for each in found.themes]
    return named[0] if named else _("invoice")


def _links(path: str, label: str) -> list[Block]:
    url = page_url(path)
    return [blocks.small(blocks.link(url, label))] if url else []


def _list(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield "\n".join([f"*{heading}*", *(f"• {line}" for line in lines)])


def _link(path: str, label: str) -> str:
    return blocks.link(page_url(path), label)


# -- the parts ------------------------------------------------------------------------------------


def _alerts(found: Now) -> Iterator[str]:
    return _list(_("Open alerts"), [_alert(each) for each in found.alerts])


def _alert(facts: Told) -> str:
    link = _link(f"/alerts/{facts.alert.id}", alert_texts.headline(facts))
    return f"{link} · {_('since {day}', day=time(language(), facts.alert.since))}"


def _themes(found: Now) -> Iterator[str]:
    return _list(
        _("Most frequent themes of the last 7 days"), [_theme(each, _name(each, found.themes)) for each in found.themes]
    )


def _theme(row: Moved, name: str) -> str:
    link = _link(f"/volume?{urlencode({'about': row.theme})}", name)
    return " · ".join([f"{link}: {_(MOVED, n=row.n, before=row.before)}", *([_(GREW)] if row.grew else [])])


def _waiting(found: Now, reader: str) -> Iterator[str]:
    heading = _("Customers waiting for an answer: {n}. The longest:", n=found.waits)
    return _list(heading, [_enquiry(row, reader) for row in found.waiting])


def _enquiry(row: Row, reader: str) -> str:
    who = _link(f"/chats/{row.id}", shown.customer_for(reader, row.person, row.company, row.tier))
    words = escape(shortened(shown.text_for(row.opening), TITLE))
    waited = _(WAITED, n=row.clock.minutes) if row.clock else ""
    late = _(LATE) if row.clock and row.clock.is_late else ""
    return " · ".join(part for part in (who, waited, late, words) if part)


def _avoidable(found: Now) -> Iterator[str]:
    heading = _("Could be avoided: asked most, and nothing done about it yet")
    return _list(heading, [_cause(each, _name(each, found.avoidable)) for each in found.avoidable])


def _cause(row: Asked, name: str) -> str:
    return f"{_link('/volume/causes', name)}: {_(OFTEN, n=row.n)}"


def _name(row: Moved | Asked, rows: Sequence[Moved | Asked]) -> str:
    """What a theme is called: one by words says so beside a tag of the same name."""
    name = themes.title(row.theme)
    return f"{name} ({_('by words')})" if themes.is_twin(row.theme, [each.theme for each in rows]) else name
