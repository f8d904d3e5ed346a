"""Similar requests on the card in Intercom: what they are, and a button for each answer.

    same ─► what merging does ─► merge ─► undo           apart ─► undo

The Inbox waits for each answer, so nobody waits for an encoder here: where a request has no vector yet, words answer.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence

from app.door import intercom_card_views as views
from app.door.intercom_card_views import HOME, Card
from integrations.contract import Trouble
from integrations.intercom import canvas
from integrations.intercom.canvas import CardRequest, Component
from workflows.engine.durable import child, spawn
from workflows.engine.outcome import Outcome
from workflows.language.text import _, language, shortened
from workflows.meeting import comparing
from workflows.people import deeds
from workflows.people.deeds import CARD, Act
from workflows.people.may import DECIDE, NOT_YOURS, may
from workflows.people.person import Person, teammate
from workflows.wish.known import Wish
from workflows.wish.similar import offered, texts
from workflows.wish.similar.matching import Match
from workflows.wish.similar.offered import Offered, Pair
from workflows.wish.wishes import code

log = logging.getLogger("yamabiko")

#: The buttons. What stands behind each is a `Pair`.
SAME, MERGE, APART = "same:", "merge:", "apart:"
UNDO_SAME, UNDO_APART = "undo-same:", "undo-apart:"
BUTTONS = (SAME, MERGE, APART, UNDO_SAME, UNDO_APART)
#: Similar requests below each.
MOST = 3
WHO_IT_IS = "Nothing was changed: Slack did not answer, so we could not confirm who you are. Try again in a moment."


def below(wish: Wish) -> list[Component]:
    """What stands below a request."""
    found = offered.beside(wish.id, most=MOST, patience=0)
    if found.merged_into is not None:
        pair = Pair(wish.id, found.merged_into)
        said = _(texts.MERGED, code=code(pair.one), into=code(pair.other))
        return [canvas.text(said), _button(UNDO_SAME, texts.UNDO, pair)]
    shown = [each for match in found.matches for each in _one(wish, match, found)]
    for other in found.refused:
        shown += [
            canvas.text(_(texts.APART, codes=code(other)), style="muted"),
            _button(UNDO_APART, texts.UNDO, Pair(wish.id, other)),
        ]
    return shown


def _one(wish: Wish, match: Match, found: Offered) -> list[Component]:
    pair = Pair(wish.id, match.feedback_id, found.concluded.get(match.feedback_id, ""))
    why = [texts.why(match, language()), *([texts.decided(language(), pair.seen)] if pair.seen else [])]
    return [
        canvas.text(f"{texts.voice(match, language())}: {code(pair.other)}「{shortened(match.quote, 120)}」"),
        canvas.text(" ".join(why), style="muted"),
        _button(SAME, texts.SAME, pair),
        _button(APART, texts.NOT_SAME, Pair(pair.one, pair.other)),
    ]


def _button(action: str, label: str, pair: Pair, style: str = "secondary") -> Component:
    return canvas.button(f"{action}{pair}", _(label), style=style)


# -- pressed --------------------------------------------------------------------------------------


def is_ours(button: str) -> bool:
    """Is it about a similar request?"""
    return button.startswith(BUTTONS)


def pressed(asked: CardRequest) -> tuple[Card | None, Sequence[Component]]:
    """The card that follows a button, or what stands above the first card."""
    action, _colon, value = asked.component_id.partition(":")
    pair = Pair.read(value)
    wish = views.wish_in(asked.conversation_id, str(pair.one)) if pair else None
    if pair is None or wish is None:
        return None, ()
    if f"{action}:" == SAME:
        return _sure(pair), ()
    return None, [_done(asked, ACTS[f"{action}:"], pair)]


def _sure(pair: Pair) -> Card:
    """What merging does, and whether that is meant."""
    told = [canvas.text(line) for line in texts.consequences(language(), pair)]
    heading = canvas.text(_(texts.SURE, code=code(pair.one), into=code(pair.other)), style="header")
    cancel = canvas.button(HOME, _(texts.CANCEL), style="secondary")
    return canvas.canvas([heading, *told, _button(MERGE, texts.MERGE, pair, "primary"), cancel])


def _done(asked: CardRequest, act: Callable[[Pair, Person], Outcome], pair: Pair) -> Component:
    """Do it as whoever pressed, if they may; the sentence that says what became of it."""
    try:
        person = teammate(asked.admin_id, asked.admin_name, asked.admin_email)
    except Trouble:
        return canvas.text(_(WHO_IT_IS), style="error")
    if not may(person, DECIDE):
        log.warning("refused %s on the card: teammate %s", DECIDE, asked.admin_id)
        return canvas.text(_(NOT_YOURS), style="error")
    with deeds.at(Act(person, DECIDE, CARD, about=str(pair))):
        outcome = act(pair, person)
    spawn([child(f"card-compared:{secrets.token_hex(8)}", "context.reshow", feedback_id=pair.one)])
    return canvas.text(_(outcome.sentence, **outcome.facts), style="header")


def _join(pair: Pair, by: Person) -> Outcome:
    return comparing.join(pair, by, f"card-merge:{secrets.token_hex(8)}")


ACTS: dict[str, Callable[[Pair, Person], Outcome]] = {
    MERGE: _join,
    APART: comparing.part,
    UNDO_SAME: comparing.unjoin,
    UNDO_APART: comparing.unpart,
}
