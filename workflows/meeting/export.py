"""The agenda as a file: Markdown for a tool in which minutes are taken, CSV for a spreadsheet. Pure.

What customers and colleagues wrote stays text in both: no link, no heading, no formula comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from workflows.customer import sheets
from workflows.language.addresses import feedback_url
from workflows.language.wording import full_date, full_time, say
from workflows.meeting.items import Agenda, Item
from workflows.meeting.weight import Term
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.meeting import Decision
from workflows.wish.voices import Voice
from workflows.wish.wishes import code

#: Whatever begins something in Markdown, or makes an address of a text.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&:@=$^])")
COLUMNS = (
    *(
        "Number",
        "Type",
        "Short title",
        "The customer's words",
        "Company",
        "Tier",
        "Monthly spend",
        "Number of companies",
        "Requested on",
        "Days waiting",
    ),
    *("Carried over", "Importance", "Customer temperature", "Background", "Weight", "Decision", "Issues", "URL"),
)


class Decided(Protocol):
    """A decision, and the wish that it is about."""

    @property
    def decision(self) -> Decision:
        """What was decided."""

    @property
    def voice(self) -> Voice:
        """What it is about."""


def day(at: int) -> str:
    """A day as machines write it: 2026-11-25."""
    return f"{rules.calendar.local(at):%Y-%m-%d}"


def term(language: str, term: Term) -> str:
    """One line of the sum, without its result: 会社 3社 × 10."""
    _ = partial(say, language)
    if term.name == "company":
        return _("{n} companies × {each}", n=term.counted, each=term.each)
    if term.name == "tier":
        return _("{tier}: {n} × {each}", tier=term.counted, n=term.points // (term.each or 1), each=term.each)
    if term.name == "money":
        return _("monthly spend {n} ÷ {each}", n=f"{term.counted:,}", each=f"{term.each:,}")
    if term.name == "age":
        return _("{n} weeks × {each} (at most {most} weeks)", n=term.counted, each=term.each, most=rules.weight.weeks)
    label = _("Importance") if term.name == "importance" else _("Customer temperature")
    return _("{label}: {word}", label=label, word=_(str(term.counted)) if term.counted else _("not filled in"))


def sum_of(language: str, item: Item) -> str:
    """The weight as a sum that can be added up by hand, in one line."""
    lines = [f"{term(language, each)} = {each.points}" for each in item.weighed.terms if each.points]
    return f"{item.weighed.weight} ({' + '.join(lines)})" if lines else str(item.weighed.weight)


# -- Markdown -------------------------------------------------------------------------------------


def markdown(language: str, agenda: Agenda, at: int) -> str:
    """A heading for the meeting, and a section for each wish."""
    _ = partial(say, language)
    when = full_time(language, agenda.next_meeting)
    lines = [
        f"# {_('Meeting')} {when}",
        "",
        _("As of {day}: {n} requests to decide.", day=day(at), n=len(agenda.items)),
    ]
    for number, item in enumerate(agenda.items, 1):
        lines += ["", *_section(language, number, item)]
    return "\n".join(lines) + "\n"


def minutes(language: str, found: Sequence[Decided], at: int) -> str:
    """A heading for the day, and for each decision who asked for what, what was decided, why and by whom."""
    _ = partial(say, language)
    lines = [f"# {_('Decisions on {day}', day=full_date(language, at))}"]
    for each in found:
        decision, voice = each.decision, each.voice
        lines += ["", f"## {code(voice.feedback_id)} {_(CONCLUSIONS[decision.conclusion].words)}", ""]
        lines += _voice(language, voice)
        facts = {
            _("Reason"): decision.reason,
            _("Explanation for the customer"): decision.answer,
            _("Duplicate of"): code(decision.into_id) if decision.into_id else "",
            _("Decided by"): decision.person_name,
        }
        lines += [f"- {name}: {_inert(text)}" for name, text in facts.items() if text]
        lines += [f"- <{feedback_url(voice.feedback_id)}>"] if feedback_url(voice.feedback_id) else []
    return "\n".join(lines) + "\n"


def _section(language: str, number: int, item: Item) -> list[str]:
    _, first = partial(say, language), item.voices[0]
    facts = [
        (_("Background"), _inert(first.context.background if first.context else "") or _("not filled in")),
        (_("Importance"), _word(language, item.weighed.importance)),
        (_("Customer temperature"), _word(language, item.weighed.temperature)),
        (_("Weight"), _inert(sum_of(language, item))),
        (_("Carried over"), str(item.weighed.carried)),
        ("Jira", ", ".join(_inert(issue.key) for issue in item.issues) or "–"),
    ]
    return [
        " ".join(filter(None, (f"## {number}\\. {code(item.id)} {_(first.kind)}", _inert(first.title)))),
        "",
        *(line for voice in item.voices for line in _voice(language, voice)),
        *(f"- {name}: {text}" for name, text in facts),
        *([f"- <{feedback_url(item.id)}>"] if feedback_url(item.id) else []),
    ]


def _voice(language: str, voice: Voice) -> list[str]:
    who = (voice.firm.name, voice.firm.tier, voice.person, full_date(language, voice.said_at), voice.agent)
    return [f"> {_inert(voice.quote)}", "", f"— {' · '.join(_inert(each) for each in who if each)}", ""]


def _inert(text: str) -> str:
    """A text on one line that is no Markdown."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


# -- CSV ------------------------------------------------------------------------------------------


def table(language: str, agenda: Agenda, at: int) -> bytes:
    """A file that Excel opens as it is."""
    header = [say(language, column) for column in COLUMNS]
    return sheets.write(header, [_row(language, item, at) for item in agenda.items])


def _row(language: str, item: Item, at: int) -> Sequence[str]:
    first, weighed = item.voices[0], item.weighed
    return (
        code(item.id),
        say(language, first.kind),
        first.title,
        first.quote,
        first.firm.name,
        first.firm.tier,
        f"{weighed.mrr:.0f}",
        str(len(weighed.firms)),
        day(weighed.said_at),
        str(rules.calendar.days(weighed.said_at, at)),
        str(weighed.carried),
        say(language, weighed.importance),
        say(language, weighed.temperature),
        first.context.background if first.context else "",
        str(weighed.weight),
        say(language, CONCLUSIONS[item.decision.conclusion].words) if item.decision else "",
        " ".join(issue.key for issue in item.issues),
        feedback_url(item.id),
    )


def _word(language: str, word: str) -> str:
    return say(language, word) if word else say(language, "not filled in")
