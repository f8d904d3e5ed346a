"""What people read where a customer asks for the same again."""

from __future__ import annotations

from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language.addresses import feedback_url
from workflows.language.text import _, shortened
from workflows.tables.wish import Feedback
from workflows.wish.wishes import code

AGAIN = (
    "The customer of {before} was notified, and asked for much the same within two weeks: {new}. It may not have "
    "solved what they need. Look at both before you reply."
)


def again(new: Feedback, before: Feedback) -> Message:
    """The warning to whoever took the request."""
    text = _(AGAIN, before=code(before.id), new=code(new.id))
    links = [blocks.link(feedback_url(each.id), code(each.id)) for each in (before, new)]
    quoted = [blocks.section(blocks.quote(shortened(new.quote, 500)))] if new.quote else []
    return text, [blocks.section(text), *quoted, blocks.small(" · ".join(filter(None, links)))]
