"""Conclusion: what the meeting concluded reaches everybody at that moment.

    triage.decide ─► tell ─┬─► the day's message to support in Slack, and all of it in the thread (see digest)
                           ├─► a mail where the rules want each at once; else one after the meeting (see digest_mail)
                           ├─► carry, for each conversation: an internal note; it comes back with a draft for the
                           │   customer where a report was promised, or everybody is to be told
                           └─► write_back, for each note in Productboard: the conclusion below it

Wishes that came by phone, mail or Slack are handed over to whoever took them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from workflows.customer.note import note_in
from workflows.engine import posting
from workflows.engine.actions import Done, Intent, act, leave
from workflows.engine.attempts import attempt_all
from workflows.engine.durable import spawn, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client, vendors
from workflows.meeting import decisions, digest
from workflows.meeting.acts import carrying, told_as_well
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS, FINAL
from workflows.rules.kinds import CONCLUDED
from workflows.tables.customer import Contact
from workflows.tables.meeting import Decision
from workflows.tables.telling import Telling
from workflows.tables.wish import Context, Feedback
from workflows.telling import conclusion_texts, hand_over, hearers, ledger
from workflows.telling.bring_back import Matter, bring_back, living, unsaid
from workflows.telling.promises import excused_of
from workflows.wish import awaited, issues, known, productboard_note
from workflows.wish.wishes import code, is_chat

TAKEN_BACK = "Nobody was notified: the decision was undone first."
TOLD = "{feedback}: everyone was notified of the decision: {kind}."
GONE = "The conversation no longer exists in Intercom."
NOTED = "Added the decision to the conversation as an internal note."
OUTDATED = "Not notified: another decision was made in the meantime."
AVAILABLE_SINCE = "Not notified: it has become available since."
APART = "Not notified: it has been unmerged from this request since."
WITHDRAWN = "Nobody was notified: the request was withdrawn because it was filed by mistake."
NOT_A_CHAT = "No conversation to reopen, and no report was promised."
OPENED = "Reopened the conversation: {key} was decided, and the customer needs to be notified."


@dataclass(frozen=True)
class Conclusion:
    """A decision, the wishes that it is about, and what is known of each."""

    decision: Decision
    wishes: Sequence[Feedback]
    contexts: dict[int, Context]
    #: The names of their companies, by id.
    companies: dict[str, str]
    #: Those about whom was noted that they are told nothing.
    excused: set[int]
    #: Those that have become available since it was decided: customers hear of that.
    overtaken: set[int]
    #: Has another decision about the same been carried out since?
    is_outdated: bool

    def chats(self) -> dict[str, list[Feedback]]:
        """The conversations in which it was wished for, each with the wishes from there."""
        found: dict[str, list[Feedback]] = {}
        for wish in self.wishes:
            found.setdefault(wish.conversation_id, []).append(wish)
        return found

    def is_owed(self, wishes: Sequence[Feedback]) -> bool:
        """Is a customer to be told of it, because it is final and a report was promised, or everybody is told?"""
        told = [wish.id or 0 for wish in wishes if wish.id not in self.excused | self.overtaken]
        levels = {self.contexts[id].level for id in told if id in self.contexts}
        is_told = self.decision.tells_all or "report" in levels
        return bool(told) and is_told and self.decision.conclusion in FINAL


@workflow
def tell(decision_id: int) -> Outcome:
    """A decision's time for undoing is over: everybody hears of it."""
    it = _conclusion(decision_id)
    if it.decision.undone_at is not None:
        return ignored(TAKEN_BACK)
    if not it.wishes:
        return ignored(WITHDRAWN)
    spawn([*carrying(decision_id, it.wishes), *hearers.of_decision(decision_id, it.wishes)])
    if it.decision.into_id is not None:
        store.write(partial(_tell_newcomers, it))
    trouble = attempt_all(lambda: tell_support(it), lambda: send_mail(it))
    if trouble is not None:
        raise trouble
    return done(TOLD, feedback=code(it.decision.feedback_id), kind=CONCLUSIONS[it.decision.conclusion].words)


def _conclusion(decision_id: int) -> Conclusion:
    def look(session: Session) -> Conclusion:
        decision = session.get_one(Decision, decision_id)
        wishes = [wish for wish in decisions.members(session, decision.feedback_id) if wish.withdrawn_at is None]
        ids = [wish.id or 0 for wish in wishes]
        return Conclusion(
            decision,
            wishes,
            known.as_of(session, ids, now_ms()),
            decisions.companies_of(session, wishes),
            excused_of(session, ids),
            awaited.overtaken(session, dict.fromkeys(ids, decision.decided_at)),
            decisions.sent_since(session, decision),
        )

    return store.read(look)


def _tell_newcomers(it: Conclusion, session: Session) -> None:
    """A duplicate joins a wish about which something may have been concluded before."""
    root = issues.root_of(session, it.decision.feedback_id)
    if root is not None and root != it.decision.feedback_id:
        start(session, told_as_well(session, root, it.wishes))


# -- support --------------------------------------------------------------------------------------


