"""The plain text of what people wrote in Slack, whose messages are mrkdwn: to be read elsewhere, by others.

    text("<@U0SATO> &amp; <https://a.example|こちら> :tada:", name_of)     # @佐藤 健 & https://a.example :tada:

A mention becomes its name and a link its address; emoji and marks such as *this* stay as they were typed.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Callable

#: What Slack itself puts in angle brackets; a `<` that somebody typed comes as an entity.
_TOKEN = re.compile(r"<([^<>]{1,4000})>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def text(mrkdwn: str, name_of: Callable[[str], str]) -> str:
    """A message as plain text; `name_of` says what somebody in Slack is called, "" for nobody that is known."""
    said = _TOKEN.sub(lambda token: _spoken(token[1], name_of), mrkdwn)
    for entity, character in _ENTITIES:
        said = said.replace(entity, character)
    return said


def _spoken(token: str, name_of: Callable[[str], str]) -> str:
    what, _, label = token.partition("|")
    if what.startswith("@"):
        return "@" + (name_of(what[1:]) or label.removeprefix("@") or what[1:])
    if what.startswith("#"):
        return "#" + (label or what[1:])
    if what.startswith("!"):
        return label or "@" + what[1:].partition("^")[0]
    return what.removeprefix("mailto:").removeprefix("tel:")
