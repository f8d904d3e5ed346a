"""Answers: what people do with an escalation, by its buttons and the forms that these open.

    受領 acknowledge ─► whoever is first answers for it; the others see who
    対応中 start · 完了 finish (the form of closing) · 担当が違う hand on · a judgement, at any time
    /owner ─► who answers for a company from now on

Each is one change of one row, so of two people who press at once one wins.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from integrations.slack import blocks
from workflows.customer import owners
from workflows.engine import posting
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import current_run, urgent
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.escalation import cases, chain, ladder, messages, texts
from workflows.language.wording import say
from workflows.people import colleagues
from workflows.people.asked import asks
from workflows.people.may import ANSWER, ASSIGN
from workflows.rules import rules
from workflows.tables.customer import Company
from workflows.tables.escalation import Escalation, Judgement

UNKNOWN = "This escalation does not exist."
TAKEN = "{name} has already acknowledged {code}."
OVER = "{code} is already done."
LEFT = "{name} cannot be reached in Slack. Choose somebody else."
#: What the timeline says of an answer.
SAYING = {
    "acknowledge": "{name} acknowledged it.",
    "start": "{name} started working on it.",
    "close": "{name} marked it as done: {step}",
    "judge": "{name} assessed the churn risk as “{kind}”. Next step: {step}",
    "hand-on": "{name} handed it over to {other}. {note}",
    "rearm": "{name} resumed the daily reminders.",
}


@urgent
@asks(ANSWER, or_if=chain.is_theirs)
def acknowledged(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody takes it: from now on they answer for it."""

    def take(row: Escalation) -> bool:
        if row.state != ladder.OPEN:
            return False
        _take(row, user_id)
        row.state = ladder.ACKNOWLEDGED
        ladder.promise(row, now_ms())
        return True

    if answered(value, user_id, "acknowledge", take) is None:
        return refuse(value, user_id, channel)
    return done("{name} acknowledged {code}.", **_facts(value, user_id))


