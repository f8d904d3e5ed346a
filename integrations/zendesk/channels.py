"""Where a ticket came in: one name for the several that Zendesk has for the same thing. Pure.

A ticket of the API says `email` where a webhook says `mail`, and now and then a number stands there.
https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
"""

from __future__ import annotations

#: The via types that a ticket of the API calls otherwise.
_SPELLINGS = {
    "mail": "email",
    "web_form": "web",
    "dropbox": "web",
    "batch": "web",
    "web_service": "api",
    "ticket_sharing": "api",
    "voicemail": "voice",
    "phone_call_inbound": "voice",
}
_NUMBERS = {
    0: "web_form",
    4: "mail",
    5: "web_service",
    8: "rule",
    17: "dropbox",
    19: "merge",
    20: "batch",
    21: "recovered_from_suspended_tickets",
    26: "twitter_dm",
    27: "closed_ticket",
    29: "chat",
    31: "ticket_sharing",
    33: "voicemail",
    34: "phone_call_inbound",
    35: "phone_call_outbound",
    37: "text_message",
}
#: Nobody enquires through these: Zendesk itself, a rule, a machine, colleagues among themselves, an agent who calls.
NEVER = frozenset(
    {
        "sample_ticket",
        "sample_interactive_ticket",
        "rule",
        "merge",
        "side_conversation",
        "monitor_event",
        "import",
        "phone_call_outbound",
    }
)
#: Mail that was held back and let in by hand: many at once are no wave of enquiries.
RECOVERED = "recovered_from_suspended_tickets"
#: A customer answered to a ticket that was closed for good.
FOLLOW_UP = "closed_ticket"
_LONGEST = 60


def channel_of(said: str) -> str:
    """The channel by its one name; one that we do not know by its own, "" where it is not said."""
    name = said.strip().casefold()
    if name.isascii() and name.isdigit():
        name = _NUMBERS.get(int(name[:9]), f"via_{name}")
    return _SPELLINGS.get(name, name)[:_LONGEST]
