"""A company whose network opens TLS has an authority of its own: named once, it is trusted wherever we call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integrations import network
from integrations.contract import Transient
from integrations.http import Http, Wire
from integrations.jira import admin
from integrations.pace import Pace
from tests.integrations.tls import certificate, serving

#: Whoever calls out: vendors' clients, Slack and signing in with it, and the package for what an operator does at Jira.
CALLS: dict[str, Callable[[str], object]] = {
    "clients": lambda url: Http("Jira", url, {}, Pace(9, 1.0)).call("GET", "/all").json,
    "Slack": lambda url: Wire("Slack", url, {}).ask("POST", "/all", safe=True).content,
    "operators": lambda url: admin.find_webhook(url, "a@b.example", "token", "https://us.example"),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's authority, and a server's certificate at once."""
    return certificate(tmp_path_factory.mktemp("tls") / "company.pem")


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    """Whom we trust is read once in a process."""
    network.trust.cache_clear()
    yield
    network.trust.cache_clear()


@pytest.fixture
def vendor(authority: Path) -> Iterator[str]:
    """A vendor's address behind the company's proxy."""
    with serving(authority) as url:
        yield url


@pytest.mark.fault("F36")
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nobody_is_trusted_whom_nobody_vouches_for(call: Callable[[str], object], vendor: str) -> None:
    with pytest.raises(Transient, match="cannot be reached"):
        call(vendor)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_companys_own_authority_is_trusted(
    call: Callable[[str], object], vendor: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    assert call(vendor) in ([], b"[]", None)


def test_the_public_authorities_are_trusted_beside_it(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    assert len(network.trust().get_ca_certs()) > 50
