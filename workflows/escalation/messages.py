"""Who hears of an escalation, and where: what its story, the answers and the reminders share.

One message in the channel, one for whoever answers, one for whoever raised it; each is posted once and then kept up
to date. What could not be posted while Slack was away is gathered into one message when it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from sqlmodel import Session, col
from sqlmodel import update as change_rows

from integrations.slack import is_person
from workflows.customer.lookup import Requester, talking_in
from workflows.customer.note import note_in
from workflows.engine import posting
from workflows.engine.actions import PLANNED, STARTED, Done, Intent, Patience, happened, is_over, leave
from workflows.engine.attempts import best_known
from workflows.engine.durable import child, current_run, start
from workflows.engine.posting import Message, Place
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.escalation import cases, ladder, rooms, suggestions, texts
from workflows.escalation import chain as owners
from workflows.people import addressing, colleagues
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action

#: What could not be posted for so long is stale; so long we wait for vendors that are to say whose it is.
STALE_MS, MOMENT_MS = 10 * 60 * 1000, 30 * 1000
#: How often messages are brought up to date in one go, while others go on changing what they show.
ROUNDS = 5
GONE = "No note added: the conversation no longer exists in Intercom."
NO_CHANNEL = "Not sent: no escalation channel is set in the rules."
TOGETHER = "Not posted separately: it is listed with {code} and others that were waiting."
#: What is written down together with a change.
Also = Callable[[Session, Escalation], None]
#: A note's words, given its escalation and its marker.
Note = Callable[[Escalation, str], str]


def assign(escalation: Escalation) -> Escalation:
    """Find out who answers for it, once; their clock starts. Vendors that are away are waited for only a moment."""
    if escalation.assigned:
        return escalation
    until = escalation.raised_at + MOMENT_MS
    who = best_known(lambda: talking_in(escalation.conversation_id or ""), Requester(), until=until)
    company_id = escalation.company_id or who.company_id
    chain = owners.chain_for(company_id, who.contact_id, until=until)
    raised_by = colleagues.find(escalation.raised_by) if "@" in escalation.raised_by else escalation.raised_by
    name = escalation.raised_by_name or (colleagues.met(raised_by).name if raised_by else "")

    def decide(row: Escalation) -> bool:
        if row.assigned:
            return False
        row.assigned, row.chain, row.raised_by, row.raised_by_name = True, chain, raised_by, name
        row.person, row.role = chain[0]["person"], chain[0]["role"]
        row.company_id, row.conversation_url = company_id or None, who.url or row.conversation_url
        row.company = who.company if who.company and not escalation.company_id else row.company
        ladder.begin(row, now_ms())
        return True

    assigned = store.write(partial(cases.alter, escalation_id=escalation.id or 0, change=decide))
    return assigned or known(escalation.id)


def known(escalation_id: int | None) -> Escalation:
    """An escalation as it stands."""
    return store.read(lambda session: session.get_one(Escalation, escalation_id))


def change(
    escalation_id: int, how: cases.Change, *follow: str, told: Intent | None = None, also: Also | None = None
) -> Escalation | None:
    """Change an escalation, and in the same commit start what follows: that it is shown, and stories by name.

    None if there is no such escalation, or the change does not apply to it as it stands. With `told`, which says
    what somebody did, it happens once: a later attempt at the same finds it done. `also` writes down more.
    """

    def work(session: Session) -> Escalation | None:
        if told is not None and session.get(Action, told.key) is not None:
            return copy_of(session.get_one(Escalation, escalation_id))
        changed = cases.alter(session, escalation_id, how)
        if changed is not None:
            _follow(session, changed, follow)
            if told is not None:
                happened(session, replace(told, conversation_id=changed.conversation_id))
            if also is not None:
                also(session, changed)
        return changed

    return store.write(work)


def _follow(session: Session, changed: Escalation, stories: Sequence[str]) -> None:
    names = [f"escalation.{story}" for story in ("show", *stories)]
    id = f"escalation:{changed.id}/{changed.changes}"
    start(session, [child(f"{id}/{name}", name, escalation_id=changed.id) for name in names])
    rooms.begin(session, changed)


# -- posting --------------------------------------------------------------------------------------


def post(escalation: Escalation) -> None:
    """Show it in the channel: alone, or with everything else that could not be shown while Slack was away."""
    key, code = post_key(escalation), cases.code(escalation.id)
    if is_over(key):
        return
    claim = partial(cases.claim, escalation_id=escalation.id or 0, post=key, why=TOGETHER, code=code)
    shown = [assign(each) for each in store.write(partial(claim, others=waiting_with(escalation)))]
    if not shown:
        return  # another message shows it
    intent = posting_of(escalation)
    if vendors.slack is not None and not rules.escalation_channel:
        leave(intent, NO_CHANNEL)
        return
    posting.post(intent, _together(shown), since_ms=shown[0].raised_at, also=partial(_posted, key))


def post_key(escalation: Escalation) -> str:
    """What the message in the channel is called that one escalation would have for itself."""
    return f"escalation:{escalation.id}"


def posting_of(escalation: Escalation) -> Intent:
    """The write of that message."""
    return about(
        escalation, "post", post_key(escalation), rules.escalation_channel, "Posted to the escalation channel."
    )


def waiting_with(escalation: Escalation) -> dict[int, int]:
    """Everything else that is stale and certainly shown nowhere: ids, and the attempts that were made so far.

    Where an attempt is in doubt, Slack is asked for its marker.
    """
    before = now_ms() - STALE_MS
    own = store.read(lambda session: session.get(Action, post_key(escalation)))
    if escalation.raised_at >= before or (own is not None and not _is_nowhere(escalation, own)):
        return {}  # it is in time, or its message may stand there already, without the others
    rest = [(each, act) for each, act in store.read(partial(cases.unposted, before=before)) if each.id != escalation.id]
    return {each.id or 0: action.attempts if action else 0 for each, action in rest if _is_nowhere(each, action)}


def _is_nowhere(escalation: Escalation, action: Action | None) -> bool:
    if action is None:
        return not escalation.post
    if action.state == STARTED and action.started_at / 1000 + Patience.seconds < now_ms() / 1000:
        return posting.find(posting_of(escalation), since_ms=escalation.raised_at) is None
    return action.state == PLANNED


def _posted(key: str, session: Session, posted: Done) -> None:
    if posted.is_dry:
        return
    session.exec(change_rows(Escalation).where(col(Escalation.post) == key).values(posted_at=now_ms()))


def tell(escalation: Escalation, person: str) -> Place | None:
    """The message to one person who is to answer; None where it is nobody in Slack, or they have left."""
    if not is_person(person):
        return None
    intent = about(escalation, "direct", direct_key(escalation, person), person, "Notified {name}.")
    intent = replace(intent, facts={"name": texts.name_of(person)})
    return addressing.post(intent, partial(texts.card, escalation), since_ms=escalation.raised_at)


def direct_key(escalation: Escalation, person: str) -> str:
    """What the message to one person is called."""
    return f"direct:{escalation.id}:{person}"


def hand_over(escalation: Escalation, by: str, note: str) -> None:
    """Whoever answers from now on hears it, from whom, and the word that came along."""
    place = tell(escalation, escalation.person)
    if place is not None:
        key = f"handed:{current_run()}"
        intent = about(escalation, "hand-over", key, escalation.person, "Notified the new owner.")
        line = partial(texts.handed_over, escalation, by, note)
        addressing.post(intent, line, since_ms=escalation.watched_since, thread=place)
    send_receipt(escalation)


def send_receipt(escalation: Escalation) -> None:
    """The message to whoever raised it; the same one shows later what became of it."""
    if not is_person(escalation.raised_by) or escalation.raised_by == escalation.person:
        return
    intent = about(escalation, "receipt", receipt_key(escalation), escalation.raised_by, "Notified the reporter.")
    addressing.post(intent, partial(texts.receipt, escalation), since_ms=escalation.raised_at)


def tell_result(escalation: Escalation) -> None:
    """A reply below that message: it is done, and how it ended."""
    key = f"result-told:{escalation.id}{_time(escalation)}"
    for place in posting.where([receipt_key(escalation)]):
        intent = about(escalation, "reply", key, escalation.raised_by, "Sent the outcome.")
        result = partial(texts.result, escalation)
        addressing.post(intent, result, since_ms=escalation.done_at or 0, thread=place)


def tell_reopened(escalation: Escalation, key: str, person: str) -> None:
    """A reply below somebody's message, if they have one: it is not done after all. `key` is what that is called."""
    for place in posting.where([key]):
        told = about(escalation, "reply", f"reopened:{key}{_time(escalation)}", person, "Notified {name}.")
        told = replace(told, facts={"name": texts.name_of(person)})
        addressing.post(told, partial(texts.reopened, escalation), since_ms=escalation.watched_since, thread=place)


