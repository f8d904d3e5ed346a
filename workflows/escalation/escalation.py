"""Escalation: a complaint reaches the person who answers for that customer, within a minute and without omission.

    a form, a step of a workflow, a card beside the chat ─► record ─► who answers? ─┬─► one message in the channel
                                                                                   ├─► one to whoever answers
                                                                                   ├─► one to whoever raised it
                                                                                   └─► a note in the conversation
    whatever happens later ─► show: the same messages, as it stands now · report: what became of it
                              handed_on: whoever answers from now on · reopened: it is not done after all

A room in Chatwork that the rules name shows it, too: by runs of its own (`in_chatwork`).

What people do with it is `answer`, what happens when they do nothing is `reminders`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session

from integrations.intercom import conversation_in
from integrations.slack import is_person
from workflows.customer import companies
from workflows.customer.fields import CHAT, NEW
from workflows.engine.attempts import attempt_all
from workflows.engine.durable import current_run, urgent, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.escalation import cases, chain, forms, ladder, messages, rooms, texts
from workflows.escalation.forms import Filled
from workflows.language.wording import say
from workflows.people import colleagues
from workflows.people.asked import NOT_THEIRS, asks
from workflows.people.may import ESCALATE, may
from workflows.people.person import somebody
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.customer import Company
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action

#: A form that a suggestion's button opened: what stands before the conversation that it was about.
SUGGESTED = "suggest:"
NOTED = "Added an internal note to the conversation: escalated."
NOTED_RESULT = "Added the outcome to the conversation as an internal note."
NOTED_REOPENED = "Added an internal note to the conversation: reopened."


@urgent
@asks(ESCALATE)
def submitted(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody sent the form in Slack."""
    raised = record(Filled.of(values), Raiser(user_id, "", about or "shortcut"))
    return carry(raised, lambda: follow_suggestion(about, raised))


def follow_suggestion(about: str, escalation: Escalation) -> None:
    """A suggestion that led to the form says what became of it."""
    if about.startswith(SUGGESTED):
        messages.follow_suggestions(about.removeprefix(SUGGESTED), escalation)


@urgent
def step_started(execution_id: str, inputs: dict[str, str]) -> Outcome:
    """A workflow of Slack's Workflow Builder came to our step: it goes on at once, our buttons live on."""
    filled, user_id = forms.meant(inputs), inputs.get("raised_by", "")
    slack = vendors.slack
    if slack is None:
        return ignored("Slack is not configured.")
    if user_id and not may(raiser := somebody(user_id), ESCALATE):
        slack.fail_step(execution_id, say(colleagues.language_of(user_id), NOT_THEIRS, name=raiser.name))
        return ignored(NOT_THEIRS, name=raiser.name)
    if wrong := forms.wrong(colleagues.language_of(user_id), filled):
        slack.fail_step(execution_id, "\n".join(wrong.values()))
        return ignored("The workflow step was rejected: {why}", why=" ".join(wrong.values()))
    raised = record(filled, Raiser(user_id, "", "workflow"))
    outputs = {"escalation": cases.code(raised.id)}
    return carry(raised, lambda: slack.complete_step(execution_id, outputs))


@urgent
@asks(ESCALATE)
def card_sent(
    admin_id: str, admin_name: str, admin_email: str, conversation_id: str, values: dict[str, str]
) -> Outcome:
    """An agent sent the card beside a chat in Intercom."""
    filled = replace(Filled.of(values), company=f"{CHAT}{conversation_id}", conversation="")
    return carry(record(filled, Raiser(admin_email, admin_name, "card")))


@dataclass(frozen=True)
class Raiser:
    """Who raises it (a Slack id, or an e-mail address), their name where only that is known, and by which way in."""

    person: str
    name: str
    via: str


def record(filled: Filled, raiser: Raiser) -> Escalation:
    """The record of what was sent, made once for one delivery, from what we know ourselves.

    It is watched from that moment: until it is known who answers, the channel does.
    """
    subject = find_subject(filled)
    new = Escalation(
        **{name: getattr(filled, name) for name in ("request", "urgency", "temperature", "gist", "history", "tried")},
        origin=current_run(),
        via=raiser.via,
        raised_by=raiser.person,
        raised_by_name=raiser.name,
        company_id=subject.company_id or None,
        company=subject.company,
        conversation_id=subject.conversation_id or None,
        conversation_url=subject.url,
        state=ladder.SHARED if filled.request == ladder.INFORMATION else ladder.OPEN,
        chain=chain.the_channel(),
        person=chain.the_channel()[0]["person"],
        role=ladder.FALLBACK,
        raised_at=now_ms(),
    )
    ladder.begin(new, now_ms())
    return store.write(partial(_keep, new))


