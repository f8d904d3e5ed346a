"""Agents: the teammates in Intercom. Remembered for a minute, because every wish asks who took it."""

from __future__ import annotations

import time

from integrations.contract import Trouble
from integrations.intercom import Admin, IntercomClient
from workflows.engine.vendors import intercom_client, vendors

MEMORY_SECONDS = 60.0


class _Book:
    """What one client said last, and when (monotonic seconds)."""

    def __init__(self) -> None:
        self.client: IntercomClient | None = None
        self.admins: dict[str, Admin] = {}
        self.read_at = 0.0
        #: When pages were refused an answer last; they do not wait for another one soon.
        self.silent_at: float | None = None


_book = _Book()


def named(admin_id: str) -> Admin | None:
    """The teammate with this id, None if it is nobody's (any more, as of a minute ago)."""
    client = intercom_client()
    if _book.client is not client or time.monotonic() - _book.read_at > MEMORY_SECONDS:
        _book.admins = {admin.id: admin for admin in client.admins()}
        _book.client, _book.read_at = client, time.monotonic()
    return _book.admins.get(admin_id)


def admin_of(taken_by: str, email: str = "") -> str:
    """The teammate in Intercom who took a wish: that id itself, or whoever has this address where it is a Slack id.

    "" for somebody who is no teammate there (any more).
    """
    found = named(taken_by)
    if found is None and email:
        found = next((admin for admin in _book.admins.values() if admin.email.casefold() == email.casefold()), None)
    return found.id if found else ""


def remembered(email: str) -> tuple[str, bool]:
    """The name of the teammate with this address, and whether somebody has it, as of a minute ago; asks nobody.

    ("", True) where nothing is remembered: they may well be one.
    """
    is_fresh = _book.client is vendors.intercom and time.monotonic() - _book.read_at <= MEMORY_SECONDS
    if not is_fresh or not _book.admins:
        return "", True
    names = (admin.name for admin in _book.admins.values() if email and admin.email.casefold() == email.casefold())
    name = next(names, None)
    return name or "", name is not None


def with_address(email: str) -> str:
    """The teammate in Intercom who has this address; "" for nobody's.

    For pages: where Intercom does not answer, "" as well, and it is asked again after a minute.
    """
    is_silent = _book.silent_at is not None and time.monotonic() - _book.silent_at < MEMORY_SECONDS
    if not email or not vendors.is_on("intercom") or is_silent:
        return ""
    try:
        found, _book.silent_at = admin_of("", email), None
    except Trouble:
        found, _book.silent_at = "", time.monotonic()
    return found


def everybody() -> list[Admin]:
    """Every teammate in Intercom, as of a minute ago. Raises Trouble where it does not answer."""
    named("")
    return list(_book.admins.values())
