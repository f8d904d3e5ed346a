"""Zendesk Support as a source of enquiries: how many came, when, and about what. Nothing is ever written there."""

from integrations.zendesk import setup
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.events import MAX_BODY, NAME, REPEATS_AFTER, TicketChanged, handshake, parse, verify
from integrations.zendesk.models import Excluded, Me, Organization, Scope, Ticket, TicketPage
from integrations.zendesk.queries import created_between
from integrations.zendesk.urls import base_url_of, ticket_url

__all__ = [
    "MAX_BODY",
    "NAME",
    "REPEATS_AFTER",
    "Excluded",
    "Me",
    "Organization",
    "Scope",
    "Ticket",
    "TicketChanged",
    "TicketPage",
    "ZendeskClient",
    "base_url_of",
    "created_between",
    "handshake",
    "parse",
    "setup",
    "ticket_url",
    "verify",
]