def receipt_key(escalation: Escalation) -> str:
    """What the message to whoever raised it is called."""
    return f"receipt:{escalation.id}"


def note_again(escalation: Escalation, verb: str, sentence: str, words: Note) -> None:
    """The same as `note`, for what may be so more than once: whenever it is closed, or reopened."""
    note(escalation, verb, sentence, words, _time(escalation))


def _time(escalation: Escalation) -> str:
    """Which time it was closed: "" for the first, "/2" …"""
    times = store.read(partial(cases.closings, escalation_id=escalation.id or 0))
    return f"/{times}" if times > 1 else ""


def update(escalation_id: int) -> None:
    """Let every message that shows an escalation say how it stands; once more where it changed meanwhile."""
    for _ in range(ROUNDS):
        escalation = known(escalation_id)
        addressing.update([escalation.post], partial(_together, _shown_with(escalation)))
        cards = store.read(partial(cases.cards_of, escalation_id=escalation_id))
        addressing.update(cards, partial(texts.card, escalation))
        addressing.update([f"receipt:{escalation_id}"], partial(texts.receipt, escalation))
        if known(escalation_id).changes == escalation.changes:
            return


def _shown_with(escalation: Escalation) -> Sequence[Escalation]:
    """What one message in the channel shows; this alone, as it is known here, where that is nothing else."""
    shown = store.read(partial(cases.shown_by, post=escalation.post)) if escalation.post else []
    return shown if len(shown) > 1 else [escalation]


