"""Asking: how to answer a customer is asked of colleagues who know, and what they answer is kept. Not in erased chats.

a button in the chat's thread ─► a form ─► asked ─┬─► one message in the thread, with mentions
                                                  ├─► or a direct message to each, and a receipt
                                                  └─► nobody to ask: a word to whoever asked
a message's shortcut ─► a form ─► marked ─► the question shows the answer ─► unmarked
"""

from __future__ import annotations

from functools import partial

from integrations.slack import blocks
from workflows.customer import chats
from workflows.engine import posting
from workflows.engine.actions import Intent
from workflows.engine.durable import current_run, urgent
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.rows import Values
from workflows.engine.store import now_ms, store
from workflows.enquiry import asking_forms as forms
from workflows.enquiry import asking_texts as texts
from workflows.enquiry import asks as questions
from workflows.enquiry import threads
from workflows.enquiry.asks import Spot
from workflows.language.wording import say
from workflows.people import addressing, colleagues, duty
from workflows.people.asked import asks, did
from workflows.people.may import ASK, MARK
from workflows.people.person import Person, somebody
from workflows.rules import rules
from workflows.tables.enquiry import Ask

NO_QUESTION = "The form does not say what to ask, or about which conversation."
NOBODY = (
    "Nobody was asked: nobody else who knows this can be reached in Slack. Ask somebody by name in the thread, or "
    "have people added under [skills] in yamabiko.toml. Your question was: {text}"
)
ASKED_NOBODY = "Nobody was asked: nobody else who knows this can be reached in Slack."
ASKED = "Colleagues asked: {n}."
NO_ASK = "The form does not say which question is answered, or with what."
MARKED = "{name} marked an answer by {who}."
UNMARKED = "{name} unmarked an answer."
#: What is kept of whoever did it, to those who ask who did what.
DID_MARK, DID_UNMARK = "Marked a colleague's answer: {about}.", "Unmarked a colleague's answer: {about}."
NOT_MARKED = "Skipped: no answer is marked now."

# -- a question -----------------------------------------------------------------------------------


