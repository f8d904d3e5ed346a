"""Mail, going out over SMTP. See README.md."""

from integrations.mail import setup
from integrations.mail.client import MailClient

__all__ = ["MailClient", "setup"]
