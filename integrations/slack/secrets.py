"""What in Slack's requests lets somebody in for a while: to post through a `response_url`, to open a form by a trigger.

Nobody needs these once a request was answered, so they are not kept. https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import re

from integrations.slack.events import NAME as NAME

#: What stands there instead.
MASK = b"***"
_NAMES = rb"token|bot_access_token|response_url|trigger_id|authorization"
#: As JSON, as the fields of a form, and as JSON within one.
_PLACES = (
    re.compile(rb'("(?:' + _NAMES + rb')"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE),
    re.compile(rb"((?:^|&)(?:" + _NAMES + rb")=)[^&]*", re.IGNORECASE),
    re.compile(rb"(%22(?:" + _NAMES + rb")%22%3A(?:\+|%20)*%22)(?:(?!%22)[^&])*", re.IGNORECASE),
)


def masked(body: bytes) -> bytes:
    """The same request without them; it can still be read."""
    for place in _PLACES:
        body = place.sub(rb"\g<1>" + MASK, body)
    return body
