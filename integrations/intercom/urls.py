"""Addresses of conversations in Intercom's Inbox, and steps of the API's paths."""

from __future__ import annotations

import re
from urllib.parse import quote

_API = re.compile(r"^https://api\.(eu|au)\.intercom\.io")
#: `app.intercom.io` stands in Intercom's own older links, and still leads there.
_CONVERSATION = re.compile(
    r"^https://app(?:\.(?:eu|au))?\.intercom\.(?:com|io)/.*/conversations?/(\d{1,20})(?:[/?#]|$)"
)


def region_of(base_url: str) -> str:
    """The region whose API this is: eu, au, or "" for the United States and for stand-ins."""
    match = _API.match(base_url)
    return match.group(1) if match else ""


def conversation_url(app_id: str, conversation_id: str, region: str = "") -> str:
    """The page of a conversation in the shared inbox of the workspace `app_id`."""
    host = f"app.{region}.intercom.com" if region else "app.intercom.com"
    return f"https://{host}/a/inbox/{app_id}/inbox/shared/all/conversation/{conversation_id}"


def conversation_in(url: str) -> str:
    """The id of the conversation that a link leads to; "" if it leads elsewhere."""
    match = _CONVERSATION.match(url)
    return match.group(1) if match else ""


def in_path(text: str) -> str:
    """An id as one step of a path, whatever stands in it."""
    return quote(text, safe="").replace(".", "%2E")
