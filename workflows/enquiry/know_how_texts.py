"""What whoever looks for an answer to use again reads in Slack, in the reply to `/定型文 言葉`."""

from __future__ import annotations

from functools import partial

from integrations.slack import blocks
from integrations.slack.blocks import Block, escape
from workflows.engine.store import store
from workflows.enquiry import know_how
from workflows.enquiry.know_how import Uses
from workflows.enquiry.know_how_forms import linked
from workflows.language.text import shortened_lines
from workflows.language.wording import promised_day, say
from workflows.tables.enquiry import KnowHow

#: So many are shown, of each the first characters.
MOST, WORDS = 5, 300
MOST_USED = "The reusable answers that are used most"
FOUND = "Reusable answers with “{words}”: {n}"
NOTHING = (
    "No reusable answer holds all of these words: {words}. Try fewer words. To make one, have a colleague's answer "
    "marked in a thread, then choose “Make it reusable” below it."
)
NONE_YET = (
    "There are no reusable answers yet. To make one, have a colleague's answer marked in a thread, then choose "
    "“Make it reusable” below it."
)


def answer(language: str, typed: str) -> tuple[str, list[Block]]:
    """The answers that hold every word that was typed, those first that are used the most."""
    rows = store.read(know_how.in_use)
    found = know_how.matching(rows, typed)
    if not found:
        sentence = NOTHING if rows else NONE_YET
        return _only(say(language, sentence, words=escape(typed[:100])))
    shown = store.read(partial(know_how.most_used, rows=found, most=MOST))
    title = say(language, FOUND, words=escape(typed[:100]), n=len(found)) if typed else say(language, MOST_USED)
    made = [block for row, used in shown for block in _one(language, row, used)]
    more = len(found) - len(shown)
    rest = [blocks.small(say(language, "{n} more. Type more words to narrow them down.", n=more))] if more else []
    return title, [blocks.section(f"*{title}*"), *made, *rest]


def _only(sentence: str) -> tuple[str, list[Block]]:
    return sentence, [blocks.section(sentence)]


def _one(language: str, row: KnowHow, used: Uses) -> list[Block]:
    """Its title, its first lines, who answers for it, and how it is used."""
    words = shortened_lines(know_how.text_in(row, language), WORDS)
    return [
        blocks.section(f"*{linked(row)}*\n{blocks.quote(words or blocks.EMPTY)}"),
        blocks.small(escape(" · ".join(facts(language, row, used)))),
    ]


def facts(language: str, row: KnowHow, used: Uses) -> list[str]:
    """Who answers for it, when to look at it again, and how often it was used."""
    _ = partial(say, language)
    found = [_("Owner: {name}", name=row.owner_name)] if row.owner_name else [_("No owner")]
    if row.review_on:
        day = promised_day(language, row.review_on)
        found.append(_("Review due since {day}", day=day) if know_how.is_due(row) else _("Review on {day}", day=day))
    if used.edited:
        return [*found, _("Used {n} times, {edited} of them edited", n=used.sent, edited=used.edited)]
    return [*found, _("Used {n} times", n=used.sent)]
