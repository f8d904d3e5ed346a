"""Client and twin against Zendesk's own description (trimmed), and our readers against its samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.contract import Unwelcome
from integrations.twin import Ask, Said
from integrations.untrusted import Node
from integrations.zendesk import Excluded, ZendeskClient, created_between, models
from integrations.zendesk.api import code_of
from integrations.zendesk.channels import _NUMBERS, NEVER, channel_of
from integrations.zendesk.moments import seconds_of
from integrations.zendesk.twin.data import VIA_TYPES
from tests.integrations.openapi import Spec
from tests.integrations.zendesk_account import Account

SHARED = Path(__file__).parents[2].parent / "shared"
SPEC, SAMPLES = SHARED / "specs" / "zendesk_support_trimmed.json", SHARED / "samples" / "zendesk"
needs_specs = pytest.mark.skipif(not SPEC.exists(), reason="needs ../shared/specs, which is not here")
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared/samples, which is not here")

#: Cursor pagination is described once for all lists, and not with each.
PAGING = ("page[size]", "page[after]")


class Tour:
    """Every verb of the client, used once or more, and everything that was said on the way."""

    def __init__(self) -> None:
        self.talks: list[tuple[Ask, Said]] = []
        self.verbs: set[str] = set()
        self.account = Account(rate=400, exports=100)
        self.account.twin.watchers.append(lambda ask, said: self.talks.append((ask, said)))

    def use(self, verb: str, *args: Any, **named: Any) -> Any:
        self.verbs.add(verb)
        return getattr(self.account.client, verb)(*args, **named)

    def run(self) -> None:
        twin, begin = self.account.twin, self.account.begin
        twin.add_organization(380000000101, "株式会社あおば製作所", "aoba.example", external_id="101")
        first = twin.write("締めが終わらない", "本文", organization=380000000101, tags=("締め",))
        second = twin.write("電話", channel="voice")
        twin.chat_with_bot("チャット")
        twin.agent_writes("ご案内")
        twin.tag(second, "電話")
        twin.merge(second, first)
        twin.delete(first)
        twin.scrub(first)
        self.account.pass_by(600)
        page = self.use("tickets_since", start_time=begin - 3600, most=2)
        while not page.at_end:
            page = self.use("tickets_since", page.cursor, most=2)
        assert self.use("tickets_since", page.cursor, scope="all").tickets == ()
        assert self.use("tickets_since", "not ours") is None
        assert self.use("sample", begin - 60)
        assert self.use("count", created_between(begin, begin + 900)) == 3
        assert self.use("url_of", "7") == "https://kanade.zendesk.com/agent/tickets/7"
        assert self.use("me").role == "admin"
        assert self.use("agents") and self.use("organizations", ["380000000101"])
        with pytest.raises(Unwelcome):
            self.account.client_with("another").me()


@pytest.fixture(scope="module")
def tour() -> Iterator[Tour]:
    tour = Tour()
    tour.run()
    yield tour
    tour.account.close()


def test_the_tour_leaves_no_verb_out(tour: Tour) -> None:
    assert tour.verbs == {name for name in dir(ZendeskClient) if not name.startswith("_")} - {"close"}


def test_the_tour_leaves_no_route_of_the_twin_out(tour: Tour) -> None:
    assert {pattern for pattern, _, _ in tour.account.twin._routes} == {route for route, _ in tour.account.twin.calls}


def test_nothing_but_the_sign_in_is_a_write(tour: Tour) -> None:
    assert {ask.path for ask, _ in tour.talks if ask.method != "GET"} == {"/oauth/tokens"}
    assert {ask.json()["scope"] for ask, _ in tour.talks if ask.method == "POST"} == {"read"}


@needs_specs
def test_every_request_is_one_that_zendesk_describes(tour: Tour) -> None:
    spec = Spec(SPEC)
    for ask, _ in tour.talks:
        query = dict((name, value) for name, value in ask.query if name not in PAGING)
        if "role[]" in query:  # "using the format `role[]={role}&role[]={role}`", says the description, not the schema
            assert {value for name, value in ask.query if name == "role[]"} == {"agent", "admin"}
            query["role"] = query.pop("role[]")
        spec.check_request(ask.method, ask.path, query, ask.body)


@needs_specs
def test_every_answer_of_the_twin_is_one_that_zendesk_describes(tour: Tour) -> None:
    spec, checked = Spec(SPEC), 0
    for ask, said in tour.talks:
        if said.status == 200:
            spec.check_response(ask.method, ask.path, said.status, json.dumps(described(said.body)).encode())
            checked += 1
    assert checked > 8


def described(value: Any) -> Any:
    """An answer without what the description leaves out, and Zendesk says: nulls, and that a ticket was deleted."""
    if isinstance(value, dict):
        return {name: described(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [described(each) for each in value]
    return "closed" if value == "deleted" else value


# -- the samples ----------------------------------------------------------------------------------


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"representative.{name}.json").read_text())


@needs_samples
def test_documented_pages_are_read() -> None:
    exchanges = sample("incremental_tickets_cursor")["exchanges"]
    found = {}
    for exchange in exchanges:
        tickets, unreadable = models.read_tickets(Node(exchange["response"]["body"], ""))
        assert not unreadable
        found |= {ticket.id: ticket for ticket in tickets}
    excluded = {id: ticket.excluded() for id, ticket in found.items()}
    assert excluded == {
        "1": Excluded.CHANNEL,
        "9001": None,
        "9002": None,
        "9003": None,
        "9004": Excluded.OUTBOUND,
        "9005": None,  # made by another system: the rules say whether it counts
        "8700": None,
        "8999": Excluded.DELETED,
    }
    assert found["9001"].tags == ("webapp", "ログイン") and found["9001"].organization_id == "380000000011"
    assert found["8700"].created_at < found["8700"].changed_at - 86_400
    assert all("認証に失敗" not in repr(vars(ticket)) for ticket in found.values())


@needs_samples
def test_documented_tickets_are_those_that_the_twin_makes(tour: Tour) -> None:
    documented = sample("incremental_tickets_cursor")["exchanges"][0]["response"]["body"]
    pages = [said.body for ask, said in tour.talks if ask.path.endswith("/cursor") and said.status == 200]
    assert {frozenset(ticket) for page in pages for ticket in page["tickets"]} == {frozenset(documented["tickets"][0])}
    assert {frozenset(page) for page in pages} == {frozenset(documented)}


@needs_samples
def test_documented_people_and_companies_are_read() -> None:
    bodies = {
        exchange["request"]["url"].partition("/api/v2/")[2].partition("?")[0]: exchange["response"]["body"]
        for exchange in sample("lists")["exchanges"]
    }
    assert models.read_me(Node(bodies["users/me.json"]["user"], "")).role == "admin"
    companies = map(models.read_organization, Node(bodies["organizations/show_many.json"], "")["organizations"].items())
    assert [(company.external_id, company.domains) for company in companies] == [
        ("acct-0011", ("example.co.jp",)),
        ("acct-0012", ("shoji.example.jp",)),
    ]


@needs_samples
def test_documented_errors_give_their_codes_and_no_other_words() -> None:
    codes = {code_of(each["body"]) for each in sample("errors")["cases"]}
    assert codes >= {"RecordNotFound", "InvalidEndpoint", "Forbidden", "StartTimeTooRecent", "InvalidCursor"}
    assert not [code for code in codes if " " in code]


@needs_samples
def test_documented_channels_have_one_name_each() -> None:
    for number, via, channel, _, counts in sample("via_channels")["rows"]:
        name = channel_of(via)
        assert number is None or number not in _NUMBERS or channel_of(str(number)) == name
        if channel and via not in ("closed_ticket", "phone_call_outbound"):
            assert channel_of(channel) == name, via
        assert (name in NEVER) == (counts == "no"), via
    assert all(channel_of(via) == channel for channel, via in VIA_TYPES.items())


@needs_samples
def test_documented_windows_are_what_we_ask_for() -> None:
    [first, *_] = sample("search_count")["exchanges"]
    start, end = (int(seconds_of(f"2026-11-20T05:{minute}:00Z") or 0) for minute in ("00", "15"))
    ours = created_between(start, end, without_tags=("monitoring",))
    assert ours.replace('"', "") == first["query_plain"]


@needs_samples
def test_the_documented_token_is_what_the_twin_gives(tour: Tour) -> None:
    [documented, *_] = sample("oauth_token")["exchanges"]
    talks = [(ask.json(), said.body) for ask, said in tour.talks if ask.path == "/oauth/tokens" and said.status == 200]
    assert {frozenset(asked) for asked, _ in talks} == {frozenset(documented["request"]["body"])}
    assert {frozenset(said) for _, said in talks} == {frozenset(documented["response"]["body"])}
