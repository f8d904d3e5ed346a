"""Context: why a wish is wished for, how important it is, and what the customer was told.

    feedback.file ─► ask ─────► one message to the agent, with a button; to the support channel where they are not there
    the modal, the card beside the chat, a page ─► fill ─► write_down ─┬─► below the note in Productboard
                                                                       └─► the message that asked shows the answer
    upkeep ─► start_due ─► remind ─► once, after the rules' business time, if nobody has answered

The record stands, and is shown as not filled in, even if nobody ever answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlmodel import Session

from integrations.slack import is_person
from workflows.engine import dry_run, posting
from workflows.engine.actions import VENDOR_IS_OFF, Done, Intent, happened, leave, was_dry
from workflows.engine.attempts import attempt_all
from workflows.engine.durable import GIVE_UP_AFTER_MS, child, current_run, spawn, start, urgent, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.people import addressing
from workflows.people import person as people_person
from workflows.people.asked import asks
from workflows.people.may import DESCRIBE
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.wish import Asked
from workflows.wish import asked as wish_asked
from workflows.wish import background, forms, known, naming, shown, texts
from workflows.wish import wishes as feedbacks
from workflows.wish.forms import Answers
from workflows.wish.known import Wish
from workflows.wish.similar import in_slack

#: What an agent took within this time and was not asked about yet goes into the same message.
TOGETHER_MS = 10 * 60 * 1000
#: Wishes about which one message asks.
MOST = 20
SLACK = "Slack"
ASKED = "Asked {agent} for background and importance."
ASKED_CHANNEL = "Asked the support channel for background: {agent} cannot be reached in Slack."
NOBODY_TO_ASK = "Not asked for background: {agent} cannot be reached in Slack, and no support channel is set."
NOT_POSTED = "Nobody could be asked for background: the message could not be posted in Slack."
ASKED_BEFORE = "Nobody was asked: this was asked before, or the background is already there."
NO_SUCH_WISH = "This request no longer exists."
NOTED = "{feedback}: background added."
NOTED_BEFORE = "{feedback}: already added before."
WRITTEN_DOWN = "Updated the messages that show it."
SHOWN = "Updated the message that asked about it."
REMINDED = "Reminded {agent} about the background, once."
FILLED_MEANWHILE = "No reminder sent: the background was added in the meantime."
DRY_QUESTION = "No reminder sent: nobody was asked about the background, because that was a dry run."
NOT_REMINDED = "Nobody could be reminded about the background."


@workflow
def ask(feedback_ids: Sequence[int]) -> Outcome:
    """Ask whoever took these wishes for what the quotes do not say; all of one agent in one message."""
    if store.read(lambda session: wish_asked.are_claimed(session, feedback_ids, current_run())):
        return ignored(ASKED_BEFORE)
    wishes = claimed() or claim(feedback_ids)
    if not wishes:
        return ignored(ASKED_BEFORE)
    asked = store.read(partial(wish_asked.asked, feedback_id=wishes[0].id))
    target, agent = (asked.person if asked else ""), wishes[0].agent or "?"
    sentence = ASKED if is_person(target) else ASKED_CHANNEL
    intent = asking(wishes[0], "ask", f"ask:{current_run()}", target, sentence, agent)
    if vendors.slack is None:
        return not_asked(intent, wishes, VENDOR_IS_OFF, vendor=SLACK)
    if not target:
        return not_asked(intent, wishes, NOBODY_TO_ASK, agent=agent)
    similar = shown.beside(wishes)
    intent = replace(intent, facts=intent.facts | {shown.NAMED: shown.named(similar)})
    also, message = partial(also_asked, wishes[1:], intent), partial(texts.asking, wishes, similar)
    if addressing.post(intent, message, since_ms=now_ms() - GIVE_UP_AFTER_MS, also=also) is None:
        return ignored(NOT_POSTED)
    return done(sentence, agent=agent)


def claim(feedback_ids: Sequence[int]) -> list[Wish]:
    """The wishes about which nobody was asked yet: from now on this run asks, and nobody else."""
    since = now_ms() - TOGETHER_MS
    ids = store.read(lambda session: wish_asked.waiting(session, feedback_ids, since, MOST))
    wishes = [wish for wish in store.read(partial(known.these, ids=ids)) if not wish.is_filled]
    if not wishes:
        return []
    person, _name = people_person.reach(wishes[0].taken_by)
    target, now = person or rules.support_channel, now_ms()
    row = {"run_id": current_run(), "person": target, "asked_at": now, "remind_at": due_at(target, now)}
    store.write(lambda session: wish_asked.claim(session, [row | {"feedback_id": wish.id} for wish in wishes]))
    return claimed()


def claimed() -> list[Wish]:
    """The wishes about which this run asks, as an earlier attempt at it may have found out."""
    return shown.about_which(current_run())


def due_at(person: str, now: int) -> int | None:
    """When somebody is reminded who does not answer; None for never."""
    minutes = rules.context_remind_minutes
    return rules.calendar_of(person).add(now, minutes) if minutes and person else None


def asking(wish: Wish, verb: str, key: str, target: str, sentence: str, agent: str) -> Intent:
    """A message in the matter of a wish."""
    return Intent(
        "slack",
        verb,
        key=key,
        target=target,
        sentence=sentence,
        facts={"agent": agent},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )


def also_asked(others: Sequence[Wish], intent: Intent, session: Session, posted: Done) -> None:
    """The timelines of the other wishes in the message say the same as the first one's."""
    for wish in others if posted.ref else ():
        key = f"{intent.key}:{wish.id}"
        asked = asking(wish, intent.verb, key, intent.target, intent.sentence, str(intent.facts["agent"]))
        happened(session, replace(asked, is_dry=posted.is_dry))


