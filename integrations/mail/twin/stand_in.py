"""A mail server on this machine: takes mails and keeps them, instead of delivering them.

    twin = MailTwin(); twin.url; twin.mails; twin.strangers.add("who@kanade.example"); twin.faults.append("451")

Speaks as much of SMTP as clients need (RFC 5321), with TLS and sign-in where it is given what these take. The next
mail meets the first of `faults`: a code such as "451" or "554" is the answer to it; "refuse" and "greylist" are for its
first recipient; "lost" takes the mail and hangs up without an answer, "cut" hangs up without taking it; "silent" never
answers, "drip" never comes to an end.

It is our own, because the demo needs it too: that would make a library for tests one that the service installs.
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

_REFUSALS = {"refuse": "550 5.1.1 no such mailbox", "greylist": "450 4.7.1 come again later"}


@dataclass(frozen=True)
class Mail:
    """A mail as it was taken."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    headers: dict[str, str]
    raw: bytes


class MailTwin:
    """Listens on loopback from the start until `stop`.

    `tls`: its certificate; then it offers STARTTLS, or with `implicit` speaks nothing but TLS. `account`: the user and
    password that it asks for, once the connection is encrypted if it can be.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, account: tuple[str, str] | None = None
    ) -> None:
        self.mails: list[Mail] = []
        self.faults: list[str] = []
        #: Addresses that have no mailbox here.
        self.strangers: set[str] = set()
        self.tls, self.implicit, self.account = tls, implicit, account
        self.stopping = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, name="mail", daemon=True).start()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"smtp{'s' * self.implicit}://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End, with all that is under way."""
        self.stopping.set()
        with suppress(OSError):  # wakes who waits for connections
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="mail", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Whoever hangs up in the middle ends only their own session.
        with suppress(OSError, ValueError), connection:
            implicit = self.tls if self.implicit else None
            _Session(self, implicit.wrap_socket(connection, server_side=True) if implicit else connection).run()


class _Session:
    """One connection."""

    def __init__(self, twin: MailTwin, connection: socket.socket) -> None:
        self.twin = twin
        self._is_known = twin.account is None
        self._verbs: dict[str, Callable[[str], bool]] = {
            verb: getattr(self, f"_{verb.lower()}")
            for verb in ("EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT")
        }
        self._speak_through(connection)

    def run(self) -> None:
        """Until the client, or a fault, ends it."""
        try:
            self._say("220 twin ready")
            while line := self._in.readline(2000).decode("utf-8", "replace").strip():
                verb, _, rest = line.partition(" ")
                obey = self._verbs.get(verb.upper())
                if not (obey(rest) if obey else self._say("502 not implemented")):
                    break
        finally:
            self._in.close()
            self._connection.close()

    def _speak_through(self, connection: socket.socket) -> None:
        self._connection, self._in = connection, connection.makefile("rb")
        self.sender, self.to = "", list[str]()

    def _say(self, *lines: str) -> bool:
        text = "\r\n".join(f"{line[:3]}-{line[4:]}" for line in lines[:-1]) + "\r\n" * (len(lines) > 1)
        self._connection.sendall(f"{text}{lines[-1]}\r\n".encode())
        return True

    # -- commands: each says whether the connection goes on -----------------------------------------

    def _ehlo(self, rest: str) -> bool:
        tls, clear = self.twin.tls, not isinstance(self._connection, ssl.SSLSocket)
        offers = ["250 STARTTLS"] if tls and clear else ["250 AUTH PLAIN LOGIN"] if self.twin.account else []
        return self._say("250 twin", *offers, "250 SIZE 10000000")

    def _helo(self, rest: str) -> bool:
        return self._say("250 twin")

    def _starttls(self, rest: str) -> bool:
        if not self.twin.tls:
            return self._say("502 not implemented")
        self._say("220 go on")
        self._in.close()
        self._speak_through(self.twin.tls.wrap_socket(self._connection, server_side=True))
        return True

    def _auth(self, rest: str) -> bool:
        kind, _, first = rest.partition(" ")
        if kind.upper() == "PLAIN":
            _, user, password = base64.b64decode(first or self._ask("")).decode().split("\0")
        else:
            user = base64.b64decode(first or self._ask("Username:")).decode()
            password = base64.b64decode(self._ask("Password:")).decode()
        self._is_known = (user, password) == self.twin.account
        return self._say("235 2.7.0 welcome" if self._is_known else "535 5.7.8 wrong user or password")

    def _ask(self, question: str) -> bytes:
        self._say(f"334 {base64.b64encode(question.encode()).decode()}")
        return self._in.readline(2000)

    def _mail(self, rest: str) -> bool:
        if not self._is_known:
            return self._say("530 5.7.0 sign in first")
        self.sender, self.to = _path(rest), []
        return self._say("250 ok")

    def _rcpt(self, rest: str) -> bool:
        address, fault = _path(rest), self._fault(*_REFUSALS)
        if fault or address in self.twin.strangers:
            return self._say(_REFUSALS[fault or "refuse"])
        self.to.append(address)
        return self._say("250 ok")

    def _data(self, rest: str) -> bool:
        if not self.sender or not self.to:
            return self._say("503 5.5.1 from whom, and to whom?")
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self._in.readline(100_000)) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        return self._take(b"".join(lines), self._fault())

    def _take(self, raw: bytes, fault: str) -> bool:
        if fault.isdigit():
            return self._say(f"{fault} not now")
        if fault == "silent":
            self.twin.stopping.wait(30)
        while fault == "drip" and not self.twin.stopping.wait(0.02):
            self._connection.sendall(b"2")
        if fault in ("silent", "drip", "cut"):
            return False
        self.twin.mails.append(_read(self.sender, self.to, raw))
        self.sender, self.to = "", []
        return fault != "lost" and self._say("250 2.0.0 taken")

    def _rset(self, rest: str) -> bool:
        self.sender, self.to = "", []
        return self._say("250 ok")

    def _noop(self, rest: str) -> bool:
        return self._say("250 ok")

    def _quit(self, rest: str) -> bool:
        return not self._say("221 bye")

    def _fault(self, *these: str) -> str:
        """The fault that comes next, if it is one of these; it happens once."""
        faults = self.twin.faults
        return faults.pop(0) if faults and (faults[0] in these or (not these and faults[0] not in _REFUSALS)) else ""


def _read(sender: str, to: list[str], raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=default)
    part = message.get_body(("plain",))
    text = str(part.get_content()) if part is not None else ""
    headers = {name: str(value) for name, value in message.items()}
    return Mail(sender, tuple(to), str(message["Subject"]), text, str(message["Message-ID"]), headers, raw)


def _path(rest: str) -> str:
    """The address in `FROM:<a@b> SIZE=1`."""
    return rest.partition("<")[2].partition(">")[0]
