"""What a customer was promised: the approved sentences of the rules, and what each lets them expect."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.language.customers import addressed, language_of
from workflows.language.text import shortened
from workflows.language.wording import weekday
from workflows.rules import rules
from workflows.rules.meeting import Promise

#: How we come back to a customer, by where they told us: what fills {by} in a sentence.
BY = {
    "intercom": {"ja": "こちらのチャットで", "en": "here"},
    "phone": {"ja": "お電話にて", "en": "by phone"},
    "mail": {"ja": "メールにて", "en": "by email"},
}
ELSEWHERE = {"ja": "あらためて", "en": "again"}
#: Characters of a name.
NAME = 40


@dataclass(frozen=True)
class Customer:
    """Who hears a sentence: their name ("" where it is not known), their language, and where they told us."""

    name: str = ""
    language: str = ""
    source: str = "intercom"


def speaker(name: str, quote: str, source: str, declared: str = "") -> Customer:
    """Who said this there; `declared` is the language that Intercom says."""
    return Customer(name, language_of(declared, quote, usual=rules.language), source)


def named(name: str) -> Promise | None:
    """An approved wording by its name in the rules."""
    return next((promise for promise in rules.promises if promise.name == name), None)


def level_of(name: str) -> str:
    """What a wording promises; "" for none, or one that the rules do not have any more."""
    promise = named(name)
    return promise.level if promise else ""


def sentence(name: str, customer: Customer) -> str:
    """A wording's sentence, to be read out to a customer or pasted; "" for none."""
    promise, language = named(name), customer.language or rules.language
    if promise is None:
        return ""
    who = shortened(addressed(language, customer.name), NAME) or rules.words("nobody", language)
    facts = {
        "name": who,
        "weekday": weekday(language, rules.triage.weekday),
        "by": BY.get(customer.source, ELSEWHERE)[language],
    }
    words = promise.words[language]
    for gap, fact in facts.items():
        words = words.replace(f"{{{gap}}}", fact)
    return words
