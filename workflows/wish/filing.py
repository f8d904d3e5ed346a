"""Filing: a wish that was not tagged in a chat becomes a record as well: from Slack, from the phone, from a mail.

the shortcut on a Slack message ─► sent ─┬─► one record for one message, with a link to it
                                         └─► a line below the message: who filed it, and as what
a page ─► by_hand · split                     (another wish in the same words)
each of them ─► carry ─► its note in Productboard; issues that name its chat are what it waits for
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sqlmodel import Session

from integrations.contract import Permanent
from integrations.intercom import conversation_in
from workflows.customer import lookup
from workflows.customer.fields import LONG
from workflows.customer.lookup import Requester
from workflows.engine import posting
from workflows.engine.actions import VENDOR_IS_OFF, Intent
from workflows.engine.durable import GIVE_UP_AFTER_MS, child, current_run, spawn, urgent, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.people import addressing, person
from workflows.people.asked import asks
from workflows.people.may import FILE
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.customer import Company, Contact
from workflows.tables.wish import Feedback
from workflows.wish import background, connect, forms, known, new_wish, productboard_note, texts, wishes
from workflows.wish.new_wish import Message, Source
from workflows.wish.similar import in_slack

#: Where a wish may come from that somebody files on a page.
SOURCES = productboard_note.SOURCES
NO_MESSAGE = "The form does not say what to file, or from which message."
TAKEN = "Filed: {feedback}."
FILED_BEFORE = "This message was already filed as {feedback}."
CARRIED = "{feedback} was filed in Productboard."

# -- from Slack -----------------------------------------------------------------------------------


@urgent
@asks(FILE)
def sent(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody filed a Slack message as a wish."""
    message = Message.read(about)
    if message is None or problems(rules.language, values):
        return ignored(NO_MESSAGE)
    by = person.somebody(user_id)
    lookup.talking_in(conversation_in(values.get("conversation", "")))
    source = message.source
    taken = store.write(lambda session: new_wish.file(session, values, source, by, current_run()))
    wish = store.read(lambda session: known.these(session, [taken.id])[0])
    if taken.is_new:
        confirm(wish, message, by)
        if pair := in_slack.chosen(values, taken.id):
            spawn([child(f"{current_run()}/same", "compared.same", user_id=user_id, value=str(pair))])
        return done(TAKEN, feedback=wishes.code(taken.id))
    tell(by, wish, f"filed-before:{current_run()}", partial(texts.filed_before, wish))
    return ignored(FILED_BEFORE, feedback=wishes.code(taken.id))


def confirm(wish: known.Wish, message: Message, by: Person) -> None:
    """A line below the message, so that everybody there sees it once; a direct message where we may not write there."""
    line = partial(texts.filed, wish, by.name)
    intent = _told(wish, f"filed-from:{wish.id}", message.channel)
    place = posting.Place(message.channel, message.thread)
    try:
        addressing.post(intent, line, since_ms=now_ms() - GIVE_UP_AFTER_MS, thread=place)
    except Permanent:
        tell(by, wish, f"{intent.key}/direct", line)


def tell(by: Person, wish: known.Wish, key: str, words: addressing.Words) -> None:
    """A word to whoever filed it."""
    addressing.post(_told(wish, key, by.slack_id), words, since_ms=now_ms() - GIVE_UP_AFTER_MS)


def _told(wish: known.Wish, key: str, target: str) -> Intent:
    sentence = "Confirmed in Slack that it was filed."
    return Intent(
        "slack", "filed", key, target, sentence, feedback_id=wish.id, conversation_id=wish.conversation_id, url=wish.url
    )


# -- from a page ----------------------------------------------------------------------------------


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a wish that somebody files by hand, by field."""
    found = forms.wrong_filing(language, values)
    if "source" in values and values["source"] not in SOURCES:
        found["source"] = say(language, "Choose one.")
    return found


def by_hand(values: Mapping[str, str], *, by: Person, origin: str) -> int:
    """File a wish that came by phone or mail, once for its origin; its number. The values have no `problems`.

    `company` is the id of one on record, or a name; `source` is phone or mail.
    """
    source = Source(values.get("source", "phone"), f"hand:{origin}")
    return store.write(lambda session: new_wish.file(session, values, source, by, origin)).id


def problems_of_split(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with another wish that somebody finds in the same words, by field."""
    found = {}
    if values.get("kind") not in forms.KINDS:
        found["kind"] = say(language, "Choose one.")
    if not values.get("quote", "").strip():
        found["quote"] = say(language, "Enter what the customer wants.")
    elif len(values["quote"].strip()) > LONG:
        found["quote"] = say(language, "Shorten this to {n} characters.", n=LONG)
    return found


def split(feedback_id: int, *, quote: str, kind: str, by: Person, origin: str) -> int:
    """Another wish from the same conversation, with its own words, once for its origin; its number. Raises Refused."""
    return store.write(lambda session: new_wish.split(session, feedback_id, quote, kind, by, origin))


# -- Productboard, and issues that wait -----------------------------------------------------------


@workflow
def carry(feedback_id: int, context_id: int) -> Outcome:
    """The note in Productboard, with what was said beside the quote; issues may have named the chat before."""
    wish, requester = store.read(partial(_requester, feedback_id))
    if wishes.is_chat(wish.conversation_id):
        connect.adopt(wish.conversation_id, [feedback_id])
    written = productboard_note.write(wish, requester)
    if context_id:
        background.write_down(context_id)
    if not written.ref:
        return ignored(VENDOR_IS_OFF, vendor=productboard_note.PRODUCTBOARD)
    return done(CARRIED, feedback=wishes.code(feedback_id))


def _requester(feedback_id: int, session: Session) -> tuple[Feedback, Requester]:
    wish = session.get_one(Feedback, feedback_id)
    contact = session.get(Contact, wish.contact_id) if wish.contact_id else None
    company = session.get(Company, wish.company_id) if wish.company_id else None
    url = wish.source_url or wishes.url_of_conversation(session, wish.conversation_id)
    return wish, Requester(
        contact_id=contact.id if contact else "",
        name=wish.person_name or (contact.name if contact else ""),
        email=contact.email if contact else "",
        company_id=wish.company_id or "",
        company=company.name if company else wish.company_name,
        url=url,
    )
