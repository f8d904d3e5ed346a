"""The two forms in Slack that show similar requests. They open at once, because Slack waits three seconds; what is
similar is looked for when the answer is out, for an encoder may have to start, and then stands in the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from app.door.slack_desk import Desk, open_view, update_view
from integrations.slack import View
from integrations.slack.blocks import Block
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.meeting import comparing
from workflows.wish import forms
from workflows.wish.forms import Filing
from workflows.wish.known import Wish
from workflows.wish.shown import MOST_SIMILAR
from workflows.wish.similar import in_slack, offered
from workflows.wish.similar.offered import Offered

#: The number of a wish that has none yet; nothing has it.
A_NEW_ONE = 999_999_999
#: A form in a language, with what is similar; with None while that is looked for.
Form = Callable[[str, Offered | None], Block]


def background(desk: Desk, body: dict[str, Any], wish: Wish) -> None:
    """The form about a wish."""
    similar = partial(offered.beside, wish.id, most=MOST_SIMILAR)
    _open(desk, body, lambda language, found: forms.background(language, wish, found), similar)


def file(desk: Desk, body: dict[str, Any], filled: Filing, message: str) -> None:
    """The form that makes a message a wish."""
    similar = partial(offered.among, filled.quote, most=MOST_SIMILAR)
    _open(desk, body, lambda to, found: forms.filing(to, filled, about=message, similar=found), similar)


def wrong(language: str, values: Mapping[str, str], feedback_id: int) -> dict[str, str]:
    """What is wrong with the similar request that was chosen, by field: it may be gone by now. 0: for a new wish."""
    pair = in_slack.chosen(values, feedback_id or A_NEW_ONE)
    why = store.read(partial(comparing.why_not, pair=pair, is_new=not feedback_id)) if pair else None
    return {in_slack.FIELD: say(language, why.sentence, **why.facts)} if why else {}


def _open(desk: Desk, body: dict[str, Any], form: Form, similar: Callable[[], Offered]) -> None:
    view = open_view(body, lambda language: form(language, None))
    if view is not None:
        desk.afterwards.append(partial(_fill_in, view, body, form, similar))


def _fill_in(view: View, body: dict[str, Any], form: Form, similar: Callable[[], Offered]) -> None:
    found = similar()
    update_view(view, body, lambda language: form(language, found))
