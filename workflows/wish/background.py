"""Background: what somebody knows about a wish beside the quote is kept, once for each submission.

What follows from it (the note in Productboard, the message that asked) is up to the stories.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.engine.actions import Intent, happened
from workflows.engine.outcome import Outcome
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.tables.wish import Context, Feedback
from workflows.wish import known, promised, texts
from workflows.wish.forms import Answers
from workflows.wish.productboard_note import append
from workflows.wish.similar import vectors
from workflows.wish.wishes import code

NOTED = "{agent} added background and importance."
CHANGED = "{agent} changed the background."
BELOW = "Added the background to the note in Productboard."


def keep(session: Session, feedback_id: int, answers: Answers, by: Person, origin: str) -> int | None:
    """Keep answers about a wish; the new row's id, None where there is no such wish or they were kept before."""
    wish = session.get(Feedback, feedback_id)
    if wish is None:
        return None
    before = known.newest(session, feedback_id)
    row = {
        **{name: getattr(answers, name) for name in ("background", "importance", "temperature", "promise")},
        "kind": answers.kind or (before.kind if before else wish.kind),
        "level": promised.level_of(answers.promise),
        "origin": origin,
        "feedback_id": feedback_id,
        "person": by.id,
        "person_name": by.name,
        "said_at": now_ms(),
    }
    id = known.keep(session, row)
    if id is not None:
        vectors.forget(session, [feedback_id])
        happened(session, _noted(wish, CHANGED if known.is_filled(before) else NOTED, by, f"context:{id}"))
    return id


def _noted(wish: Feedback, sentence: str, by: Person, key: str) -> Intent:
    return Intent(
        "us",
        "note",
        key=key,
        target=code(wish.id),
        sentence=sentence,
        facts={"agent": by.name or by.id},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )


def write_down(context_id: int) -> Outcome:
    """What was noted stands below the wish's note in Productboard, once."""
    context, wish, changed = store.read(partial(_noted_in, context_id))
    intent = Intent(
        "productboard",
        "append",
        key=f"context:{context_id}/note",
        target=code(wish.id),
        sentence=BELOW,
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
        url=wish.note_url,
    )
    return append(wish, intent, texts.below_note(context, changed=changed))


def _noted_in(context_id: int, session: Session) -> tuple[Context, Feedback, bool]:
    context = session.get_one(Context, context_id)
    return context, session.get_one(Feedback, context.feedback_id), known.had_before(session, context)
