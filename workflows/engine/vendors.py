"""The clients that a story may call: bound once by `app.runtime` or by a test, None for a vendor that is off."""

from __future__ import annotations

from integrations import VENDORS
from integrations.chatwork import ChatworkClient
from integrations.contract import Permanent
from integrations.intercom import IntercomClient
from integrations.jira import JiraClient
from integrations.mail import MailClient
from integrations.productboard import ProductboardClient
from integrations.slack import SlackClient
from integrations.vendor import Client
from integrations.zendesk import ZendeskClient


class Vendors:
    """One client per vendor, under its name. Named here are those that stories of ours call."""

    intercom: IntercomClient | None = None
    productboard: ProductboardClient | None = None
    jira: JiraClient | None = None
    slack: SlackClient | None = None
    mail: MailClient | None = None
    zendesk: ZendeskClient | None = None
    chatwork: ChatworkClient | None = None

    def __init__(self, **clients: Client) -> None:
        vars(self).update(clients)

    def bind(self, others: Vendors) -> None:
        """Use these clients from now on."""
        vars(self).clear()
        vars(self).update(vars(others))

    def client(self, name: str) -> Client | None:
        """The client of a vendor by its name."""
        found: Client | None = getattr(self, name, None)
        return found

    def is_on(self, name: str) -> bool:
        """Is this vendor configured?"""
        return self.client(name) is not None

    def close(self) -> None:
        """Close every client's connections."""
        for client in vars(self).values():
            if client is not None:
                client.close()


vendors = Vendors()


def title_of(name: str) -> str:
    """How a vendor is written on pages and in sentences."""
    return VENDORS[name].TITLE


def intercom_client() -> IntercomClient:
    """The Intercom client. Raises Permanent when Intercom is off: its stories can do nothing then."""
    if vendors.intercom is None:
        raise Permanent("Intercom is not configured.")
    return vendors.intercom


def jira_client() -> JiraClient:
    """The Jira client. Raises Permanent when Jira is off: nothing can be known of an issue then."""
    if vendors.jira is None:
        raise Permanent("Jira is not configured.")
    return vendors.jira
