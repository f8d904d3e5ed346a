"""Answers in Slack: what people do with an escalation, by its buttons and the forms that these open.

    受領 acknowledge ─► whoever is first answers for it; the others see who
    対応中 start · 完了 finish (the form of closing) ─► 再開 reopen · 担当が違う hand on · a judgement, at any time
    /owner ─► who answers for a company from now on

What becomes of the escalation is `answers`, which its page uses as well; here whoever pressed hears why not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlmodel import Session

from integrations.slack import blocks
from workflows.customer import owners
from workflows.engine import posting
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import current_run, urgent
from workflows.engine.outcome import Outcome, Refused, done, ignored
from workflows.engine.store import now_ms, store
from workflows.escalation import answers, cases, chain, forms, texts
from workflows.escalation.answers import DEEDS, By, TooLate, name_of
from workflows.language.wording import say
from workflows.people import colleagues
from workflows.people.asked import asks, did
from workflows.people.may import ANSWER, ASSIGN
from workflows.rules import rules
from workflows.tables.customer import Company
from workflows.tables.escalation import Escalation


@urgent
@asks(ANSWER, or_if=chain.is_theirs, did=did(DEEDS["acknowledge"], cases.named))
def acknowledged(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody takes it: from now on they answer for it."""
    refused = _told(user_id, channel, lambda by: answers.acknowledge(by, _id(value)))
    return refused or done("{name} acknowledged {code}.", **_facts(value, user_id))


@urgent
@asks(ANSWER, or_if=chain.is_theirs, did=did(DEEDS["start"], cases.named))
def started(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody works on it now."""
    refused = _told(user_id, channel, lambda by: answers.begin(by, _id(value)))
    return refused or done("{name} started working on {code}.", **_facts(value, user_id))


def _judging(given: Mapping[str, Any]) -> tuple[str, str]:
    """The form of closing closes."""
    asked = forms.About.read(given["about"])
    return DEEDS["done" if asked.phase == forms.CLOSING else "judge"], cases.named(asked.id)


@urgent
@asks(ANSWER, or_if=chain.is_theirs, did=_judging)
def judged(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """What the owner thinks of the risk, and what comes next; on closing, how it ended."""
    asked = forms.About.read(about)
    judge = partial(answers.judge, id=_id(asked.id), values=values, phase=asked.phase)
    refused = _told(user_id, "", lambda by: judge(replace(by, judged=asked.seen)))
    return refused or done("{name} added an assessment to {code}.", **_facts(asked.id, user_id))


@urgent
@asks(ANSWER, or_if=chain.is_theirs, did=did(DEEDS["hand-on"], cases.named))
def handed_on(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """It is somebody else's: they are asked now."""
    person, note = values.get("person", ""), values.get("note", "")
    if colleagues.look(person).left:
        answer_to(user_id, "", answers.LEFT, name=name_of(person))
        return ignored("Not handed over: {name} cannot be reached in Slack.", name=name_of(person))
    refused = _told(user_id, "", lambda by: answers.hand_on(by, _id(about), person, note))
    return refused or done("{code} was handed over to {name}.", **_facts(about, person))


@urgent
@asks(ANSWER, or_if=chain.is_theirs, did=did(DEEDS["rearm"], cases.named))
def rearmed(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody wants to be asked daily again about an old one."""
    refused = _told(user_id, channel, lambda by: answers.rearm(by, _id(value)))
    return refused or done("{code}: daily reminders resumed.", **_facts(value, user_id))


@urgent
@asks(ANSWER, or_if=chain.is_theirs, did=did(DEEDS["reopen"], cases.named))
def reopened(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """It was marked as done, and is not."""
    refused = _told(user_id, channel, lambda by: answers.reopen(by, _id(value)))
    return refused or done("{name} reopened {code}.", **_facts(value, user_id))


@urgent
@asks(ASSIGN)
def owners_set(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody said who answers for a company."""
    is_about = about == values.get("company")  # else empty fields were never filled with who is on record
    people = {role: person for role in owners.ROLES if (person := values.get(role, "")) or is_about}
    company = store.read(lambda session: session.get(Company, values.get("company", "")))
    if company is None:
        return ignored("No owner was set: the company is not registered.")
    names = [f"{say(rules.language, role)}: {name_of(person)}" for role, person in people.items() if person]
    facts = {"name": name_of(user_id), "company": company.name, "people": "、".join(names)}
    sentence = "{name} set the owners of {company}: {people}."

    def work(session: Session) -> None:
        owners.put_by_hand(session, company.id, people, user_id)
        happened(session, Intent("slack", "owner", f"owner:{current_run()}", company.id, sentence, facts))

    store.write(work)
    return done(sentence, **facts)


# -- what they share ------------------------------------------------------------------------------


def _told(user_id: str, channel: str, answer: Callable[[By], Escalation]) -> Outcome | None:
    """Carry out an answer; where that is not possible any more, say why to whoever pressed, unless it was they."""
    try:
        answer(By(user_id, current_run()))
    except TooLate as refused:
        if refused.who != user_id:
            answer_to(user_id, channel, refused.sentence, **refused.facts)
        return ignored(refused.sentence, **refused.facts)
    except Refused as refused:
        return ignored(refused.sentence, **refused.facts)
    return None


def answer_to(user_id: str, channel: str, sentence: str, **facts: object) -> None:
    """Say something to the one who pressed: where they pressed, else in a message of its own."""
    escaped = {name: blocks.escape(str(value)) for name, value in facts.items()}
    text = say(colleagues.language_of(user_id), sentence, **escaped)
    if not posting.whisper(channel or rules.escalation_channel, user_id, text):
        intent = Intent("slack", "answer", f"answer:{current_run()}", user_id, "Explained why it was not done.")
        posting.post(intent, texts.line(text), since_ms=now_ms())


def _facts(value: str, user_id: str) -> dict[str, str]:
    return {"code": cases.code(_id(value)), "name": name_of(user_id)}


def _id(value: str) -> int:
    return cases.id_of(value) or 0
