"""What people read when they are asked for a wish's background, and once it is known; and what product people read.

A customer's words are escaped wherever they stand. The first line of every message says on a locked phone what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape as escape_html

from integrations.productboard import richtext
from integrations.slack import blocks
from integrations.slack.blocks import Block, escape
from workflows.engine.posting import Message
from workflows.language.addresses import feedback_url, wishes_url
from workflows.language.text import _, kind, links_in_html, note_html, quoted_html, shortened, shortened_lines
from workflows.language.wording import full_date
from workflows.rules import rules
from workflows.rules.choices import LEVELS, PROMISES, Choice
from workflows.tables.wish import Context, Feedback
from workflows.wish.known import Wish
from workflows.wish.similar import in_slack
from workflows.wish.similar.offered import Offered
from workflows.wish.wishes import code

#: Characters of a quote and of a background that are shown, and wishes in one message.
QUOTED, MOST = 600, 5


def asking(wishes: Sequence[Wish], similar: Mapping[int, Offered]) -> Message:
    """The message to whoever took these wishes: each with a button to its form, or with what was noted, and below it
    what others asked for that is similar."""
    text = headline(wishes)
    shown = [blocks.section(f"*{text}*")]
    for wish in wishes[:MOST]:
        shown += _one(wish, similar.get(wish.id, Offered()))
    if len(wishes) > MOST:
        shown.append(blocks.small(blocks.link(wishes_url(), _("And {count} more.", count=len(wishes) - MOST))))
    return text, shown


def headline(wishes: Sequence[Wish]) -> str:
    """The first line: what is asked for, or that it is known."""
    open_ones = [wish for wish in wishes if not wish.is_filled]
    if len(open_ones) > 1:
        return _("Please add background and importance: {n} requests", n=len(open_ones))
    about = (open_ones or wishes)[0]
    wish = about.title
    return _(ASKED if open_ones else KNOWN, company=escape(_company(about)), wish=escape(wish))


ASKED = "Please add background and importance: {company} “{wish}”"
KNOWN = "Background and importance added: {company} “{wish}”"


def _company(wish: Wish) -> str:
    return wish.company or wish.person or _("(unknown)")


def _one(wish: Wish, similar: Offered) -> list[Block]:
    shown = [blocks.section(blocks.quote(shortened(wish.quote, QUOTED) or blocks.EMPTY))]
    if wish.context is not None and wish.is_filled:
        shown += answered(wish.context)
    shown.append(blocks.actions(_button(wish, _("Edit") if wish.is_filled else _(BUTTON))))
    return [*shown, blocks.small(*_small_print(wish)), *in_slack.below(wish.id, similar)]


def _button(wish: Wish, label: str) -> Block:
    """It opens the form; its name differs from those of the other buttons in the message."""
    style = "" if wish.is_filled else "primary"
    return blocks.button(label, f"write_context.{wish.id}", str(wish.id), style=style)


def _small_print(wish: Wish) -> list[str]:
    taken = _("Filed by {agent} ({kind}).", agent=escape(wish.agent or "?"), kind=wish.kind)
    where = blocks.link(wish.url, _("Original message")) if wish.url else ""
    return [taken, blocks.link(feedback_url(wish.id), code(wish.id)), *([where] if where else [])]


def answered(context: Context) -> list[Block]:
    """What was noted, and by whom."""
    facts = " · ".join(f"{_(label)}: {words}" for label, words in said(context) if label != "Background")
    shown = [blocks.section(escape(facts))] if facts else []
    if context.background:
        shown.append(blocks.section(blocks.quote(shortened_lines(context.background, QUOTED))))
    return [*shown, blocks.small(_("Added by {name}", name=escape(context.person_name or "?")))]


def _words(choices: Mapping[str, Choice], value: str) -> str:
    return _(choices[value].words) if value in choices else ""


def said(context: Context) -> list[tuple[str, str]]:
    """What was noted, in words: (label, words) of everything that was said."""
    promise = _words(PROMISES, context.level)
    found = [
        ("Background", context.background),
        ("Importance", _words(LEVELS, context.importance)),
        ("Customer temperature", _words(LEVELS, context.temperature)),
        ("Type", _(context.kind)),
        ("Promise", promise),
    ]
    return [(label, words) for label, words in found if words]


def reminder(wishes: Sequence[Wish]) -> Message:
    """A line below the message that asked, whose buttons still work."""
    text = headline(wishes)
    several = len(wishes) > 1
    buttons = [
        _button(wish, _("Add to {feedback}", feedback=code(wish.id)) if several else _(BUTTON))
        for wish in wishes[:MOST]
    ]
    return text, [blocks.section(f"{_(REMINDED)}\n*{text}*"), blocks.actions(*buttons)]


BUTTON = "Add background and importance"
REMINDED = "Fill this in before the meeting."


def below_note(context: Context, *, changed: bool) -> tuple[str, str]:
    """What stands below the note in Productboard: as rich text, and as plain text for a comment."""
    when, who = full_date(rules.language, context.said_at), context.person_name or "?"
    first = _(CHANGED if changed else NOTED, date=when, name=who)
    lines = [first, *(f"{_(label)}: {words}" for label, words in said(context))]
    return "".join(map(richtext.paragraph, lines)), "\n".join(lines)


NOTED = "{date} Background added by {name}"
CHANGED = "{date} Background changed by {name}"


# -- filed by hand --------------------------------------------------------------------------------


def filed(wish: Wish, by: str, similar: Offered | None = None) -> Message:
    """The line below a Slack message from which a wish was filed, for everybody there; and what it was merged into."""
    text = _(FILED, name=escape(by), feedback=code(wish.id))
    linked = _(FILED, name=escape(by), feedback=blocks.link(feedback_url(wish.id), code(wish.id)))
    merged = in_slack.below(wish.id, similar) if similar else []
    return text, [blocks.section(linked), blocks.small(escape(_company(wish))), *merged]


def filed_before(wish: Wish) -> Message:
    """To whoever filed what had been filed: which record it is."""
    linked = blocks.link(feedback_url(wish.id), code(wish.id))
    quote = blocks.quote(shortened(wish.quote, QUOTED) or blocks.EMPTY)
    text = _(FILED_BEFORE, feedback=code(wish.id))
    return text, [blocks.section(_(FILED_BEFORE, feedback=linked)), blocks.section(quote)]


FILED = "{name} filed this as {feedback}."
FILED_BEFORE = "This message was already filed as {feedback}. No second request was created."


def filed_note(feedback: Feedback, note_url: str, ref: str) -> str:
    """The internal note in Intercom: this was filed, and here is where."""
    lines = [
        escape_html(_("Filed as {feedback} ({kind}).", feedback=code(feedback.id), kind=kind(feedback.kind))),
        quoted_html(feedback.quote),
        links_in_html((_("Productboard"), note_url), (code(feedback.id), feedback_url(feedback.id))),
    ]
    return note_html(lines, ref)
