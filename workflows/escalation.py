"""Escalation: a complaint reaches the person who answers for that customer, within a minute and without omission.

    a form, a step of a workflow, a card beside the chat ─► record ─► who answers? ─┬─► one message in the channel
                                                                                   ├─► one to whoever answers
                                                                                   ├─► one to whoever raised it
                                                                                   └─► a note in the conversation
    whatever happens later ─► show: the same messages, as it stands now · report: what became of it

What people do with it is `answer`, what happens when they do nothing is `reminders`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from integrations.intercom import conversation_in
from workflows import colleagues, customers, escalation_texts, forms, ladder
from workflows import escalation_messages as messages
from workflows.durable import current_run, workflow
from workflows.forms import CHAT, NEW, Draft
from workflows.outcome import Outcome, done, ignored
from workflows.records import escalations as records
from workflows.records.escalation_tables import Escalation
from workflows.records.tables import Company, copy_of
from workflows.rules import rules
from workflows.store import now_ms, store
from workflows.vendors import vendors
from workflows.wording import say

#: A form that a suggestion's button opened: what stands before the conversation that it was about.
SUGGESTED = "suggest:"


@workflow
def submitted(user_id: str, values: dict[str, str], context: str) -> Outcome:
    """Somebody sent the form in Slack."""
    raised = record(Draft.of(values), Raiser(user_id, colleagues.met(user_id).name, context or "shortcut"))
    outcome = carry(raised)
    if context.startswith(SUGGESTED):
        messages.follow_suggestions(context.removeprefix(SUGGESTED), raised)
    return outcome


@workflow
def step_started(execution_id: str, inputs: dict[str, str]) -> Outcome:
    """A workflow of Slack's Workflow Builder came to our step: it goes on at once, our buttons live on."""
    draft, user_id = forms.meant(inputs), inputs.get("raised_by", "")
    slack = vendors.slack
    if slack is None:
        return ignored("Slack is not configured.")
    if wrong := forms.wrong(colleagues.language_of(user_id), draft):
        slack.fail_step(execution_id, "\n".join(wrong.values()))
        return ignored("The workflow's step was refused: {why}", why=" ".join(wrong.values()))
    raiser = Raiser(user_id, colleagues.met(user_id).name if user_id else "", "workflow")
    raised = record(draft, raiser)
    slack.complete_step(execution_id, {"escalation": records.code(raised.id)})
    return carry(raised)


@workflow
def card_sent(
    admin_id: str, admin_name: str, admin_email: str, conversation_id: str, values: dict[str, str]
) -> Outcome:
    """An agent sent the card beside a chat in Intercom."""
    user_id = colleagues.find(admin_email) if admin_email else ""
    draft = replace(Draft.of(values), company=f"{CHAT}{conversation_id}", conversation="")
    return raise_(draft, Raiser(user_id, admin_name, "card"))


@dataclass(frozen=True)
class Raiser:
    """Who raises it (a Slack id where we know one, and a name), and by which way in."""

    person: str
    name: str
    via: str


def raise_(draft: Draft, raiser: Raiser) -> Outcome:
    """Record an escalation, and see to it that it reaches somebody."""
    return carry(record(draft, raiser))


def record(draft: Draft, raiser: Raiser) -> Escalation:
    """The record of what was sent, made once for one delivery."""
    subject = find_subject(draft)
    state = ladder.SHARED if draft.request == ladder.INFORMATION else ladder.OPEN
    new = Escalation(
        **{name: getattr(draft, name) for name in ("request", "urgency", "temperature", "gist", "history", "tried")},
        origin=current_run(),
        via=raiser.via,
        raised_by=raiser.person,
        raised_by_name=raiser.name,
        language=rules.language,
        company_id=subject.company_id or None,
        company=subject.company,
        conversation_id=subject.conversation_id or None,
        conversation_url=subject.url,
        state=state,
        raised_at=now_ms(),
    )
    return store.write(lambda session: copy_of(records.record(session, copy_of(new))))


@dataclass(frozen=True)
class Subject:
    """Whom and which conversation an escalation is about."""

    company_id: str
    company: str
    conversation_id: str = ""
    url: str = ""


def find_subject(draft: Draft) -> Subject:
    """The company that was chosen, typed, or is found by the conversation; and that conversation."""
    hinted = draft.company.removeprefix(CHAT) if draft.company.startswith(CHAT) else ""
    conversation_id = conversation_in(draft.conversation) or hinted
    who = customers.talking_in(conversation_id)
    url = who.url or (draft.conversation if conversation_in(draft.conversation) else "")
    if hinted or (draft.company.startswith(NEW) and who.company_id):
        name = who.company or who.name or say(rules.language, "(unknown)")
        return Subject(who.company_id, name, conversation_id, url)
    if draft.company.startswith(NEW):
        return Subject("", draft.company.removeprefix(NEW).strip(), conversation_id, url)
    company = store.read(lambda session: session.get(Company, draft.company))
    return Subject(draft.company if company else "", company.name if company else draft.company, conversation_id, url)


# -- reaching people ------------------------------------------------------------------------------


def carry(escalation: Escalation) -> Outcome:
    """Find who answers, and tell everybody whom it concerns."""
    messages.post(messages.assign(escalation))
    escalation = known(escalation.id)
    messages.tell(escalation, escalation.person)
    messages.send_receipt(escalation)
    messages.note(
        escalation, "escalated", "Noted in the conversation that it was escalated.", escalation_texts.raised_note
    )
    name = escalation_texts.name_of(escalation.person)
    return done("{code} went to {name}.", code=records.code(escalation.id), name=name)


@workflow
def show(escalation_id: int) -> Outcome:
    """Something changed: bring every message about an escalation up to date."""
    messages.update(known(escalation_id))
    return done("{code} is shown as it stands.", code=records.code(escalation_id))


@workflow
def report(escalation_id: int) -> Outcome:
    """It is done: whoever raised it hears the result, and so does everybody who opens the conversation."""
    escalation = known(escalation_id)
    messages.note(escalation, "result", "Noted in the conversation what became of it.", escalation_texts.result_note)
    messages.tell_result(escalation)
    return done("{code} is done, and whoever raised it knows.", code=records.code(escalation_id))


def known(escalation_id: int | None) -> Escalation:
    """An escalation as it stands."""
    return store.read(lambda session: session.get_one(Escalation, escalation_id))
