"""Intercom: customers' conversations, the tags that agents put on them, and notes that we leave there."""

from integrations.intercom import setup
from integrations.intercom.answers import NO_CHAT, NO_CUSTOMER, NO_SENDER
from integrations.intercom.client import IntercomClient
from integrations.intercom.events import (
    CHANGES,
    MAX_BODY,
    NAME,
    REPEATS_AFTER,
    AgentReplied,
    ContactDeleted,
    ConversationChanged,
    ConversationClosed,
    ConversationDeleted,
    ConversationRated,
    ConversationStarted,
    ConversationTagged,
    CustomerReplied,
    PartRedacted,
    TeammateRemoved,
    handshake,
    parse,
    verify,
)
from integrations.intercom.hours import OtherDay, Schedule
from integrations.intercom.models import Admin, Author, Company, Contact, Conversation, Me, Part, Recent, Replied, Tag
from integrations.intercom.plain import is_same
from integrations.intercom.urls import conversation_in

__all__ = [
    "CHANGES",
    "MAX_BODY",
    "NAME",
    "NO_CHAT",
    "NO_CUSTOMER",
    "NO_SENDER",
    "REPEATS_AFTER",
    "Admin",
    "AgentReplied",
    "Author",
    "Company",
    "Contact",
    "ContactDeleted",
    "Conversation",
    "ConversationChanged",
    "ConversationClosed",
    "ConversationDeleted",
    "ConversationRated",
    "ConversationStarted",
    "ConversationTagged",
    "CustomerReplied",
    "IntercomClient",
    "Me",
    "OtherDay",
    "Part",
    "PartRedacted",
    "Recent",
    "Replied",
    "Schedule",
    "Tag",
    "TeammateRemoved",
    "conversation_in",
    "handshake",
    "is_same",
    "parse",
    "setup",
    "verify",
]
