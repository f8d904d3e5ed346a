"""Addresses of an account and of the tickets in it."""

from __future__ import annotations

import re

_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def is_subdomain(text: str) -> bool:
    """Is this the part of an account's address before `.zendesk.com`?"""
    return bool(_SUBDOMAIN.fullmatch(text))


def base_url_of(subdomain: str) -> str:
    """Where an account is reached, by its API and by people."""
    return f"https://{subdomain}.zendesk.com"


def ticket_url(subdomain: str, ticket_id: str) -> str:
    """Where people read a ticket. Zendesk's own `url` of a ticket is the API's, which nobody can open."""
    return f"{base_url_of(subdomain)}/agent/tickets/{ticket_id}"
