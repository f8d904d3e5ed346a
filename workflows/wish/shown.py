"""Shown: the messages in Slack that show a wish say what is known about it now.

The one that asked whoever took it, and the line below the message that it was filed from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from sqlmodel import Session, col, select

from workflows.engine import posting
from workflows.engine.store import store
from workflows.people import addressing
from workflows.tables.runs import Action
from workflows.tables.wish import Asked
from workflows.wish import asked as wish_asked
from workflows.wish import known, texts
from workflows.wish.known import Wish
from workflows.wish.similar import offered
from workflows.wish.similar.offered import Offered

#: Similar ones that stand beside a wish; and beside each, where a message is about so many that it would be too long.
MOST_SIMILAR, MANY, MOST_OF_MANY = 3, 4, 1
#: The fact of a message that says which other wishes it quotes, or did.
NAMED = "similar"
#: The verb of a quote in an answer that somebody shared; what stands between the share's key and the quote's number.
QUOTED, QUOTE = "slack.quote", "/quote/"
#: Messages that are looked through in one question.
SOME = 300


def about_which(run_id: str) -> list[Wish]:
    """The wishes about which a run asks."""
    return store.read(lambda session: known.these(session, wish_asked.asked_by(session, run_id)))


def beside(wishes: Sequence[Wish]) -> dict[int, Offered]:
    """What stands beside each wish of a message, as far as the message shows them."""
    most = MOST_SIMILAR if len(wishes) < MANY else MOST_OF_MANY
    return {wish.id: offered.beside(wish.id, most=most) for wish in wishes[: texts.MOST]}


def named(found: Mapping[int, Offered]) -> list[int]:
    """Which others a message quotes."""
    return sorted({match.feedback_id for each in found.values() for match in each.matches})


def quoting(session: Session, wishes: Collection[int]) -> set[int]:
    """The wishes whose message quotes one of these, or did: they have to be shown anew when that is erased."""
    found: set[int] = set()
    runs = session.exec(select(Asked.run_id).distinct().order_by(col(Asked.run_id))).all()
    for at in range(0, len(runs), SOME):
        keys = [f"ask:{run}" for run in runs[at : at + SOME]]
        rows = session.exec(select(Action.feedback_id, Action.facts).where(col(Action.key).in_(keys)))
        found |= {id for id, facts in rows if id is not None and set(facts.get(NAMED, ())) & set(wishes)}
    return found


def answers(session: Session, actions: Collection[str]) -> set[str]:
    """The answers about customers that were shared and quote what one of these actions tells of, by their keys."""
    found: set[str] = set()
    keys = sorted(key for key in actions if QUOTE in key)
    for at in range(0, len(keys), SOME):
        quotes = select(Action.key).where(col(Action.key).in_(keys[at : at + SOME]), Action.verb == QUOTED)
        found |= {key.rpartition(QUOTE)[0] for key in session.exec(quotes)}
    return found


def _remember(run_id: str, others: Sequence[int], session: Session) -> None:
    """Keep whom the message quotes from now on, before it does."""
    row = session.get(Action, f"ask:{run_id}", with_for_update=True)
    if row is not None and (new := set(others) - (before := set(row.facts.get(NAMED, ())))):
        row.facts = row.facts | {NAMED: sorted(before | new)}


def bring_up_to_date(feedback_id: int) -> None:
    """Bring every message that shows a wish up to date."""
    asked = store.read(partial(wish_asked.asked, feedback_id=feedback_id))
    if asked and posting.where(message := [f"ask:{asked.run_id}"]):
        wishes = about_which(asked.run_id)
        found = beside(wishes)
        store.write(partial(_remember, asked.run_id, named(found)))
        addressing.update(message, partial(texts.asking, wishes, found))
    _filed(feedback_id)


def _filed(feedback_id: int) -> None:
    """The line that says what a message was filed as: also in which other one it is now."""
    wish = store.read(partial(known.one, feedback_id=feedback_id))
    lines = [f"filed-from:{feedback_id}", f"filed-from:{feedback_id}/direct"]
    if wish is not None and posting.where(lines):
        merged = Offered(merged_into=store.read(partial(known.merged_into, feedback_id=feedback_id)))
        addressing.update(lines, partial(texts.filed, wish, wish.agent, merged))
