"""Chatwork: rooms in which people read what we tell them. See README.md."""

from integrations.chatwork import notation, setup
from integrations.chatwork.client import BASE_URL, ChatworkClient
from integrations.chatwork.events import MAX_BODY, NAME, REPEATS_AFTER, handshake, parse, verify
from integrations.chatwork.models import File, Me, Member, Message, Room, TooLarge
from integrations.chatwork.notation import Notation
from integrations.chatwork.urls import message_url

__all__ = [
    "BASE_URL",
    "MAX_BODY",
    "NAME",
    "REPEATS_AFTER",
    "ChatworkClient",
    "File",
    "Me",
    "Member",
    "Message",
    "Notation",
    "Room",
    "TooLarge",
    "handshake",
    "message_url",
    "notation",
    "parse",
    "setup",
    "verify",
]