@urgent
@asks(ANSWER, or_if=chain.is_theirs)
def started(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody works on it now."""

    def start(row: Escalation) -> bool:
        if row.state not in (ladder.OPEN, ladder.ACKNOWLEDGED):
            return False
        if row.state == ladder.OPEN:
            _take(row, user_id)
        row.state = ladder.WORKING
        ladder.promise(row, now_ms())
        return True

    if answered(value, user_id, "start", start) is None:
        return refuse(value, user_id, channel)
    return done("{name} started working on {code}.", **_facts(value, user_id))


@urgent
@asks(ANSWER, or_if=chain.is_theirs)
def judged(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """What the owner thinks of the risk, and what comes next; on closing, how it ended."""
    phase, _, value = about.partition(":")
    closing = phase == "done"

    def judge(row: Escalation) -> bool:
        if row.state == ladder.DONE:
            return False
        _judge(row, values)
        if closing:
            _take(row, user_id)
            row.state, row.done_by, row.done_at = ladder.DONE, user_id, now_ms()
        if row.state != ladder.OPEN:
            ladder.promise(row, now_ms())
        return True

    facts = {"step": values.get("next_step", "").strip(), "kind": values.get("churn_risk", "")}
    verb, follow = ("close", ["report"]) if closing else ("judge", [])
    keep = partial(_keep_judgement, phase=phase, user_id=user_id)
    if answered(value, user_id, verb, judge, *follow, also=keep, **facts) is None:
        return refuse(value, user_id, "")
    return done("{name} added an assessment to {code}.", **_facts(value, user_id))


def _keep_judgement(session: Session, escalation: Escalation, phase: str, user_id: str) -> None:
    """Keep what was thought at that moment: it is measured later against what happened."""
    judgement = Judgement(
        origin=current_run(),
        escalation_id=escalation.id or 0,
        phase=phase,
        churn_risk=escalation.churn_risk,
        next_step=escalation.next_step,
        next_date=escalation.next_date,
        person=user_id,
        judged_at=now_ms(),
    )
    cases.judge(session, judgement)


@urgent
@asks(ANSWER, or_if=chain.is_theirs)
def handed_on(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """It is somebody else's: they are asked now, and the clock starts anew. What the customer was promised stays."""
    person, note = values.get("person", ""), values.get("note", "").strip()
    if colleagues.look(person).left:
        answer_to(user_id, "", LEFT, name=_name(person))
        return ignored("Not handed over: {name} cannot be reached in Slack.", name=_name(person))

    def hand_on(row: Escalation) -> bool:
        if row.state not in ladder.UNFINISHED:
            return False
        row.person, row.role, row.state = person, ladder.role_of(row, person), ladder.OPEN
        row.acknowledged_by, row.acknowledged_at = "", None
        row.chain = sorted(row.chain, key=lambda step: step["person"] == user_id)  # asked again after everybody else
        ladder.begin(row, now_ms())
        return True

    changed = answered(about, user_id, "hand-on", hand_on, other=_name(person), note=note)
    if changed is None:
        return refuse(about, user_id, "")
    messages.hand_over(changed, _name(user_id), note)
    return done("{code} was handed over to {name}.", **_facts(about, person))


@urgent
@asks(ANSWER, or_if=chain.is_theirs)
def rearmed(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody wants to be asked daily again about an old one."""

    def rearm(row: Escalation) -> bool:
        if row.state not in ladder.UNFINISHED:
            return False
        ladder.rearm(row, now_ms())
        return True

    if answered(value, user_id, "rearm", rearm) is None:
        return refuse(value, user_id, channel)
    return done("{code}: daily reminders resumed.", **_facts(value, user_id))


@urgent
@asks(ASSIGN)
def owners_set(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody said who answers for a company."""
    is_about = about == values.get("company")  # else empty fields were never filled with who is on record
    people = {role: person for role in owners.ROLES if (person := values.get(role, "")) or is_about}
    company = store.read(lambda session: session.get(Company, values.get("company", "")))
    if company is None:
        return ignored("No owner was set: the company is not registered.")
    names = [f"{say(rules.language, role)}: {_name(person)}" for role, person in people.items() if person]
    facts = {"name": _name(user_id), "company": company.name, "people": "、".join(names)}
    sentence = "{name} set the owners of {company}: {people}."

    def work(session: Session) -> None:
        owners.put_by_hand(session, company.id, people, user_id)
        happened(session, Intent("slack", "owner", f"owner:{current_run()}", company.id, sentence, facts))

    store.write(work)
    return done(sentence, **facts)


# -- what they share ------------------------------------------------------------------------------


def answered(
    value: str,
    user_id: str,
    verb: str,
    how: cases.Change,
    *follow: str,
    also: messages.Also | None = None,
    **facts: str,
) -> Escalation | None:
    """Carry out an answer and write it down, in one commit and once for a run; None if it does not apply (any more)."""
    told = Intent(
        "slack",
        verb,
        key=f"{verb}:{current_run()}",
        target=value,
        sentence=SAYING[verb],
        facts={"name": _name(user_id), **facts},
        escalation_id=_id(value),
    )
    return messages.change(_id(value), how, *follow, told=told, also=also)


def refuse(value: str, user_id: str, channel: str) -> Outcome:
    """Somebody was quicker, or it is over: say who it was, to the one who pressed."""
    found = store.read(lambda session: session.get(Escalation, _id(value)))
    if found is None:
        return ignored(UNKNOWN)
    is_over = found.state == ladder.DONE
    why, who = (OVER, found.done_by) if is_over else (TAKEN, found.acknowledged_by)
    facts = {"code": cases.code(found.id), "name": _name(who) if who else "?"}
    if who != user_id:
        answer_to(user_id, channel, why, **facts)
    return ignored(why, **facts)


def answer_to(user_id: str, channel: str, sentence: str, **facts: str) -> None:
    """Say something to the one who pressed: where they pressed, else in a message of its own."""
    escaped = {name: blocks.escape(value) for name, value in facts.items()}
    text = say(colleagues.language_of(user_id), sentence, **escaped)
    if not posting.whisper(channel or rules.escalation_channel, user_id, text):
        intent = Intent("slack", "answer", f"answer:{current_run()}", user_id, "Explained why it was not done.")
        posting.post(intent, texts.line(text), since_ms=now_ms())


def _take(row: Escalation, user_id: str) -> None:
    row.person, row.role = user_id, ladder.role_of(row, user_id)
    if not row.acknowledged_at:
        row.acknowledged_by, row.acknowledged_at = user_id, now_ms()


def _judge(row: Escalation, values: dict[str, str]) -> None:
    row.churn_risk, row.next_step = values.get("churn_risk", ""), values.get("next_step", "").strip()
    row.next_date = values.get("next_date", "")


def _facts(value: str, user_id: str) -> dict[str, str]:
    return {"code": cases.code(_id(value)), "name": _name(user_id)}


def _id(value: str) -> int:
    return cases.id_of(value) or 0


def _name(user_id: str) -> str:
    return colleagues.met(user_id).name or texts.name_of(user_id)
