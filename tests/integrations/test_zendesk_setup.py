"""What Zendesk's variables may hold, and what is said of an account when somebody has it checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from integrations.contract import Unwelcome
from integrations.vendor import Wanted
from integrations.zendesk import setup, ticket_url
from integrations.zendesk.events import PUBLIC_SECRET
from tests.integrations.zendesk_account import CLIENT, HOOK, SECRET, Account

ADDRESS = Wanted(address="https://yamabiko.example/webhooks/zendesk")


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    yield account
    account.close()


def settings(**others: Any) -> setup.Settings:
    told = {"zendesk_subdomain": "kanade", "zendesk_client_id": CLIENT, "zendesk_client_secret": SecretStr(SECRET)}
    return setup.Settings(**(told | {"zendesk_webhook_secret": SecretStr(HOOK)} | others))


def said(account: Account, **others: Any) -> list[tuple[bool | None, str]]:
    found = setup.check(account.client, settings(**others), ADDRESS)
    return [(finding.ok, str(finding)) for finding in found]


@pytest.mark.parametrize("text", ["kanade.zendesk.com", "https://kanade.zendesk.com", "Kanade", "a b", "-a", "a/../b"])
def test_a_subdomain_is_no_address(text: str) -> None:
    with pytest.raises(ValidationError, match=r"before \.zendesk\.com"):
        settings(zendesk_subdomain=text)


@pytest.mark.parametrize("secret", [PUBLIC_SECRET, f"{HOOK}, {PUBLIC_SECRET}"])
def test_the_secret_that_everybody_knows_cannot_be_set(secret: str) -> None:
    with pytest.raises(ValidationError, match="shows everybody"):
        settings(zendesk_webhook_secret=SecretStr(secret))


def test_the_client_asks_the_account_unless_another_address_is_set() -> None:
    addresses = []
    for base_url in ("", "https://stand-in.example"):
        client = setup.connect(settings(zendesk_base_url=base_url))
        addresses.append(str(client._api._http._wire._client.base_url).rstrip("/"))
        client.close()
    assert addresses == ["https://kanade.zendesk.com", "https://stand-in.example"]
    assert ticket_url("kanade", "7") == "https://kanade.zendesk.com/agent/tickets/7"


def test_nothing_is_subscribed_because_nothing_is_written(account: Account) -> None:
    assert setup.subscribe(account.client, settings(), ADDRESS.address) == ""
    assert setup.to_copy("https://x.example")["Topics"].splitlines()[0] == "zen:event-type:ticket.created"
    assert account.twin.calls == []


def test_an_account_in_order(account: Account) -> None:
    account.clock.move(86_400 - 300)
    account.twin.write("ログインできません")
    account.clock.move(300)
    assert said(account) == [(True, "We sign in as 山びこ, an admin."), (True, "Tickets can be exported.")]


def test_an_account_where_nothing_happens_may_be_the_wrong_one(account: Account) -> None:
    account.clock.move(86_400)
    assert said(account)[-1] == (None, "No ticket has changed for a day. Is this the right account?")


def test_without_the_webhooks_secret_the_count_comes_later(account: Account) -> None:
    account.clock.move(86_400)
    told = said(account, zendesk_webhook_secret=None)
    assert told[-1] == (None, "Without ZENDESK_WEBHOOK_SECRET, tickets are counted some minutes after they come.")


def test_who_is_no_admin_is_told_so_and_nothing_is_exported(account: Account) -> None:
    account.twin.role = "agent"
    [(ok, sentence)] = said(account)
    assert ok is False and "山びこ, whose role is agent" in sentence


def test_a_stranger_is_told_so(account: Account) -> None:
    account.say("GET /api/v2/users/me", {"user": {"id": None, "name": "Anonymous user", "role": "end-user"}})
    [(ok, sentence)] = said(account)
    assert ok is False and "takes us for a stranger" in sentence


def test_a_client_that_is_refused_is_trouble(account: Account) -> None:
    with pytest.raises(Unwelcome):
        list(setup.check(account.client_with("another"), settings(), ADDRESS))
