"""Reply: 「お客様に送信」, the only way from a thread in Slack to the customer.

the button, or the shortcut on a message ─► a form ─► its preview, sent ─► send ─┬─► Intercom, in the sender's own name
                                                                                 └─► refused: they are told, with their
                                                                                     text and what to do instead

Nothing that is typed in a thread comes here: the story follows the preview that a named person sent, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from sqlmodel import Session

from integrations.contract import Permanent, Trouble, Unwelcome
from integrations.intercom import NO_CHAT, NO_CUSTOMER, NO_SENDER
from integrations.slack import blocks
from workflows.customer import reply
from workflows.customer.reply import ONLY_DRY, SENT, Letter, Refused
from workflows.engine import posting
from workflows.engine.actions import VENDOR_IS_OFF, Done, Intent, act, leave
from workflows.engine.durable import child, current_run, spawn, urgent
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.posting import Message, Place
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import title_of, vendors
from workflows.enquiry import know_how, replies, reply_forms
from workflows.enquiry.replies import About, Setting
from workflows.language.text import _
from workflows.language.wording import say
from workflows.people import addressing, agents, colleagues
from workflows.people.asked import asks
from workflows.people.may import REPLY
from workflows.people.person import Person, somebody
from workflows.rules import rules
from workflows.tables.enquiry import Reply
from workflows.tables.runs import Run

NOTHING = "The form does not say what to send, or in which conversation."
#: After so long nobody's customer is surprised by an answer that others have overtaken.
LATEST_MS = 30 * 60_000
NO_SEAT, OFF, LATE = "seat", "off", "late"
#: Why it is not sent, by what the refusal is about.
REFUSED = {
    NO_CHAT: "Not sent: the conversation no longer exists in Intercom.",
    NO_SENDER: "Not sent: {agent} can no longer reply to customers in Intercom.",
    NO_CUSTOMER: "Not sent: this customer can't be written to in this conversation.",
    NO_SEAT: "Not sent: {agent}'s email address in Slack is not a teammate's in Intercom.",
    LATE: "Not sent: it could not be delivered within half an hour.",
    OFF: VENDOR_IS_OFF,
}
STUCK = "Not sent: Intercom does not accept it, and does not say why."
#: What to do then, by why it is not sent.
INSTEAD = {
    REFUSED[NO_CHAT]: "Reach the customer by email or phone.",
    REFUSED[NO_SENDER]: "Ask an Intercom admin for a seat that can reply, or a colleague to send it.",
    REFUSED[NO_CUSTOMER]: "Reach the customer by email or phone, or answer in another conversation.",
    REFUSED[NO_SEAT]: "Ask an Intercom admin to add this address, or a colleague to send it.",
    REFUSED[LATE]: "See what was said in the conversation meanwhile, then send it again.",
    REFUSED[OFF]: "Answer the customer in Intercom.",
    STUCK: "Answer the customer in Intercom.",
}
TOLD = "Told {agent} that the reply was not sent."
#: What the sender alone is told.
WENT_OUT = "Sent to the customer."
HELD_BACK = "Dry run: nothing was sent to the customer."


@urgent
@asks(REPLY)
def send(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody saw what goes out, and sent it."""
    where, text = About.read(about), values.get(reply_forms.TEXT, "")
    setting = store.read(partial(replies.setting, conversation_id=where.conversation_id))
    if setting is None or reply_forms.wrong_text(rules.language, text):
        return ignored(NOTHING)
    by = somebody(user_id)
    kept = store.write(partial(replies.keep, row=_row(by, where, text.strip(), setting)))
    if not kept.text:  # it was erased meanwhile
        return ignored(NOTHING)
    if kept.state == replies.REFUSED:
        return _refuse(kept, where)
    return _carry_out(kept, by, where)


def _row(by: Person, where: About, text: str, setting: Setting) -> dict[str, object]:
    chosen = know_how.text_of(where.know_how, setting.language, or_retired=True) if where.know_how else ""
    return {
        "conversation_id": where.conversation_id,
        "origin": current_run(),
        "text": text,
        "person": by.id,
        "person_name": by.name,
        "pressed_at": _pressed_at(),
        "know_how_id": int(where.know_how) if chosen else None,
        "is_edited": bool(chosen) and know_how.is_edited(text, chosen),
    }


def _pressed_at() -> int:
    """When it was sent off: this may be begun long after, where the service stood still."""
    run = store.read(lambda session: session.get(Run, current_run()))
    return run.created_at if run else now_ms()


# -- it goes out ----------------------------------------------------------------------------------


