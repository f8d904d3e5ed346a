"""A list of wishes as a CSV file for a spreadsheet. What customers and colleagues wrote stays text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.customer import sheets
from workflows.language.addresses import feedback_url
from workflows.language.wording import say
from workflows.meeting.export import day
from workflows.overview.wish_lists import Row
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS
from workflows.wish.wishes import code

COLUMNS = (
    *("Number", "Type", "Short title", "The customer's words", "Company", "Tier", "Monthly spend", "Requested on"),
    *("Days waiting", "Filed by", "Status", "Decision", "Reason", "Weight", "Background", "URL"),
)


def table(language: str, rows: Sequence[Row], at: int) -> bytes:
    """A file that Excel opens as it is."""
    return sheets.write([say(language, column) for column in COLUMNS], [_cells(language, row, at) for row in rows])


def _cells(language: str, row: Row, at: int) -> Sequence[str]:
    voice, decision = row.voice, row.decision
    return (
        code(row.id),
        say(language, voice.kind),
        voice.title,
        voice.quote,
        voice.firm.name or voice.person,
        voice.firm.tier,
        f"{voice.firm.mrr:.0f}",
        day(voice.said_at),
        str(rules.calendar.days(voice.said_at, at)),
        voice.agent,
        say(language, row.life.words),
        say(language, CONCLUSIONS[decision.conclusion].words) if decision else "",
        decision.reason if decision else "",
        "" if row.weight is None else str(row.weight),
        voice.context.background if voice.context else "",
        feedback_url(row.id),
    )
