"""The fields that several forms share: which company, which conversation, how warm the customer is, which day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from integrations.slack import blocks, views
from workflows.engine.store import now_ms
from workflows.language.wording import say
from workflows.rules import rules

#: The longest text of a field, in characters.
LONG = 3000

#: A company that we have no record of is called by what somebody typed.
NEW = "new:"


#: … and one that is to be found by its conversation, by that.
CHAT = "chat:"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

FIND = "Or paste the link to the conversation to find the company."


LINK = "Copy it from Intercom's address bar. The outcome is noted there, too."


def words(language: str, choices: Mapping[str, str]) -> list[views.Option]:
    """The values of a choice with their words, as a form offers them."""
    return [(value, say(language, text)) for value, text in choices.items()]


def is_day(text: str) -> bool:
    """Is this a day, written as 2026-11-30?"""
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def today() -> date:
    """The day that it is where the company works."""
    return rules.calendar.local(now_ms()).date()


def notice(language: str, title: str, sentence: str) -> blocks.Block:
    """A view with one sentence and nothing to fill in."""
    text = blocks.section(blocks.escape(sentence))
    return views.notice(say(language, title), [text], close=say(language, "Close"))
