"""Mail over SMTP, as a verb.

    MailClient("smtp://user:secret@mail.example:587", "山びこ <yamabiko@example.jp>").send([…], "件名", "本文", "YMB-A")

A mail cannot be looked for afterwards. So one that may be sent a second time carries the same `Message-ID` as the
first, by which servers and readers can recognise it. It goes to everybody it is for or to nobody: then a repeat
reaches nobody twice. https://www.rfc-editor.org/rfc/rfc5321 · https://www.rfc-editor.org/rfc/rfc8314
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from integrations import fence, hands_off, network
from integrations.contract import Permanent, Transient, Unsure
from integrations.waiting import waiting

#: Seconds until a server that says nothing is given up, and until one that never comes to an end is.
DEADLINE, PATIENCE = 20.0, 45.0
NO_MAILBOX = "An email has no recipient, or its recipient is not an email address."
IN_CLEAR = "The mail server offers no encryption, so nothing was sent."
UNTRUSTED = "The mail server's certificate is not trusted, so nothing was sent."
OTHERWISE = "The mail server does not support the sign-in or encryption set in SMTP_URL."
_LOCAL = ("127.0.0.1", "::1", "localhost")
#: What an address may hold beyond one @: nothing that means something in a header or a command, nothing but ASCII.
_ADDRESS = re.compile(r"""[^\s\x00-\x20\x7f-\U0010ffff@<>()\[\],;:\\"]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}""")
#: An address of the web that can stand in a header.
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")
#: "5.7.1" in a server's answer. https://www.rfc-editor.org/rfc/rfc3463
_STATUS = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")


