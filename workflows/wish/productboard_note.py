"""The wish as a note in Productboard: written once in its customer's name, and what is known later stands below it.

write(wish, requester)                                     the note; "" where Productboard is off
append(wish, intent, (html, text), is_final=True)          below it; as a comment where its text is locked there
erase(wish, says)                                          it says nothing but that its words were erased
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from sqlmodel import Session

from integrations import hands_off
from integrations.contract import Permanent, Transient
from integrations.productboard import Appended, NoCustomer, Note, ProductboardClient, richtext
from workflows.customer.lookup import Requester
from workflows.engine import dry_run, leases
from workflows.engine.actions import PLANNED, STARTED, VENDOR_IS_OFF, WOULD, Done, Intent, act, leave, was_dry
from workflows.engine.durable import current_run
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.language import text as texts
from workflows.language.addresses import feedback_url
from workflows.language.text import _, kind
from workflows.language.wording import full_date
from workflows.rules import rules
from workflows.tables.runs import Action
from workflows.tables.wish import Feedback
from workflows.wish import wishes
from workflows.wish.wishes import code

GONE = "Skipped: it no longer exists in {vendor}."
COMMENTED = "Added it as a comment: the note is locked in Productboard."
IN_DOUBT = "We could not confirm whether the comment was added. Check in Productboard."
UNFIT = "Customer's address, which Productboard does not accept: {address}"
IS_BUSY = "Another update to this note is in progress."
#: A run writes below a note for so long at most; another one comes back after so many seconds.
LEASE_MS, BUSY_SECONDS = 120_000, 3.0
#: Seconds after which a note is looked for that another run is about to create.
UNTIL_THERE = 30.0
NO_NOTE_YET = "The Productboard note has not been created yet."
DRY_NOTE = "Not added: the Productboard note was not created, because that was a dry run."
PRODUCTBOARD = "Productboard"
ERASED = "The Productboard note now says that its content was erased."
TITLE_ERASED = "Erased the title of the Productboard note. Its text is locked and must be deleted there by hand."
CANNOT_ERASE = "Productboard is not configured, so its note still has the customer's content."
DRY_ERASE = "Erased here. Because of the dry run, copies in other tools were not: switch it off and replay this."

#: What is written below a note: as rich text, and as plain text for a comment.
Below = tuple[str, str]


def write(wish: Feedback, requester: Requester) -> Done:
    """The wish as a Productboard note, in its customer's name, once."""
    productboard = vendors.productboard
    intent = Intent(
        "productboard",
        "note",
        key=f"note:{wish.mark}",
        target=wishes.code(wish.id),
        sentence="Filed in Productboard.",
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )

    def find() -> Done | None:
        assert productboard is not None
        note = productboard.find_note(wishes.record_of(wish))
        return Done(note.id, note.url) if note else None

    def call() -> Done:
        assert productboard is not None
        return _create(productboard, wish, requester)

    def keep(session: Session, note: Done) -> None:
        if not note.is_dry:
            wishes.note_is(session, wish.id, note.ref, note.url)

    return act(intent, call, find, keep, lags=True)


def _create(productboard: ProductboardClient, wish: Feedback, requester: Requester) -> Done:
    """Write the note; a customer whom Productboard does not know is made known there first, once.

    Some addresses that people really have are none for Productboard: they stand in the text then.
    """

    def attempt(who: Requester = requester, unfit: str = "") -> Note | NoCustomer:
        return productboard.create_note(
            title=texts.title(wish.quote, who.company),
            html=productboard_note(wish, who.name, who.company, who.url, unfit),
            record_id=wishes.record_of(wish),
            source_url=who.url,
            tags=[wish.tag] if wish.tag else [],
            customer_email=who.email,
        )

    written = attempt()
    if written is NoCustomer.UNKNOWN:
        _introduce(productboard, requester)
        written = attempt()
    if written is NoCustomer.REFUSED:
        written = attempt(replace(requester, email=""), requester.email)
    if isinstance(written, NoCustomer):
        raise Transient("Productboard does not show the new customer yet.")
    return Done(written.id, written.url)


def _introduce(productboard: ProductboardClient, requester: Requester) -> None:
    """Make a customer known to Productboard, unless another run does so at the same moment."""
    if productboard.find_user(requester.email) is not None:
        return
    try:
        productboard.create_user(requester.name or requester.email, requester.email)
    except Permanent:
        if productboard.find_user(requester.email) is None:
            raise


# -- below the note -------------------------------------------------------------------------------


def is_coming(wish: Feedback) -> bool:
    """Is a wish's note not written yet, but under way?"""
    action = store.read(lambda session: session.get(Action, f"note:{wish.mark}"))
    return action is not None and action.state in (STARTED, PLANNED, *([WOULD] if dry_run.is_on() else []))


def append(wish: Feedback, intent: Intent, below: Below, *, is_final: bool = False) -> Outcome:
    """Write something below a wish's note, once; `is_final` marks the note as processed."""
    productboard = vendors.productboard
    if productboard is None:
        leave(intent, VENDOR_IS_OFF, vendor=PRODUCTBOARD)
        return ignored(VENDOR_IS_OFF, vendor=PRODUCTBOARD)
    note_id = wish.note_id or store.read(partial(_note_of, wish.id))
    if not note_id and not dry_run.is_on():
        if was_dry(f"note:{wish.mark}"):
            leave(intent, DRY_NOTE)
            return ignored(DRY_NOTE)
        raise Transient(NO_NOTE_YET, UNTIL_THERE)  # another run of ours makes it: waiting is no failure
    call = partial(_append, productboard, note_id, intent, below[0], is_final) if note_id else partial(_say, below[1])
    written = act(intent, call)
    if written.ref == LOCKED:
        written = _comment(productboard, note_id, intent, below[1])
    return done(intent.sentence, **intent.facts) if written.ref else ignored(GONE, vendor=PRODUCTBOARD)


