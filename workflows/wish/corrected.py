"""Corrected: a correction reaches the note in Productboard and the chat; and a tag that was taken off is asked about.

corrections ─► spread ─► below the note, and an internal note
feedback.file ─► untagged ─► the agent is asked once ─► button: withdrawn, or kept
"""

from __future__ import annotations

from html import escape as escape_html

from integrations.productboard import richtext
from integrations.slack import blocks
from workflows.customer.note import note_once
from workflows.engine import posting
from workflows.engine.actions import VENDOR_IS_OFF, Intent, leave
from workflows.engine.durable import GIVE_UP_AFTER_MS, current_run, urgent, workflow
from workflows.engine.outcome import Outcome, Refused, done, ignored
from workflows.engine.posting import Message, Place
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.language.addresses import feedback_url
from workflows.language.text import _, note_html, shortened
from workflows.people import person as people_person
from workflows.people.asked import asks, did
from workflows.people.may import CORRECT
from workflows.rules import rules
from workflows.tables.wish import Feedback
from workflows.wish import corrections, productboard_note, wishes
from workflows.wish.wishes import code, named

NOTED = "Added the correction to the conversation as an internal note."
BELOW = "Added the correction to the note in Productboard."
ASKED = "The tag was removed, so {agent} was asked whether this was filed by mistake."
NOBODY_TO_ASK = "The tag was removed, but {agent} cannot be reached in Slack to ask whether this was filed by mistake."
TAG_TAKEN_OFF = "The tag was removed."
#: What is kept of whoever did it, to those who ask who did what.
DID_WITHDRAW, DID_KEEP = "Withdrew a request: {about}.", "Kept a request without its tag: {about}."
KEPT = "{name} kept the request without its tag."


@workflow
def spread(feedback_id: int, sentence: str, facts: dict[str, str]) -> Outcome:
    """Say it below the note in Productboard, so that product people do not count it, and to the agents in the chat."""
    wish = store.read(lambda session: session.get_one(Feedback, feedback_id))
    text = f"{code(feedback_id)}: {_(sentence, **facts)}"
    if wish.note_id or productboard_note.is_coming(wish):
        productboard_note.append(wish, _to(wish, "productboard", "correct", BELOW), (richtext.paragraph(text), text))
    if wishes.is_chat(wish.conversation_id):
        _tell_the_chat(wish, text)
    return done(sentence, **facts)


def _tell_the_chat(wish: Feedback, text: str) -> None:
    intent = _to(wish, "intercom", "note", NOTED)
    if vendors.intercom is None:
        leave(intent, VENDOR_IS_OFF, vendor="Intercom")
        return
    note_once(intent, wish.conversation_id, lambda ref: note_html([escape_html(text)], ref))


# -- a tag that was taken off ---------------------------------------------------------------------


@workflow
def untagged(feedback_id: int) -> Outcome:
    """The tag of a wish was taken off in Intercom: its agent says whether it was filed by mistake."""
    wish = store.read(lambda session: session.get_one(Feedback, feedback_id))
    person, _name = people_person.reach(wish.taken_by)
    target, agent = person or rules.support_channel, wish.taken_by_name or "?"
    intent = Intent(
        "slack",
        "ask",
        key=f"untagged:{wish.id}",
        target=target,
        sentence=ASKED,
        facts={"agent": agent},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )
    if vendors.slack is not None and not target:
        leave(intent, NOBODY_TO_ASK, agent=agent)
        return ignored(NOBODY_TO_ASK, agent=agent)
    posting.post(intent, asking(wish), since_ms=now_ms() - GIVE_UP_AFTER_MS)
    return done(ASKED, agent=agent)


def asking(wish: Feedback) -> Message:
    """The question, with a button for each answer."""
    tag, link = blocks.escape(wish.tag), blocks.link(feedback_url(wish.id), code(wish.id))
    text = _("Was {code} filed by mistake? The “{tag}” tag was removed.", code=code(wish.id), tag=tag)
    return text, [
        blocks.section(f"*{text}*"),
        blocks.section(blocks.quote(shortened(wish.quote, 300) or blocks.EMPTY)),
        blocks.actions(
            blocks.button(_("Withdraw request"), "withdraw_wish", str(wish.id)),
            blocks.button(_("Keep the request"), "keep_wish", str(wish.id)),
        ),
        blocks.small(link),
    ]


@urgent
@asks(CORRECT, did=did(DID_WITHDRAW, named))
def withdrawn(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody pressed: it was filed by mistake."""
    by = people_person.somebody(user_id)
    try:
        corrections.withdraw(int(value), words=_(TAG_TAKEN_OFF), by=by)
    except Refused as refused:
        _say_instead(channel, ts, _(refused.sentence, **refused.facts))
        return ignored(refused.sentence, **refused.facts)
    text = _("{name} withdrew {code}.", name=blocks.escape(by.name), code=code(int(value)))
    _say_instead(channel, ts, text)
    return done("{name} withdrew {code}.", name=by.name, code=code(int(value)))


@urgent
@asks(CORRECT, did=did(DID_KEEP, named))
def kept(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """Somebody pressed: it is a wish all the same."""
    by = people_person.somebody(user_id)
    _say_instead(channel, ts, _(KEPT, name=blocks.escape(by.name)))
    return done(KEPT, name=by.name)


def _say_instead(channel: str, ts: str, text: str) -> None:
    posting.update(Place(channel, ts), (text, [blocks.section(text)]))


def _to(wish: Feedback, vendor: str, verb: str, sentence: str) -> Intent:
    """A write to a vendor in the run of a correction, once."""
    return Intent(
        vendor,
        verb,
        key=f"{verb}:{current_run()}",
        target=wish.conversation_id if vendor == "intercom" else code(wish.id),
        sentence=sentence,
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
        url=wish.note_url if vendor == "productboard" else "",
    )
