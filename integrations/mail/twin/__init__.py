"""The mail server's stand-in, all of it in `stand_in`: it takes mails and keeps them."""

from integrations.mail.twin.stand_in import Mail, MailTwin

__all__ = ["Mail", "MailTwin"]
