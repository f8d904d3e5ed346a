"""Asked: a story that somebody began in Slack or on the card asks whether they may, and keeps that it was they.

@urgent
@asks(ANSWER, or_if=chain.is_theirs, did=did(DEEDS["acknowledge"], cases.named))
def acknowledged(user_id: str, value: str, channel: str, ts: str) -> Outcome: …

By their role, or because this one is theirs. Between the button and the story somebody may have lost the role: what
counts is the act. The door asks as well, so that whoever may not is told at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import signature
from typing import Any

from integrations.contract import Trouble
from workflows.engine.durable import Story, current_run, is_repeated
from workflows.engine.outcome import Outcome, ignored
from workflows.people import colleagues, deeds
from workflows.people.deeds import CARD, SLACK, Act
from workflows.people.may import may
from workflows.people.person import Person, somebody, teammate
from workflows.tables.runs import IGNORED

log = logging.getLogger("yamabiko")

NOT_THEIRS = "Skipped: {name} is not allowed to do this."
#: Somebody, and what their button or form was about: is it theirs, whatever their role?
Theirs = Callable[[Person, str], bool]

#: What is said of an act to those who ask who did what, and how people name what it was about; of its arguments.
Did = Callable[[Mapping[str, Any]], tuple[str, str]]


def nobodys(person: Person, about: str) -> bool:
    """What only a role allows."""
    return False


def did(sentence: str, named: Callable[[str], str] = str) -> Did:
    """This sentence, whatever was sent; `named`: how people name what it was about."""
    return lambda given: (sentence, named(subject(given)))


def asks(deed: str, or_if: Theirs = nobodys, did: Did | None = None) -> Callable[[Story], Story]:
    """Let a story ask first. Its arguments name who sent the form or pressed the button.

    `did`: what is kept of it, where the table says no more than that it was of this kind.
    """

    def decorate(story: Story) -> Story:
        takes = signature(story)

        @wraps(story)
        def asked(*args: Any, **kwargs: Any) -> Outcome:
            given = takes.bind(*args, **kwargs).arguments
            person, about = whose(given), subject(given)
            if not (may(person, deed) or or_if(person, about)):
                log.warning("refused %s: %s", person.id, deed)
                return ignored(NOT_THEIRS, name=person.name)
            way = SLACK if "user_id" in given else CARD
            act = Act(person, deed, way, about, origin=current_run())
            if did:
                act.tell(*did(given))
            return _kept(act, partial(story, *args, **kwargs))

        vars(asked).update(deed=deed, or_if=or_if)
        return asked

    return decorate


def _kept(act: Act, story: Callable[[], Outcome]) -> Outcome:
    """Carry it out and keep who did it, unless nothing came of it.

    Something may have where it fails, and where an attempt that was cut off has left nothing to do: then it is kept.
    """
    try:
        outcome = story()
    except Exception:
        deeds.keep(act)
        raise
    if outcome.state != IGNORED or is_repeated():
        deeds.keep(act)
    return outcome


def deed_of(story: Story) -> str:
    """What a story asks for; "" for one that follows nobody's act."""
    return str(getattr(story, "deed", ""))


def whose(given: Mapping[str, Any]) -> Person:
    """Who sent it. Raises Trouble for somebody whom we never met while Slack does not answer."""
    if "user_id" not in given:
        return teammate(given["admin_id"], given["admin_name"], given["admin_email"])
    try:
        colleagues.met(given["user_id"], within_ms=colleagues.LATELY_MS)
    except Trouble:
        if colleagues.recall(given["user_id"]) is None:
            raise
    return somebody(given["user_id"])


def subject(given: Mapping[str, Any]) -> str:
    """What it is about: the button's value, what the form was opened for, the company or the chat in it."""
    values = given.get("values") or {}
    named = (given.get("value"), given.get("about"), values.get("about"), values.get("company"))
    about = next((text for text in (*named, given.get("conversation_id")) if text), "")
    about = about.partition("\n")[0]  # what a form remembers besides stands in further lines
    return about.partition(":")[0] if about.startswith("new:") else about  # a name that was typed is not kept here
