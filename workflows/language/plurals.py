"""English sentences about exactly one, where the sentence that callers know speaks of several.

Japanese has no plural, so its catalogue knows the callers' sentences alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale

#: The facts by which something is counted.
COUNTED = ("n", "count")
ONE = {
    "{n} days": "{n} day",
    "{n} cases": "{n} case",
    "{n} results": "{n} result",
    "{n} companies": "{n} company",
    "{n} companies × {each}": "{n} company × {each}",
    "{n} companies ask for this; weight {weight}.": "{n} company asks for this; weight {weight}.",
    "{n} weeks × {each} (at most {most} weeks)": "{n} week × {each} (at most {most} weeks)",
    "carried over {n} times": "carried over once",
    "{n} wishes to decide": "{n} wish to decide",
    "As of {day}: {n} wishes to decide.": "As of {day}: {n} wish to decide.",
    "Meeting on {when}: {n} wishes to decide": "Meeting on {when}: {n} wish to decide",
    "Posted the agenda of the meeting: {n} wishes.": "Posted the agenda of the meeting: {n} wish.",
    "{n} conversations come back with a draft: these customers are to be told.": (
        "{n} conversation comes back with a draft: this customer is to be told."
    ),
    "{key} is done: reopening {count} conversations.": "{key} is done: reopening {count} conversation.",
    "{key} is done: {summary}. Reopening {count} conversations that asked for it.": (
        "{key} is done: {summary}. Reopening {count} conversation that asked for it."
    ),
    "{key} is no longer done: {summary}. {count} conversations were reopened for it; "
    "please do not tell the customers before it is done again.": (
        "{key} is no longer done: {summary}. {count} conversation was reopened for it; "
        "please do not tell the customer before it is done again."
    ),
    "Showed {count} conversations on {key}.": "Showed {count} conversation on {key}.",
    "Erased what had arrived late: {n} texts.": "Erased what had arrived late: {n} text.",
    "The process died {count} times while working on this.": "The process died once while working on this.",
    "{n} lines can be kept.": "{n} line can be kept.",
    "{n} lines have a mistake and are left out.": "{n} line has a mistake and is left out.",
    "Keep {n} lines": "Keep {n} line",
    "{n} lines were kept.": "{n} line was kept.",
    "Imported {file}: {n} lines.": "Imported {file}: {n} line.",
    "every {n} minutes": "every minute",
    "{n} judgements cannot be measured: the company is not on record, or had left before.": (
        "{n} judgement cannot be measured: the company is not on record, or had left before."
    ),
}


def counted(language: str, sentence: str, facts: Mapping[str, Any]) -> str:
    """The sentence as this language says it of so many."""
    number = str(next((facts[name] for name in COUNTED if name in facts), ""))
    is_one = number.isdigit() and Locale(language).plural_form(int(number)) == "one"
    return ONE.get(sentence, sentence) if is_one else sentence
