"""What of a webhook is not kept: the words of customers. Counting needs none of them."""

from __future__ import annotations

import re

from integrations.zendesk.events import NAME as NAME

#: What stands there instead.
MASK = b"***"
_WORDS = re.compile(
    rb'("(?:description|raw_subject|subject|title|body|html_body|plain_body)"\s*:\s*")(?:[^"\\]|\\.)*', re.DOTALL
)


def without_words(body: bytes) -> bytes:
    """The same delivery without them; it can still be read, and means the same."""
    return _WORDS.sub(rb"\g<1>" + MASK, body)