def not_asked(intent: Intent, wishes: Sequence[Wish], why: str, **facts: str) -> Outcome:
    """Say on each timeline why nobody is asked; the record stands."""
    leave(intent, why, **facts)
    for wish in wishes[1:]:
        agent = str(intent.facts["agent"])
        leave(asking(wish, intent.verb, f"{intent.key}:{wish.id}", "", intent.sentence, agent), why, **facts)
    return ignored(why, **facts)


# -- answers --------------------------------------------------------------------------------------


@urgent
@asks(DESCRIBE)
def sent(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody sent the form in Slack; `about` is the wish's number. It may be the same as one that was offered."""
    id = feedbacks.id_of(about) or 0
    told = noted(id, values, people_person.somebody(user_id))
    if pair := in_slack.chosen(values, id):
        spawn([child(f"{current_run()}/same", "compared.same", user_id=user_id, value=str(pair))])
    return told


@urgent
@asks(DESCRIBE)
def card_sent(
    admin_id: str, admin_name: str, admin_email: str, conversation_id: str, values: dict[str, str]
) -> Outcome:
    """An agent filled in the card beside a chat in Intercom; `about` is the wish's number."""
    by = Person(admin_id, admin_name or admin_id, admin_email)
    return noted(feedbacks.id_of(values.get("about", "")) or 0, values, by, conversation_id)


def noted(feedback_id: int, values: Mapping[str, str], by: Person, conversation_id: str = "") -> Outcome:
    """What came of a form; where it stands beside a conversation, only for what was filed from that one."""
    wish = store.read(partial(known.one, feedback_id=feedback_id))
    if wish is None or conversation_id not in ("", wish.conversation_id):
        return ignored(NO_SUCH_WISH)
    is_new = fill(feedback_id, values, by=by, origin=current_run())
    return (done if is_new else ignored)(NOTED if is_new else NOTED_BEFORE, feedback=feedbacks.code(feedback_id))


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with answers about a wish as somebody typed them, by field."""
    return forms.wrong(language, values) | naming.problems(language, values)


def fill(feedback_id: int, values: Mapping[str, str], *, by: Person, origin: str) -> bool:
    """Keep what somebody says about a wish, once for its origin, and let it be shown everywhere; False if known."""
    answers = Answers.of(values)

    def work(session: Session) -> bool:
        id = background.keep(session, feedback_id, answers, by, origin)
        if id is not None:
            naming.name(session, feedback_id, values, by, origin)
            start(session, [child(f"context:{id}", "context.write_down", context_id=id, feedback_id=feedback_id)])
        return id is not None

    return store.write(work)


@workflow
def write_down(context_id: int, feedback_id: int) -> Outcome:
    """Something was noted: product people see it below the note, the agent in the message that asked."""
    trouble = attempt_all(partial(background.write_down, context_id), partial(shown.bring_up_to_date, feedback_id))
    if trouble is not None:
        raise trouble
    return done(WRITTEN_DOWN)


@workflow
def reshow(feedback_id: int) -> Outcome:
    """Something about a wish is no longer what it was: the message that asked about it says so."""
    shown.bring_up_to_date(feedback_id)
    return done(SHOWN)


# -- reminders ------------------------------------------------------------------------------------


def start_due() -> int:
    """Start a run for every message whose wishes are still not filled in when that should be; returns how many."""
    now = now_ms()
    if not store.read(partial(wish_asked.is_due, now=now)):
        return 0
    return store.write(partial(_start_due, now))


def _start_due(now: int, session: Session) -> int:
    due = wish_asked.take_due(session, now)
    return start(session, [child(f"{run}/remind", "context.remind", asked_by=run) for run in due])


@workflow
def remind(asked_by: str) -> Outcome:
    """Remind whoever was asked, once: below the message that asked, else by a message of its own."""
    wishes = [wish for wish in shown.about_which(asked_by) if not wish.is_filled]
    if not wishes:
        return ignored(FILLED_MEANWHILE)
    if was_dry(f"ask:{asked_by}") and not dry_run.is_on():
        return ignored(DRY_QUESTION)
    asked = store.read(partial(wish_asked.asked, feedback_id=wishes[0].id)) or Asked(
        feedback_id=0, run_id="", asked_at=0
    )
    place = next(iter(posting.where([f"ask:{asked_by}"])), None)
    agent = wishes[0].agent or "?"
    intent = asking(wishes[0], "remind", f"remind:{asked_by}", asked.person, REMINDED, agent)
    posted = addressing.post(intent, partial(texts.reminder, wishes), since_ms=asked.asked_at, thread=place)
    return done(REMINDED, agent=agent) if posted else ignored(NOT_REMINDED)