@urgent
@asks(ASK)
def asked(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody asks colleagues about a chat."""
    chat = store.read(partial(chats.known, ids=[about]))
    if not chat or forms.wrong(rules.language, values, user_id):
        return ignored(NO_QUESTION)
    by = somebody(user_id)
    ask = store.read(partial(questions.of_form, origin=current_run())) or _put(by, about, values)
    if ask is None:
        _tell(by, about, say(colleagues.language_of(user_id), NOBODY, text=blocks.escape(values["question"])))
        return ignored(ASKED_NOBODY)
    _send(ask)
    return done(ASKED, n=len(ask.asked))


def _put(by: Person, conversation_id: str, values: dict[str, str]) -> Ask | None:
    """Keep the question, and of whom it is asked; None where nobody can be."""
    now = now_ms()
    people = _people(by, values, now)
    row: Values = {
        "conversation_id": conversation_id,
        "skill": values.get("skill", ""),
        "question": values["question"].strip(),
        "is_private": values["way"] == forms.DIRECT or not threads.places(conversation_id),
        "origin": current_run(),
        "asked": people,
        "person": by.slack_id,
        "person_name": by.name,
        "asked_at": now,
    }
    return store.write(lambda session: questions.put(session, row)) if people else None


def _people(by: Person, values: dict[str, str], at: int) -> list[str]:
    """Slack ids of those who are asked; where none of those on shift is in Slack, everybody with the skill is."""
    if "skill" not in values:
        return _reached(by, [values["person"]])
    skill = values["skill"]
    return _reached(by, duty.with_skill(skill, at, by.slack_id)) or _reached(by, duty.skilled(skill, by.slack_id))


def _reached(by: Person, people: list[str]) -> list[str]:
    found = dict.fromkeys(map(colleagues.find, people))
    return [person for person in found if person and person != by.slack_id]


def _send(ask: Ask) -> None:
    """Put it where it was to be asked, each message once."""
    thread, direct, receipt = questions.keys(ask)
    places = [] if ask.is_private else threads.places(ask.conversation_id)
    if places:
        intent = _asking(ask, thread, places[0].channel)
        addressing.post(intent, partial(texts.in_thread, ask), since_ms=ask.asked_at, thread=places[0])
        return
    said = store.read(partial(questions.said_in, conversation_id=ask.conversation_id))
    for key, person in zip(direct, ask.asked, strict=True):
        addressing.post(_asking(ask, key, person), partial(texts.direct, ask, said), since_ms=ask.asked_at)
    addressing.post(_asking(ask, receipt, ask.person), partial(texts.receipt, ask), since_ms=ask.asked_at)


def _asking(ask: Ask, key: str, target: str) -> Intent:
    sentence = "Asked colleagues how to answer."
    return Intent("slack", "ask", key, target, sentence, conversation_id=ask.conversation_id)


def _tell(by: Person, conversation_id: str, text: str) -> None:
    """A word that only they see in the thread's channel, else a message of its own."""
    if not any(posting.whisper(place.channel, by.slack_id, text) for place in threads.places(conversation_id)):
        intent = Intent("slack", "answer", f"answer:{current_run()}", by.slack_id, "Explained why it was not done.")
        posting.post(intent, (text, [blocks.section(text)]), since_ms=now_ms())


# -- its answer -----------------------------------------------------------------------------------


@urgent
@asks(MARK, or_if=questions.is_theirs, did=did(DID_MARK))
def marked(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody says what the answer to a question is; it takes the place of any other."""
    ask = store.read(partial(questions.meant, about=about, values=values, person=user_id))
    spot = Spot.read(about)
    if ask is None or ask.id is None or spot is None or forms.wrong_answer(rules.language, values):
        return ignored(NO_ASK)
    author, by = somebody(spot.author or user_id), somebody(user_id)
    facts = {"name": by.name, "who": author.name}
    intent = _marking(ask, f"marked:{current_run()}", MARKED, facts)
    text = values["answer"].strip()
    kept = store.write(partial(questions.mark, ask_id=ask.id, answer=text, author=author, by=by, done=intent))
    _show(kept)
    if kept.is_private and kept.answered_at is not None and by.slack_id != kept.person:
        _tell_asker(kept)
    return done(MARKED, **facts)


@urgent
@asks(MARK, or_if=questions.is_theirs, did=did(DID_UNMARK))
def unmarked(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """That this is the answer was a slip."""
    ask = store.read(partial(questions.numbered, number=value))
    if ask is None or ask.id is None:
        return ignored(NO_ASK)
    was_marked, facts = ask.answered_at is not None, {"name": somebody(user_id).name}
    intent = _marking(ask, f"unmarked:{current_run()}", UNMARKED, facts)
    _show(store.write(partial(questions.unmark, ask_id=ask.id, done=intent)))
    return done(UNMARKED, **facts) if was_marked else ignored(NOT_MARKED)


def _marking(ask: Ask, key: str, sentence: str, facts: dict[str, str]) -> Intent:
    return Intent("us", "mark", key, str(ask.id), sentence, facts=facts, conversation_id=ask.conversation_id)


def _show(ask: Ask) -> None:
    """Let its messages say what became of it."""
    thread, direct, receipt = questions.keys(ask)
    said = store.read(partial(questions.said_in, conversation_id=ask.conversation_id))
    addressing.update([thread], partial(texts.in_thread, ask))
    addressing.update(direct, partial(texts.direct, ask, said))
    addressing.update([receipt], partial(texts.receipt, ask))


def _tell_asker(ask: Ask) -> None:
    """In direct messages nobody sees that an answer has come: a line below the receipt says so."""
    below = next(iter(posting.where([questions.keys(ask)[2]])), None)
    intent = Intent("slack", "ask", f"answered:{current_run()}", ask.person, "Told of a colleague's answer.")
    addressing.post(intent, partial(texts.news, ask), since_ms=now_ms(), thread=below)
