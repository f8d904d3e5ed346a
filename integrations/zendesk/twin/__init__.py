"""A stand-in for an account of Zendesk Support."""

from integrations.zendesk.twin.clock import Clock
from integrations.zendesk.twin.stand_in import ZendeskTwin

__all__ = ["Clock", "ZendeskTwin"]