def _keep(new: Escalation, session: Session) -> Escalation:
    kept = copy_of(cases.record(session, copy_of(new)))
    rooms.begin(session, kept)
    return kept


@dataclass(frozen=True)
class Subject:
    """Whom and which conversation an escalation is about."""

    company_id: str
    company: str
    conversation_id: str = ""
    url: str = ""


def find_subject(filled: Filled) -> Subject:
    """The company that was chosen, typed, or talks in the conversation as far as we know; and that conversation."""
    hinted = filled.company.removeprefix(CHAT) if filled.company.startswith(CHAT) else ""
    conversation_id = conversation_in(filled.conversation) or hinted
    url = filled.conversation if conversation_in(filled.conversation) else ""
    chosen = store.read(lambda session: session.get(Company, filled.company))
    talking = store.read(lambda session: companies.company_of_chat(session, conversation_id))
    if chosen is None and talking is not None and filled.company.startswith((CHAT, NEW)):
        chosen = talking
    if chosen is not None:
        return Subject(chosen.id, chosen.name, conversation_id, url)
    name = say(rules.language, "(unknown)") if hinted else filled.company.removeprefix(NEW).strip()
    return Subject("", name, conversation_id, url)


# -- reaching people ------------------------------------------------------------------------------


def carry(escalation: Escalation, *also: Callable[[], object]) -> Outcome:
    """Find who answers, and tell everybody whom it concerns; nobody waits because another cannot be reached."""
    escalation = messages.assign(escalation)
    trouble = attempt_all(
        lambda: messages.post(escalation),
        lambda: messages.tell(escalation, escalation.person),
        lambda: messages.send_receipt(escalation),
        lambda: messages.note(escalation, "escalated", NOTED, texts.raised_note),
        *also,
    )
    if trouble is not None:
        raise trouble
    if not is_person(escalation.person):
        return done("{code} is in the channel: no owner was found.", code=cases.code(escalation.id))
    name = texts.name_of(escalation.person)
    return done("{code} was sent to {name}.", code=cases.code(escalation.id), name=name)


@workflow
def show(escalation_id: int) -> Outcome:
    """Something changed: bring every message about an escalation up to date."""
    messages.update(escalation_id)
    return done("Updated the message for {code}.", code=cases.code(escalation_id))


@workflow
def report(escalation_id: int) -> Outcome:
    """It is done: whoever raised it hears the result, and so does everybody who opens the conversation."""
    escalation = messages.known(escalation_id)
    trouble = attempt_all(
        lambda: messages.tell_result(escalation),
        lambda: messages.note_again(escalation, "result", NOTED_RESULT, texts.result_note),
    )
    if trouble is not None:
        raise trouble
    return done("{code} is done, and the reporter was notified.", code=cases.code(escalation_id))


@workflow
def reopened(escalation_id: int) -> Outcome:
    """It is not done after all: whoever heard that it was hears that, too, and whoever answers for it."""
    escalation = messages.known(escalation_id)
    if escalation.state == ladder.DONE:
        return ignored("Nobody was notified: {code} is done again.", code=cases.code(escalation_id))
    who = {
        messages.receipt_key(escalation): escalation.raised_by,
        messages.direct_key(escalation, escalation.person): escalation.person,
    }
    trouble = attempt_all(
        *(partial(messages.tell_reopened, escalation, key, person) for key, person in who.items()),
        lambda: messages.note_again(escalation, "reopened", NOTED_REOPENED, texts.reopened_note),
    )
    if trouble is not None:
        raise trouble
    return done("{code} was reopened, and those concerned were notified.", code=cases.code(escalation_id))


@workflow
def handed_on(escalation_id: int, told: str) -> Outcome:
    """It is somebody else's now: they hear it. `told` is what the timeline says of it: by whom, and with which word."""
    escalation = messages.known(escalation_id)
    said = store.read(lambda session: session.get_one(Action, told)).facts
    messages.hand_over(escalation, said["name"], said["note"])
    return done("{code} was handed over to {name}.", code=cases.code(escalation_id), name=said["other"])