def _carry_out(kept: Reply, by: Person, where: About) -> Outcome:
    try:
        sent = _send(_in_the_name_of(kept, by))
    except Refused as refusal:
        kept.why = REFUSED[refusal.about]
        replies.refused(kept.id or 0, kept.why)
        return _refuse(kept, where)
    except Unwelcome:
        raise  # of our own token, and it is tried again
    except Permanent:
        _tell(kept, where, STUCK, "stuck")
        raise
    return _went_out(kept, where, sent)


def _in_the_name_of(kept: Reply, by: Person) -> Reply:
    """In whose name it goes out is found once: the teammate in Intercom with the sender's address. Raises Refused."""
    if not vendors.is_on("intercom"):
        raise Refused(OFF)
    if not kept.admin_id:
        kept.admin_id = agents.admin_of("", by.email)
        if not kept.admin_id:
            raise Refused(NO_SEAT)
        replies.named(kept.id or 0, kept.admin_id)
    return kept


def _send(kept: Reply) -> Done:
    """Once, however often this is begun. Raises Refused."""
    besides = store.read(partial(replies.others, reply=kept))
    letter = Letter(kept.conversation_id, kept.admin_id, kept.text, kept.pressed_at, besides)
    in_time = now_ms() - kept.pressed_at < LATEST_MS
    call: Callable[[], Done] = partial(reply.call, letter) if in_time else _too_late
    sent = act(_intent(kept), call, partial(reply.find, letter), partial(_keep_sent, kept.id or 0))
    if not sent.ref:
        raise Refused(OFF)
    return sent


def _too_late() -> Done:
    raise Refused(LATE)


def _keep_sent(id: int, session: Session, sent: Done) -> None:
    """In the commit that says that it is done."""
    if not sent.is_dry:
        replies.sent(session, id, sent.ref)


def _went_out(kept: Reply, where: About, sent: Done) -> Outcome:
    if sent.is_dry:
        replies.refused(kept.id or 0, ONLY_DRY)
        _whisper(kept, where, HELD_BACK)
        return done(SENT, agent=kept.person_name)
    spawn([child(f"{current_run()}/follow", "enquiries.follow", conversation_id=kept.conversation_id, change="sent")])
    _whisper(kept, where, WENT_OUT)
    return done(SENT, agent=kept.person_name)


def _whisper(kept: Reply, where: About, sentence: str) -> None:
    """A word that only the sender sees, below the chat. It is no loss where it does not reach them."""
    with suppress(Trouble):
        text = say(colleagues.language_of(kept.person), sentence)
        posting.whisper(where.channel, kept.person, text, where.thread)


# -- it does not ----------------------------------------------------------------------------------


def _refuse(kept: Reply, where: About) -> Outcome:
    """Its sender is told why, and what to do; also by an attempt that finds it refused, for the first may have died."""
    facts = _facts(kept)
    leave(_intent(kept), kept.why, **facts)
    if kept.why in INSTEAD:
        _tell(kept, where, kept.why, "refused")
    return ignored(kept.why, **facts)


def _tell(kept: Reply, where: About, why: str, key: str) -> None:
    """Tell the sender in the thread, where others see it who may send it; where that is not possible, directly."""
    words, since = partial(_words, kept, why), kept.pressed_at
    thread = Place(where.channel, where.thread) if where.thread else None
    try:
        said = addressing.spoken(colleagues.language_of(kept.person), words)
        posting.post(_told(kept, where.channel or kept.person, key), said, since_ms=since, thread=thread)
    except Permanent:
        addressing.post(_told(kept, kept.person, f"{key}-directly"), words, since_ms=since)


def _words(kept: Reply, why: str) -> Message:
    """Why, what to do instead, and the text, so that nothing of it is lost."""
    said = f"<@{kept.person}> {blocks.escape(_(why, **_facts(kept)))} {_(INSTEAD[why])}"
    pieces = [kept.text[start : start + 1000] for start in range(0, len(kept.text), 1000)]
    return said, [blocks.section(said), *(blocks.section(blocks.quote(piece)) for piece in pieces)]


def _told(kept: Reply, target: str, key: str) -> Intent:
    name, facts, chat = f"reply-{key}:{kept.id}", {"agent": kept.person_name}, kept.conversation_id
    return Intent("slack", "reply_refused", name, target, TOLD, facts, conversation_id=chat)


def _facts(kept: Reply) -> dict[str, str]:
    return {"agent": kept.person_name, "vendor": title_of("intercom")}


def _intent(kept: Reply) -> Intent:
    chat, facts = kept.conversation_id, {"agent": kept.person_name}
    return Intent("intercom", "reply", f"reply:{kept.id}", chat, SENT, facts, conversation_id=chat)