class MailClient:
    """A mail server and the address that mails come from. Thread-safe: each mail has a connection of its own.

    `url` is `smtps://`, or `smtp://` with STARTTLS: only to a server on this machine does it go without, where that
    offers none or needs no password. `trust`: other certificates than those that this machine trusts. Raises
    ValueError for a url or a sender that cannot be used.
    """

    def __init__(
        self, url: str, sender: str, *, deadline: float = DEADLINE, trust: ssl.SSLContext | None = None
    ) -> None:
        self._host, self._port, self._implicit = _server(url)
        parts = urlsplit(url.strip())
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._deadline, self._trust = _address(sender), deadline, trust

    def close(self) -> None:
        """Nothing stays open between mails."""

    def send(
        self, to: Sequence[str], subject: str, text: str, marker: str, html: str = "", unsubscribe: str = ""
    ) -> str:
        """Send one mail to all of these; returns its Message-ID, which follows from `marker`.

        `html` is the same once more for readers that show it. `unsubscribe` is an https address that ends such mails
        when it is posted to, as mailboxes do at one click: https://www.rfc-editor.org/rfc/rfc8058

        Raises Permanent if the server refuses the mail or one of the addresses, Transient if it cannot take it now,
        and Unsure where it did not say whether it has.
        """
        message = self._message(to, subject, text, marker)
        if html:
            message.add_alternative(html.encode("utf-8", "replace").decode(), subtype="html")
        hands_off.refuse("Mail", "send", {"to": ", ".join(to), "subject": subject, "text": text})
        with self._connected() as server:
            _obeyed(server.mail(self._sender.addr_spec), "MAIL FROM")
            for number, address in enumerate(to, 1):
                _obeyed(server.rcpt(_address(address).addr_spec), f"RCPT TO, number {number} of {len(to)}")
            fence.pass_through()
            _hand_over(server, _unsubscribing(unsubscribe) + message.as_bytes())
        return str(message["Message-ID"])

    def check(self) -> str:
        """Sign in and send nothing; the server's name. Raises like `send`."""
        with self._connected():
            return self._host

    # -- the connection ---------------------------------------------------------------------------

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A server that has let us in. Whatever goes wrong within, the server has certainly taken nothing."""
        with waiting(), _told():
            server = self._dial()
            late = threading.Timer(max(PATIENCE, self._deadline), _hang_up, (server,))
            late.start()
            try:
                self._enter(server)
                yield server
                with suppress(OSError):  # what was taken is taken, whatever the server says to this
                    server.quit()
            finally:
                late.cancel()
                server.close()

    def _dial(self) -> smtplib.SMTP:
        # We greet by our mails' domain: this machine's own name would have to be asked for, and is nobody's business.
        name = self._sender.domain
        if self._implicit:
            return smtplib.SMTP_SSL(self._host, self._port, name, timeout=self._deadline, context=self._context())
        return smtplib.SMTP(self._host, self._port, name, timeout=self._deadline)

    def _enter(self, server: smtplib.SMTP) -> None:
        """Greet, encrypt, sign in. Raises Permanent rather than say anything that others could read."""
        server.ehlo_or_helo_if_needed()
        if not self._implicit and (self._user or self._host not in _LOCAL):
            if server.has_extn("starttls"):
                _obeyed(server.starttls(context=self._context()), "STARTTLS")
                server.ehlo_or_helo_if_needed()
            elif self._host not in _LOCAL:
                raise Permanent(IN_CLEAR)
        if self._user:
            server.login(self._user, self._password)

    def _context(self) -> ssl.SSLContext:
        return self._trust or network.trust()

    # -- the mail ---------------------------------------------------------------------------------

    def _message(self, to: Sequence[str], subject: str, text: str, marker: str) -> EmailMessage:
        # Seven bits go through every server unchanged.
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        try:
            message["From"], message["To"] = self._sender, [_address(each) for each in to or [""]]
        except ValueError:
            raise Permanent(NO_MAILBOX) from None
        message["Subject"] = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
        message["Date"], message["Message-ID"] = formatdate(), f"<{marker.lower()}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.encode("utf-8", "replace").decode())
        return message


def _unsubscribing(url: str) -> bytes:
    """The two header fields of RFC 8058, each on one line: folded or encoded, as `email` does with long ones, an
    address is not recognised. Nothing for what is no address, or is too long for a line."""
    if not _URL.fullmatch(url):
        return b""
    return f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode()


def _server(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether TLS begins at once. What is wrong is said without the url: it holds a password."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("smtp", "smtps") or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            "must look like smtp://user:password@host:587 or smtps://…, with / ? # @ in it as %2F %3F %23 %40"
        )
    return host, port or (465 if parts.scheme == "smtps" else 587), parts.scheme == "smtps"


def _address(text: str) -> Address:
    """`山びこ <a@b.example>` or `a@b.example`. Raises ValueError for anything else."""
    name, address = parseaddr(text) if text.isprintable() else ("", "")
    if not _ADDRESS.fullmatch(address) or not text.strip().endswith((address, f"<{address}>")):
        raise ValueError("must be an e-mail address, or a name and <an e-mail address>")
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain)


# -- what servers say -----------------------------------------------------------------------------


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the connection as ours. A server's own words are left out: they may quote the mail."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise _refusal((error.smtp_code, error.smtp_error), "us") from None
    except (smtplib.SMTPServerDisconnected, ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError) as error:
        raise Transient(f"SMTP did not answer ({type(error).__name__})") from None
    except ssl.SSLCertVerificationError:
        raise Permanent(UNTRUSTED) from None
    except (smtplib.SMTPException, ssl.SSLError, UnicodeError):
        raise Permanent(OTHERWISE) from None
    except OSError as error:
        raise Transient(f"SMTP cannot be reached ({type(error).__name__})") from None


def _hand_over(server: smtplib.SMTP, mail: bytes) -> None:
    """The mail itself. From here on only a clear answer tells whether it was taken."""
    try:
        code, words = server.data(mail)
    except smtplib.SMTPDataError:  # it does not even want to see it
        raise
    except (OSError, ValueError) as error:
        raise Unsure(f"SMTP did not answer ({type(error).__name__})") from None
    if 400 <= code < 600:
        raise _refusal((code, words), "DATA")
    if code != 250:
        raise Unsure(f"SMTP did not answer ({code})")


def _obeyed(answer: tuple[int, bytes], command: str) -> None:
    """Raises what a refusal means."""
    if not 200 <= answer[0] < 300:
        raise _refusal(answer, command)


def _refusal(answer: tuple[int, bytes | str], command: str) -> Transient | Permanent:
    code, words = answer
    status = _STATUS.match(words.encode() if isinstance(words, str) else words)
    sentence = f"SMTP answered {code}{f' {status[1].decode()}' if status else ''} to {command}"
    return Permanent(sentence) if 500 <= code < 600 else Transient(sentence)


def _hang_up(server: smtplib.SMTP) -> None:
    """Ends a connection that another thread waits for."""
    with suppress(OSError, AttributeError, TypeError):
        socket.socket.shutdown(server.sock, socket.SHUT_RDWR)  # type: ignore[arg-type]
