"""Addresses of rooms and messages in Chatwork."""

from __future__ import annotations


def message_url(room: str, message: str) -> str:
    """The place of a message in its room."""
    return f"https://www.chatwork.com/#!rid{room}-{message}"
