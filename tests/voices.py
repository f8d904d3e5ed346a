"""What customers wrote, put in place for answers about them.

said("7", "請求書が届きません", days=2)        # a conversation of あおば製作所, two days ago
asked("CSVに列を足したい", company="902")       # a request on record
known()                                             # search has read all of it
"""

from __future__ import annotations

from typing import Any

from tests.enquired import enquiry, firm, message
from tests.meeting import DAY, filed
from workflows.engine.store import now_ms
from workflows.search import indexing

FIRMS = {"901": "あおば製作所", "902": "みなと商会", "903": "みどり歯科"}


def firms() -> None:
    """The companies that write."""
    for id, name in FIRMS.items():
        firm(id, name, tier="Pro")


def said(chat: str, *texts: str, days: int = 0, company: str = "901", **others: Any) -> None:
    """A customer wrote all of this in a conversation, so many days ago."""
    at = now_ms() - days * DAY - 60_000
    enquiry(chat, texts[0], company=company, state="solved", said_at=at)
    for number, text in enumerate(texts):
        message(chat, str(number), text, at + number, **others)


def asked(quote: str, *, days: int = 0, **others: Any) -> int:
    """A request that was made so many days ago; its number."""
    return filed(quote, at=now_ms() - days * DAY - 60_000, **others)


def known() -> None:
    """Search reads what is new."""
    while indexing.catch_up():
        pass
