"""Mail, going out over SMTP. See README.md."""

from integrations.mail.client import MailClient

__all__ = ["MailClient"]
