"""Chatwork's stand-in: rooms, the people in them, and what they are notified of; for the demo and the tests."""

from integrations.chatwork.twin.stand_in import ChatworkTwin, token_from

__all__ = ["ChatworkTwin", "token_from"]
