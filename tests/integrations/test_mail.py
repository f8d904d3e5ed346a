"""Mail over a real socket: what a server refuses first, then what arrives."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import pytest

from integrations import fence
from integrations.contract import Permanent, Transient, Trouble, Unsure
from integrations.mail import MailClient
from integrations.mail import client as mail_client
from integrations.mail.twin import MailTwin
from tests.integrations.tls import certificate as new_certificate

TO = ("support@kanade.example", "lead@kanade.example")
FROM = "山びこ <yamabiko@kanade.example>"
USER, PASSWORD = "yamabiko@kanade.example", "pa:ss/w@rd?"
SIGNED_IN = "yamabiko%40kanade.example:pa:ss%2Fw%40rd%3F@"


@pytest.fixture
def twin() -> Iterator[MailTwin]:
    """A mail server."""
    twin = MailTwin()
    yield twin
    twin.stop()


def client(twin: MailTwin, deadline: float = 5.0, **others: ssl.SSLContext) -> MailClient:
    """A client of it."""
    return MailClient(twin.url, FROM, deadline=deadline, **others)


def send(mail: MailClient) -> str:
    """The usual mail."""
    return mail.send(TO, "結論", "本文 秘密", "YMB-A")


# -- what cannot be used --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://mail.example",
        "smtp://",
        "mail.example:25",
        "smtp://a:hush/b@mail.example",
        "smtp://a:hush#@x.example",
    ],
)
def test_an_address_of_no_mail_server_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://") as refused:
        MailClient(url, "a@b.example")
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        *("", "山びこ", "a@", "@b.example", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"),
        *("山@b.example", "a@山.example", "a b@c.example", "<a@b.example> c", "a@b.example\0", "a@b@c.example"),
    ],
)
def test_what_is_no_address_of_one_mailbox_is_refused(twin: MailTwin, address: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        MailClient("smtp://127.0.0.1:25", address)
    with pytest.raises(Permanent, match="not an email address"):
        client(twin).send([TO[0], address], "結論", "本文", "YMB-A")
    assert twin.mails == []


def test_a_mail_for_nobody_is_refused(twin: MailTwin) -> None:
    with pytest.raises(Permanent, match="no recipient"):
        client(twin).send([], "結論", "本文", "YMB-A")


# -- what goes wrong ------------------------------------------------------------------------------

ANSWERS = {
    "421": (Transient, "421"),
    "451": (Transient, "to DATA"),
    "554": (Permanent, "to DATA"),
    "refuse": (Permanent, r"550 5\.1\.1 to RCPT TO, number 1 of 2"),
    "greylist": (Transient, r"450 4\.7\.1 to RCPT TO, number 1 of 2"),
    "lost": (Unsure, "did not answer"),
    "cut": (Unsure, "did not answer"),
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_what_a_server_answers_says_whether_to_try_again(twin: MailTwin, fault: str) -> None:
    trouble, sentence = ANSWERS[fault]
    twin.faults.append(fault)
    with pytest.raises(trouble, match=sentence) as said:
        send(client(twin))
    assert "秘密" not in str(said.value)
    assert send(client(twin))
    assert len({mail.message_id for mail in twin.mails}) == 1  # where it came twice, it is the same mail


def test_where_one_address_is_refused_nobody_gets_a_mail_that_would_be_repeated_for_the_others(twin: MailTwin) -> None:
    twin.strangers.add(TO[1])
    with pytest.raises(Permanent, match="number 2 of 2"):
        send(client(twin))
    assert twin.mails == []
    twin.strangers.clear()
    assert send(client(twin)) and [mail.to for mail in twin.mails] == [TO]


@pytest.mark.parametrize("fault", ["silent", "drip"])
def test_a_server_that_never_answers_leaves_it_unsure(
    twin: MailTwin, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(mail_client, "PATIENCE", 0.3)
    twin.faults.append(fault)
    with pytest.raises(Unsure):
        send(client(twin, deadline=0.3))


def test_what_another_process_has_gone_on_with_is_not_handed_over(twin: MailTwin) -> None:
    long_ago = fence.moment() - 60
    with fence.around(lambda: False, since=long_ago), pytest.raises(Transient, match=fence.LOST):
        send(client(twin))
    assert not twin.mails
    with fence.around(lambda: True, since=long_ago):
        send(client(twin))
    assert len(twin.mails) == 1


def test_a_server_that_is_not_there_took_nothing(twin: MailTwin) -> None:
    gone = client(twin)
    twin.stop()
    with pytest.raises(Transient, match="cannot be reached"):
        send(gone)


# -- what others could read -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine and its key, in one file, signed by nobody else."""
    return new_certificate(tmp_path_factory.mktemp("tls") / "twin.pem")


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    """Trusts that certificate."""
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture(params=[False, True], ids=["STARTTLS", "TLS"])
def guarded(certificate: Path, request: pytest.FixtureRequest) -> Iterator[MailTwin]:
    """A mail server with a certificate that asks for a password."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    twin = MailTwin(tls=tls, implicit=request.param, account=(USER, PASSWORD))
    yield twin
    twin.stop()


def signed_in(twin: MailTwin, trust: ssl.SSLContext | None = None, account: str = SIGNED_IN) -> MailClient:
    """A client with a user and a password."""
    return MailClient(twin.url.replace("//", f"//{account}"), FROM, deadline=5.0, trust=trust)


@pytest.mark.fault("F36")
def test_nothing_leaves_the_machine_without_encryption(twin: MailTwin) -> None:
    mail = client(twin)
    mail._host = "0.0.0.0"  # the twin, by an address that could be another machine's
    with pytest.raises(Permanent, match="no encryption"):
        send(mail)
    assert twin.mails == []


def test_nothing_is_said_to_a_server_whose_certificate_nobody_vouches_for(guarded: MailTwin) -> None:
    with pytest.raises(Permanent, match="certificate is not trusted"):
        send(signed_in(guarded))
    assert guarded.mails == []


def test_a_password_goes_through_an_encrypted_connection(guarded: MailTwin, trust: ssl.SSLContext) -> None:
    mail = signed_in(guarded, trust)
    assert mail.check() == "127.0.0.1"
    assert send(mail) == guarded.mails[0].message_id


@pytest.mark.parametrize("account", ["yamabiko:hush@", "yamabiko@", ""])
def test_a_wrong_password_is_told_and_never_shown(guarded: MailTwin, trust: ssl.SSLContext, account: str) -> None:
    mail = signed_in(guarded, trust, account)
    with pytest.raises(Permanent, match=r"53[05] 5\.7\.[08] to (us|MAIL FROM)") as said:
        send(mail)
    assert "hush" not in str(said.value) + repr(mail)


def test_a_server_that_knows_no_passwords_is_told_from_one_that_is_down(twin: MailTwin) -> None:
    with pytest.raises(Permanent, match="does not support the sign-in"):
        signed_in(twin).check()


def test_the_wrong_kind_of_tls_needs_a_person(twin: MailTwin) -> None:
    mail = MailClient(twin.url.replace("smtp:", "smtps:"), FROM, deadline=2.0)
    with pytest.raises(Trouble) as said:
        mail.check()
    assert isinstance(said.value, Permanent | Transient)


# -- what arrives ---------------------------------------------------------------------------------


def test_a_mail_arrives_in_japanese_once_for_each_marker(twin: MailTwin) -> None:
    subject, text = (
        "【検討会】採用: 「CSVに部署コード」\r\nBcc: evil@example.org",
        "理由: 来月の版に入れます。\n.\n- FB-1",
    )
    ids = [client(twin).send(TO, subject, text, "YMB-7KQ2") for _ in range(2)]
    first, second = twin.mails
    assert first.subject == "【検討会】採用: 「CSVに部署コード」 Bcc: evil@example.org"
    assert first.text.splitlines() == text.splitlines()
    assert first.to == TO and "evil" not in str(first.to) and "Bcc" not in first.headers
    assert ids[0] == ids[1] == first.message_id == second.message_id == "<ymb-7kq2@kanade.example>"
    assert first.headers["Auto-Submitted"] == "auto-generated" and "山びこ" in first.headers["From"]
    assert first.headers["To"] == ", ".join(TO) and first.headers["Date"]


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        ("結論" * 100, "結論" * 100),
        ("🗻" * 60, "🗻" * 60),
        ("a\0b\ud800c\u2028d", "a b c d"),
        ("=?utf-8?b?aGk=?=", None),
        ("", ""),
    ],
)
def test_any_subject_stays_in_its_header(twin: MailTwin, subject: str, read: str | None) -> None:
    client(twin).send(TO, subject, "本文\ud800\0\r\n.\r\nQUIT\r\n", "YMB-A")
    [mail] = twin.mails
    assert read is None or mail.subject == read
    assert mail.text.splitlines() == ["本文?\0", ".", "QUIT"]
    assert set(mail.headers) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }


def test_a_mail_passes_servers_that_take_seven_bits_and_short_lines(twin: MailTwin) -> None:
    client(twin).send(TO, "結論" * 50, "とても長い行" * 300 + "\n短い行", "YMB-A")
    [mail] = twin.mails
    assert mail.raw.isascii() and max(map(len, mail.raw.splitlines())) <= 78
    assert default.linesep == "\n" and b"\n" not in mail.raw.replace(b"\r\n", b"")
