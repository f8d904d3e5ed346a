"""What people read who are asked about a chat, and who asked: the question, and the answer once one is marked.

Everybody's words are escaped wherever they stand. The first line says on a locked phone what it is.
"""

from __future__ import annotations

from integrations.slack import blocks
from integrations.slack.blocks import Block, escape
from workflows.engine.posting import Message
from workflows.enquiry import shown
from workflows.enquiry.asks import Said
from workflows.language.text import _, shortened_lines
from workflows.people import duty
from workflows.tables.enquiry import Ask

#: Characters of an answer, and of what the customer said, that are shown.
ANSWER, WORDS = 1500, 500
ASKS = "{name} asks how to answer."
ASKS_ABOUT = "{name} asks how to answer ({skill})."
NOBODY_ON_SHIFT = "Nobody with this skill is on shift now, so everybody who has it was asked."
HOW = "Answer in this thread. Then choose “Mark answer” in the menu of the message that answers it."
YOU_ASKED = "You asked {people} in direct messages."
ANSWERED = "{name} answered."
MARKED = "Marked by {name}."


def in_thread(ask: Ask) -> Message:
    """The question in the chat's thread, with mentions of those who are asked."""
    headline, people = _headline(ask), mentions(ask)
    first = blocks.section(f"*{headline}*\n{people}")
    rest = _answer(ask) or [blocks.small(_(HOW))]
    return f"{headline} {people}", [first, _question(ask), *_off_shift(ask), *rest]


def direct(ask: Ask, said: Said) -> Message:
    """The question to one who is asked, with the customer's words and a button to answer."""
    headline = _headline(ask)
    first = [blocks.section(f"*{headline}*"), _question(ask), *_off_shift(ask)]
    words = shown.text_for(said.words, WORDS)
    about = [blocks.small(_("The customer's words")), blocks.section(blocks.quote(words))] if words else []
    link = [blocks.small(blocks.link(said.url, _("Open the conversation")))] if said.url else []
    button = blocks.button(_("Answer"), "answer_ask", str(ask.id), style="primary")
    return headline, [*first, *about, *link, *(_answer(ask) or [blocks.actions(button)])]


def receipt(ask: Ask) -> Message:
    """To whoever asked in direct messages: whom, and what became of it."""
    text = _(YOU_ASKED, people=mentions(ask))
    return text, [blocks.section(f"*{text}*"), _question(ask), *_off_shift(ask), *_answer(ask)]


def news(ask: Ask) -> Message:
    """A line below the receipt: somebody has answered. A message that only changes tells nobody."""
    text = _(ANSWERED, name=escape(ask.answered_by_name))
    return text, [blocks.section(text)]


def mentions(ask: Ask) -> str:
    """Those who are asked, so that Slack tells them."""
    return " ".join(f"<@{person}>" for person in ask.asked)


def _headline(ask: Ask) -> str:
    name = escape(ask.person_name or "?")
    return _(ASKS_ABOUT, name=name, skill=escape(ask.skill)) if ask.skill else _(ASKS, name=name)


def _question(ask: Ask) -> Block:
    return blocks.section(blocks.quote(ask.question or blocks.EMPTY))


def _off_shift(ask: Ask) -> list[Block]:
    """Said where everybody was asked because nobody was on shift at that moment."""
    is_bare = bool(ask.skill) and not duty.on_shift(ask.skill, ask.asked_at, but=ask.person)
    return [blocks.small(_(NOBODY_ON_SHIFT))] if is_bare else []


def _answer(ask: Ask) -> list[Block]:
    """The answer that was marked, who wrote it, and what can be done with it; nothing while there is none."""
    if ask.answered_at is None:
        return []
    said = _(ANSWERED, name=escape(ask.answered_by_name or "?"))
    words = blocks.quote(shortened_lines(ask.answer, ANSWER) or blocks.EMPTY)
    marked = [blocks.small(_(MARKED, name=f"<@{ask.marked_by}>"))] if ask.marked_by != ask.answered_by else []
    keep = blocks.button(_("Make it reusable"), "keep_answer", str(ask.id))
    undo = blocks.button(_("Undo"), "unmark_answer", str(ask.id))
    return [blocks.section(f"✅ *{said}*"), blocks.section(words), *marked, blocks.actions(keep, undo)]
