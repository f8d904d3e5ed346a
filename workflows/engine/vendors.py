"""The clients that a story may call: bound once by `app.runtime` or by a test, None for a vendor that is off."""

from __future__ import annotations

from dataclasses import dataclass, fields

from integrations.contract import Permanent
from integrations.intercom import IntercomClient
from integrations.jira import JiraClient
from integrations.mail import MailClient
from integrations.productboard import ProductboardClient
from integrations.slack import SlackClient

#: How a vendor is written on pages and in sentences.
NAMES = {"intercom": "Intercom", "productboard": "Productboard", "jira": "Jira", "slack": "Slack", "mail": "SMTP"}


@dataclass
class Vendors:
    """One client per vendor."""

    intercom: IntercomClient | None = None
    productboard: ProductboardClient | None = None
    jira: JiraClient | None = None
    slack: SlackClient | None = None
    mail: MailClient | None = None

    def bind(self, others: Vendors) -> None:
        """Use these clients from now on."""
        for field in fields(self):
            setattr(self, field.name, getattr(others, field.name))

    def is_on(self, name: str) -> bool:
        """Is this vendor configured?"""
        return getattr(self, name) is not None

    def close(self) -> None:
        """Close every client's connections."""
        for field in fields(self):
            if (client := getattr(self, field.name)) is not None:
                client.close()


vendors = Vendors()


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