def _together(shown: Sequence[Escalation]) -> Message:
    return texts.card(shown[0]) if len(shown) == 1 else texts.gathered(shown)


def follow_suggestions(conversation_id: str, escalation: Escalation) -> None:
    """Suggestions about a conversation say that somebody followed one."""
    about = partial(suggestions.of_episode, conversation_id=conversation_id, escalation=escalation)
    addressing.update(store.read(about), partial(texts.escalated_as, cases.code(escalation.id)))


# -- the conversation -----------------------------------------------------------------------------


def note(escalation: Escalation, verb: str, sentence: str, words: Note, time: str = "") -> None:
    """An internal note in the conversation, once; a snoozed conversation keeps its snooze."""
    chat_id, intercom = escalation.conversation_id or "", vendors.intercom
    intent = about(escalation, "note", f"{verb}:{escalation.id}{time}", chat_id, sentence, vendor="intercom")
    if not chat_id or intercom is None:
        return
    chat = intercom.conversation(chat_id)
    if chat is None:
        leave(intent, GONE)
        return
    asleep = replace(intent, verb="snooze", key=f"asleep:{intent.key}", sentence="")
    note_in(chat, intent, asleep, lambda ref: words(escalation, ref))


def about(escalation: Escalation, verb: str, key: str, target: str, sentence: str, *, vendor: str = "slack") -> Intent:
    """A write in the matter of an escalation."""
    return Intent(
        vendor,
        verb,
        key=key,
        target=target,
        sentence=sentence,
        conversation_id=escalation.conversation_id,
        escalation_id=escalation.id,
        is_dry=escalation.dry,
    )
