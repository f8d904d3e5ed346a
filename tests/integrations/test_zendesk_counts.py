"""Whatever happens at Zendesk and whenever it is asked: what is counted is what came, as far as it says it is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations import http
from integrations.contract import Transient
from integrations.twin import Fault
from integrations.zendesk import Scope, Ticket
from integrations.zendesk.client import MARGIN
from integrations.zendesk.twin import Clock
from tests.integrations.test_zendesk_client import EXPORT
from tests.integrations.zendesk_account import Account

QUARTER = 900


@dataclass
class Counter:
    """A reader as the stories will be: it keeps tickets by their ids, a cursor, and up to when all is known."""

    account: Account
    scope: Scope = "all"
    most: int = 3
    cursor: str = ""
    known_until: int = 0
    tickets: dict[str, Ticket] = field(default_factory=dict)

    def read(self) -> None:
        """One page, and what has to be kept of it, in one go."""
        start = self.known_until - 3600 if self.known_until else self.account.begin - 3600
        page = self.account.client.tickets_since(self.cursor, start_time=start, scope=self.scope, most=self.most)
        if page is None:
            self.cursor = ""
            return
        self.tickets |= {ticket.id: ticket for ticket in page.tickets}
        self.cursor = page.cursor
        self.known_until = max(self.known_until, page.known_until)

    def read_all(self) -> None:
        """Pages until there is none."""
        for _ in range(200):
            self.read()
            if self.known_until >= int(self.account.clock.now()) - MARGIN:
                return
        raise AssertionError("the export does not end")

    def counted(self) -> list[int]:
        """When the enquiries were created that are known to be complete."""
        tickets = [ticket for ticket in self.tickets.values() if ticket.is_by_customer]
        return sorted(ticket.created_at for ticket in tickets if ticket.created_at < self.known_until)


def truth(account: Account, until: int) -> list[int]:
    """When the enquiries were created that came before then, and were not deleted before the newest minute."""
    deleted = {str(id) for id, row in account.twin.tickets.items() if row.status == "deleted"}
    rows = [row for row in account.twin.tickets.values() if row.submitter_id == row.requester_id]
    return sorted(row.created_at for row in rows if row.created_at < until and str(row.id) not in deleted)


ACTS = st.one_of(
    st.tuples(st.sampled_from(["write", "chat_with_bot", "agent_writes"]), st.just(0)),
    st.tuples(st.sampled_from(["solve", "touch", "escalate", "delete"]), st.integers(0, 30)),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 59, 61, 300, 1800])),
    st.tuples(st.sampled_from(["read", "read", "break", "forget"]), st.just(0)),
)


@pytest.fixture(scope="module")
def quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "_pause", lambda state: 0.0)
        yield


@pytest.fixture(scope="module")
def shared(quickly: None) -> Iterator[Account]:
    account = Account()
    yield account
    account.close()


def fresh(account: Account) -> Account:
    """The same server and client at an account where nothing has happened yet."""
    account.clock = Clock(account.begin)
    twin = account.twin
    twin.clock = account.clock
    for kept in (twin.tickets, twin.log, twin.tokens, twin._cursors):
        kept.clear()  # type: ignore[attr-defined]
    twin.mend()
    return account


def act(account: Account, reader: Counter, what: str, how: int) -> None:
    """One thing that happens, there or here."""
    twin, ids = account.twin, list(account.twin.tickets)
    match what:
        case "write" | "chat_with_bot" | "agent_writes":
            getattr(twin, what)("件名")
        case "wait":
            account.pass_by(how)
        case "read":
            with suppress(Transient):  # what is known stays as it was
                reader.read()
        case "break":
            twin.fail(EXPORT, Fault("500"), Fault("truncated"))
        case "forget":
            twin.forget_cursors()
        case "touch" if ids:
            twin.update_by_itself(ids[how % len(ids)])
        case _ if ids:
            getattr(twin, what)(ids[how % len(ids)])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=40), most=st.sampled_from([1, 2, 1000]))
def test_counts_are_true_after_any_history_and_any_order_of_asking(
    shared: Account, acts: list[tuple[str, int]], most: int
) -> None:
    account = fresh(shared)
    reader = Counter(account, most=most)
    for what, how in acts:
        act(account, reader, what, how)
        known = [ticket for ticket in reader.tickets.values() if ticket.created_at < reader.known_until]
        came = [row for row in account.twin.tickets.values() if row.created_at < reader.known_until]
        assert len(known) == len(came), "what is said to be known is"
    account.twin.mend()
    account.pass_by(MARGIN + 1)
    reader.read_all()
    assert reader.counted() == truth(account, reader.known_until)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=30))
def test_two_readers_of_the_halves_know_what_one_of_all_knows(shared: Account, acts: list[tuple[str, int]]) -> None:
    account = fresh(shared)
    halves: tuple[Scope, Scope] = ("agent", "ai_agent")
    readers = [Counter(account, scope) for scope in ("all", *halves)]
    for what, how in acts:
        act(account, readers[0], what, how)
    account.twin.mend()
    account.pass_by(MARGIN + 1)
    for reader in readers:
        reader.read_all()
    whole, people, bots = (set(reader.tickets) for reader in readers)
    assert whole == people | bots


def test_a_bulk_edit_of_old_tickets_is_no_wave(shared: Account) -> None:
    account = fresh(shared)
    old = [account.twin.write(f"{number}") for number in range(40)]
    account.pass_by(7 * QUARTER)
    reader = Counter(account, most=1000)
    reader.read_all()
    for id in old:
        account.twin.update_by_itself(id)
        account.twin.solve(id)
    account.pass_by(300)
    reader.read_all()
    assert len(reader.tickets) == 40
    assert {ticket.created_at // QUARTER for ticket in reader.tickets.values()} == {account.begin // QUARTER}