#: What stands as the reference of a write that was not possible in the note itself.
LOCKED = "locked"


def _note_of(feedback_id: int | None, session: Session) -> str:
    wish = session.get(Feedback, feedback_id)
    return wish.note_id if wish else ""


def _say(text: str) -> Done:
    """What would be added to a note that only would have been created."""
    hands_off.refuse(PRODUCTBOARD, "PATCH /v2/notes", {"content": text})
    return Done()


def _append(productboard: ProductboardClient, note_id: str, intent: Intent, html: str, is_final: bool) -> Done:
    """The client looks for the marker itself, so this may be repeated; but one of us at a time, or one text is lost."""
    with _alone_with(note_id):
        appended = productboard.append(note_id, html, intent.ref, processed=is_final)
    return {Appended.DONE: Done(note_id), Appended.GONE: Done(), Appended.LOCKED: Done(LOCKED)}[appended]


@contextmanager
def _alone_with(note_id: str) -> Iterator[None]:
    """Meanwhile no other run of ours writes below this note. Raises Transient while one does."""
    name, me = f"note:{note_id}", current_run()
    if not store.write(lambda session: leases.hold(session, name, me, LEASE_MS)):
        raise Transient(IS_BUSY, BUSY_SECONDS)
    try:
        yield
    finally:
        store.write(lambda session: leases.drop(session, name, me))


def _comment(productboard: ProductboardClient, note_id: str, intent: Intent, text: str) -> Done:
    """A comment cannot be read back: after an attempt that got no answer only a person can look."""

    def find() -> Done | None:
        raise Permanent(IN_DOUBT)

    comment = replace(intent, verb="comment", key=f"{intent.key}/comment", sentence=COMMENTED, facts={})
    return act(comment, lambda: Done(productboard.comment(note_id, text)), find)


# -- taking it back -------------------------------------------------------------------------------


def erase(wish: Feedback, says: str) -> bool:
    """Let a wish's note say nothing but this; False where its text is locked, so that a person has to delete it.

    Raises Permanent where Productboard is off: the note would go on holding the customer's words.
    """
    if not store.read(partial(_was_written, wish)):
        return True
    productboard = vendors.productboard
    if productboard is None:
        raise Permanent(CANNOT_ERASE)
    if dry_run.is_on():
        raise Permanent(DRY_ERASE)
    intent = Intent(
        "productboard",
        "erase",
        key=f"erase-note:{wish.id}:{current_run()}",
        target=code(wish.id),
        sentence=ERASED,
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
        url=wish.note_url,
    )
    erased = act(intent, partial(_rewrite, productboard, wish, says), also=partial(_say_it_is_locked, intent))
    return erased.ref != LOCKED


def _was_written(wish: Feedback, session: Session) -> bool:
    """Does a note stand there, or may one?"""
    action = session.get(Action, f"note:{wish.mark}")
    return bool(wish.note_id) or (action is not None and action.state != WOULD)


def _rewrite(productboard: ProductboardClient, wish: Feedback, says: str) -> Done:
    """An attempt that died may have left a note that we do not know by its id; its marker tells."""
    known = productboard.find_note(wishes.record_of(wish)) if not wish.note_id else None
    note_id = wish.note_id or (known.id if known else "")
    if not note_id:
        return Done()
    with _alone_with(note_id):
        written = productboard.rewrite(note_id, says, richtext.paragraph(says))
    return {Appended.DONE: Done(note_id), Appended.GONE: Done(), Appended.LOCKED: Done(LOCKED)}[written]


def _say_it_is_locked(intent: Intent, session: Session, written: Done) -> None:
    if written.ref == LOCKED:
        session.get_one(Action, intent.key).sentence = TITLE_ERASED


# -- its words ------------------------------------------------------------------------------------


def productboard_note(feedback: Feedback, name: str, company: str, conversation_url: str, unfit: str = "") -> str:
    """The note in Productboard: the customer's words, who said them, who took them, and the way back.

    `unfit` is an address of theirs that Productboard does not take.
    """
    asked = _(
        "{name} ({company}), {date}",
        name=name or "?",
        company=company or "?",
        date=full_date(rules.language, feedback.said_at),
    )
    taken = _("Filed by {agent} ({kind}).", agent=feedback.taken_by_name or "?", kind=kind(feedback.kind))
    return "".join(
        (
            richtext.quote(feedback.quote),
            richtext.paragraph(asked),
            richtext.paragraph(_(UNFIT, address=unfit) if unfit else ""),
            richtext.paragraph(taken),
            _said_at(feedback, conversation_url),
            richtext.link(feedback_url(feedback.id), code(feedback.id)) if feedback_url(feedback.id) else "",
        )
    )


#: How a wish came that has no address.
SOURCES = {"phone": "By phone", "mail": "By email"}


def _said_at(feedback: Feedback, url: str) -> str:
    """The way back to where it was said, or by which way it came."""
    if not url:
        return richtext.paragraph(_(SOURCES.get(feedback.source, "")))
    return richtext.link(url, _("Original message") if feedback.source_url else _("Conversation in Intercom"))
