"""What a customer was promised: the approved sentences of the rules, and what each lets them expect."""

from __future__ import annotations

from workflows.language.wording import WEEKDAYS
from workflows.rules import rules
from workflows.rules.meeting import Promise


def named(name: str) -> Promise | None:
    """An approved wording by its name in the rules."""
    return next((promise for promise in rules.promises if promise.name == name), None)


def level_of(name: str) -> str:
    """What a wording promises; "" for none, or one that the rules do not have any more."""
    promise = named(name)
    return promise.level if promise else ""


def sentence(name: str, language: str, customer: str) -> str:
    """A wording's sentence for a customer (their name, or "" where it is not known); "" for none."""
    promise = named(name)
    if promise is None:
        return ""
    who = customer.strip() or rules.wording[language]["nobody"]
    weekday = WEEKDAYS[language][rules.triage.weekday]
    return promise.words[language].replace("{name}", who).replace("{weekday}", weekday)
