"""Teaching: an answer that a colleague gave becomes one that everybody can use again.

a button below the question ─► a form with the answer ─► kept ─► whoever kept it is told where it is
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from sqlmodel import Session

from integrations.contract import Trouble
from integrations.slack import blocks, is_person
from workflows.customer import chats
from workflows.engine import posting
from workflows.engine.durable import urgent
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.enquiry import asks as questions
from workflows.enquiry import know_how, threads
from workflows.enquiry import know_how_forms as forms
from workflows.enquiry.know_how_like import origin_of
from workflows.language.wording import say
from workflows.people import colleagues
from workflows.people.asked import asks
from workflows.people.may import TEACH
from workflows.people.person import Person, somebody
from workflows.rules import rules
from workflows.tables.enquiry import Ask, KnowHow

NOTHING = "The form does not say which answer to keep, or what to call it."
KEPT = "{name} kept a reusable answer."
ALREADY = "Skipped: this answer was made reusable already."
#: What whoever kept it is told, where nobody else sees it.
TOLD = "Kept as a reusable answer: {title}"
TOLD_ALREADY = "{name} made this answer reusable already: {title}"


@urgent
@asks(TEACH, did=lambda given: (know_how.MADE, given["values"].get("title", "").strip()))
def kept(user_id: str, values: dict[str, str], about: str) -> Outcome:
    """Somebody keeps the answer to a question; once for the question, whoever else does so too."""
    ask = store.read(partial(answered, number=about))
    if ask is None or forms.wrong(rules.language, values):
        return ignored(NOTHING)
    by = somebody(user_id)
    row = know_how.write(forms.read(values, _name_of(values.get("owner", ""))), by=by, origin=origin_of(ask))
    _tell(by, ask, row)
    return done(KEPT, name=by.name) if row.made_by == by.id else ignored(ALREADY)


def answered(session: Session, number: str) -> Ask | None:
    """The question with this number, where an answer to it is marked; None for one of a chat that was erased."""
    ask = questions.numbered(session, number)
    is_there = ask is not None and ask.answered_at is not None and chats.known(session, [ask.conversation_id])
    return ask if is_there else None


def kept_of(session: Session, ask: Ask) -> KnowHow | None:
    """What was made of the answer to a question."""
    return know_how.of_origin(session, origin_of(ask))


def _name_of(owner: str) -> str:
    return somebody(owner).name if is_person(owner) else ""


def _tell(by: Person, ask: Ask, row: KnowHow) -> None:
    """A word that only they see, in the chat's thread. It is no loss where it does not reach them."""
    language, title = colleagues.language_of(by.slack_id), forms.linked(row)
    text = say(language, TOLD, title=title)
    if row.made_by != by.id:
        text = say(language, TOLD_ALREADY, name=blocks.escape(row.made_by_name), title=title)
    with suppress(Trouble):
        any(posting.whisper(at.channel, by.slack_id, text, at.ts) for at in threads.places(ask.conversation_id))