def tell_support(it: Conclusion) -> None:
    """The day's message in the channel that hears of decisions names it too; all of it stands in the thread there."""
    channel = rules.triage.channel or rules.support_channel
    if not rules.triage.channel and not hearers.for_support(it.wishes, CONCLUDED):
        return  # its kind has a channel of its own
    intent = _about(it, "slack", "conclude", channel, "Notified support of the decision in Slack.")
    if vendors.is_on("slack") and not channel:
        leave(intent, posting.NO_CHANNEL)
        return
    owed = sum(it.is_owed(wishes) for wishes in it.chats().values())
    message = conclusion_texts.message(it.decision, it.wishes, it.companies, owed, digest.takers(it.wishes))
    thread = digest.up_to_date(digest.day_of(it.decision.decided_at), channel) if vendors.is_on("slack") else None
    posting.post(intent, message, since_ms=it.decision.decided_at, thread=thread)


def send_mail(it: Conclusion) -> None:
    """The same by mail, where the rules say to whom and want each at once; else one mail follows after the meeting.

    A mail cannot be looked for: a repeat has the same Message-ID.
    """
    if not rules.triage.mail or rules.triage.mail_minutes:
        return
    to = rules.triage.mail
    intent = _about(it, "mail", "conclude", ", ".join(to), "Notified support of the decision by email.")
    subject, text = conclusion_texts.mail(it.decision, it.wishes, it.companies)
    mail = vendors.mail
    act(intent, lambda: Done(mail.send(to, subject, text, intent.ref) if mail else ""))


def _about(it: Conclusion, vendor: str, verb: str, target: str, sentence: str) -> Intent:
    return Intent(
        vendor, verb, f"{verb}:{it.decision.id}:{vendor}", target, sentence, feedback_id=it.decision.feedback_id
    )


# -- conversations --------------------------------------------------------------------------------


@workflow
def carry(decision_id: int, conversation_id: str) -> Outcome:
    """One conversation hears of it: by a note, or by coming back with a draft where the customer is to be told."""
    it = _conclusion(decision_id)
    here = it.chats().get(conversation_id, [])
    if it.is_outdated or not here:
        return ignored(OUTDATED if here else _gone(it))
    here = [wish for wish in here if wish.id not in it.overtaken]
    if not here:
        return ignored(AVAILABLE_SINCE)
    if not it.is_owed(here):
        return note(it, here, conversation_id) if is_chat(conversation_id) else ignored(NOT_A_CHAT)
    matter = store.write(partial(_matter, it, here, conversation_id))
    draft = partial(conclusion_texts.draft, it.decision, contact=matter.contact)
    if not is_chat(conversation_id):
        return hand_over.hand_over(matter, draft(here), OPENED)
    return bring_back(matter, draft, partial(conclusion_texts.note, it.decision))


def _gone(it: Conclusion) -> str:
    """Why a wish is none of those that hear of it."""
    return APART if it.wishes else WITHDRAWN


def _matter(it: Conclusion, wishes: Sequence[Feedback], conversation_id: str, session: Session) -> Matter:
    id = ledger.concluded(session, it.decision.id or 0, it.decision.decided_at)
    contact = session.get(Contact, wishes[0].contact_id) if wishes[0].contact_id else None
    begun = session.get(Telling, (id, conversation_id)) is not None
    key = code(it.decision.feedback_id)
    return Matter(id, key, OPENED, conversation_id, wishes, contact, begun, feedback_id=wishes[0].id)


def note(it: Conclusion, wishes: Sequence[Feedback], conversation_id: str) -> Outcome:
    """An internal note; a chat that sleeps goes on sleeping."""
    chat = living(intercom_client(), conversation_id)
    if chat is None:
        return ignored(GONE)
    key, first = f"concluded:{it.decision.id}:{conversation_id}", wishes[0]
    intent = Intent(
        "intercom", "note", key, conversation_id, NOTED, feedback_id=first.id, conversation_id=conversation_id
    )
    asleep = Intent("intercom", "snooze", f"asleep:{key}", conversation_id, "", conversation_id=conversation_id)
    still_there = [unsaid(wish, chat) for wish in wishes]
    note_in(chat, intent, asleep, lambda ref: conclusion_texts.note(it.decision, still_there, "", ref))
    return done(NOTED)


# -- Productboard ---------------------------------------------------------------------------------


@workflow
def write_back(decision_id: int, feedback_id: int) -> Outcome:
    """The conclusion stands below the note in Productboard; a final one marks the note as processed."""
    it = _conclusion(decision_id)
    wish = next((wish for wish in it.wishes if wish.id == feedback_id), None)
    if it.is_outdated or wish is None:
        return ignored(OUTDATED if wish else _gone(it))
    if not wish.note_id and not productboard_note.is_coming(wish):
        return ignored(NO_NOTE)
    return productboard_note.append(
        wish,
        _writing(it, wish),
        conclusion_texts.below_note(it.decision),
        is_final=it.decision.conclusion in FINAL,
    )


NO_NOTE = "There is no note in Productboard to add the decision to."


def _writing(it: Conclusion, wish: Feedback) -> Intent:
    return Intent(
        "productboard",
        "conclude",
        key=f"write-back:{it.decision.id}:{wish.id}",
        target=wish.note_id,
        sentence="Added the decision to the note in Productboard.",
        feedback_id=wish.id,
        url=wish.note_url,
    )
