"""What those read in Slack who hear of one kind of request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language.addresses import feedback_url, kind_url
from workflows.language.text import _
from workflows.tables.wish import Feedback
from workflows.wish.wishes import code, title_of

#: Requests that are named in one message.
MOST = 20


def filed(kind: str, wishes: Sequence[Feedback], names: Mapping[str, str]) -> Message:
    """What was filed lately, each in a line with its link; `names`: the companies' by id."""
    if len(wishes) == 1:
        text = _("[{kind}] New: {asked}", kind=_(kind), asked=_line(wishes[0], names))
        return text, [blocks.section(text)]
    text = _("[{kind}] {n} new requests", kind=_(kind), n=len(wishes))
    lines = [f"• {_line(wish, names)}" for wish in wishes[:MOST]]
    more = [_("and {n} more", n=len(wishes) - MOST)] if len(wishes) > MOST else []
    page = [blocks.small(blocks.link(kind_url(kind), _("All of them")))] if more and kind_url(kind) else []
    return text, [blocks.section(f"*{text}*"), blocks.section("\n".join([*lines, *more])), *page]


def _line(wish: Feedback, names: Mapping[str, str]) -> str:
    company = blocks.escape(names.get(wish.company_id or "", "") or wish.company_name)
    asked = blocks.link(feedback_url(wish.id), code(wish.id))
    return " ".join(filter(None, (asked, company, blocks.escape(title_of(wish)))))
