"""In Slack: similar requests below a request, with a button for each answer, and as a choice in a form.

A message shows what the tables say when it is brought up to date, so what was answered stands there with its undoing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrations.slack import blocks, views
from integrations.slack.blocks import Block, escape
from workflows.language.addresses import feedback_url
from workflows.language.text import language, shortened
from workflows.language.wording import say
from workflows.rules.choices import CONCLUSIONS
from workflows.wish.similar import texts
from workflows.wish.similar.matching import Match
from workflows.wish.similar.offered import Offered, Pair
from workflows.wish.wishes import code

#: The buttons. Where a message has several of one, each has the numbers of its two wishes.
SAME, NOT_SAME, UNDO_SAME, UNDO_NOT_SAME = "same_wish", "not_same_wish", "undo_same_wish", "undo_not_same_wish"
#: The field of a form, and its answer for a request that is like no other.
FIELD, NEW = "same", "new"
#: Letters of a similar request that are shown.
QUOTED = 120


# -- below a request ------------------------------------------------------------------------------


def below(feedback_id: int, offered: Offered) -> list[Block]:
    """What stands below a request in a message; nothing where nothing is like it. At most two blocks for each."""
    to = language()
    if offered.merged_into is not None:
        return _merged(to, Pair(feedback_id, offered.merged_into))
    shown = []
    for match in offered.matches:
        shown += _one(to, match, Pair(feedback_id, match.feedback_id, offered.concluded.get(match.feedback_id, "")))
    return shown + (_refused(to, feedback_id, offered.refused) if offered.refused else [])


def _one(to: str, match: Match, pair: Pair) -> list[Block]:
    quoted = f"{_link(match.feedback_id)}「{escape(shortened(match.quote, QUOTED))}」"
    why = [texts.why(match, to), *([texts.decided(to, pair.seen)] if pair.seen else [])]
    return [
        blocks.section(f"*{texts.voice(match, to)}*  {quoted}\n{escape(' '.join(why))}"),
        blocks.actions(
            _button(to, texts.SAME, SAME, pair, blocks.confirm(*texts.confirming(to, pair))),
            _button(to, texts.NOT_SAME, NOT_SAME, Pair(pair.one, pair.other)),
        ),
    ]


def _merged(to: str, pair: Pair) -> list[Block]:
    said = say(to, texts.MERGED, code=code(pair.one), into=_link(pair.other))
    return [blocks.section(f"*{said}*"), blocks.actions(_button(to, texts.UNDO, UNDO_SAME, pair))]


def _refused(to: str, feedback_id: int, others: Sequence[int]) -> list[Block]:
    """What was said not to be the same, in one line, and the undoing of each."""
    said = say(to, texts.APART, codes=" · ".join(map(_link, others)))
    undo = [say(to, texts.UNDO_ONE, code=code(other)) if len(others) > 1 else texts.UNDO for other in others]
    pairs = [Pair(feedback_id, other) for other in others]
    buttons = [_button(to, label, UNDO_NOT_SAME, pair) for label, pair in zip(undo, pairs, strict=True)]
    return [blocks.small(said), blocks.actions(*buttons)]


def _button(to: str, label: str, action: str, pair: Pair, confirm: Block | None = None) -> Block:
    return blocks.button(say(to, label), f"{action}.{pair.one}.{pair.other}", str(pair), confirm=confirm)


def _link(feedback_id: int) -> str:
    return blocks.link(feedback_url(feedback_id), code(feedback_id))


# -- in a form ------------------------------------------------------------------------------------


def choice(to: str, offered: Offered | None) -> list[Block]:
    """What a form shows and asks about similar requests; None: they are still being looked for."""
    if offered is None:
        return [blocks.small(say(to, texts.LOOKING))]
    if offered.merged_into is not None:
        return [blocks.small(say(to, texts.MERGED_ALREADY, into=_link(offered.merged_into)))]
    if not offered.matches:
        return [blocks.small(say(to, texts.NONE))]
    return [*(_line(to, match, offered) for match in offered.matches), _asked(to, offered)]


def _line(to: str, match: Match, offered: Offered) -> Block:
    quoted = f"{_link(match.feedback_id)}「{escape(shortened(match.quote, QUOTED))}」"
    return blocks.small(f"*{texts.voice(match, to)}*  {quoted}\n{escape(texts.why(match, to))}")


def _asked(to: str, offered: Offered) -> Block:
    options = [(NEW, say(to, texts.IS_NEW))]
    notes = {}
    for match in offered.matches:
        value = f"{match.feedback_id}/{offered.concluded.get(match.feedback_id, '')}".rstrip("/")
        options.append((value, say(to, texts.SAME_AS, code=code(match.feedback_id), quote=match.quote)))
        notes[value] = " ".join(filter(None, (texts.voice(match, to), _decided(to, match, offered))))
    label = say(to, texts.WHICH)
    return views.choice(
        FIELD, label, options, initial=NEW, optional=True, hint=say(to, texts.WHAT_HAPPENS), notes=notes
    )


def _decided(to: str, match: Match, offered: Offered) -> str:
    kind = offered.concluded.get(match.feedback_id, "")
    return texts.decided(to, kind) if kind in CONCLUSIONS else ""


def chosen(values: Mapping[str, str], feedback_id: int) -> Pair | None:
    """Which other one somebody chose for this one; None where they chose none."""
    return Pair.read(f"{code(feedback_id)}/FB-{values.get(FIELD, NEW)}")
