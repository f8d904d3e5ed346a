"""The past is brought silently, goes on where it was, stays within its share, and is not brought twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from integrations.contract import Permanent, Transient, Unwelcome
from integrations.twin import Fault
from tests.world import World
from workflows.customer import erasures
from workflows.engine.rows import keep
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.enquiry import past
from workflows.enquiry.past import Far
from workflows.enquiry.past_keeping import place_of
from workflows.enquiry.past_reading import Brought, Reader
from workflows.overview import enquiry_lists
from workflows.overview.enquiry_lists import Wanted
from workflows.rules.retention import Retention
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.enquiry import Enquiry, Step, Wait
from workflows.tables.erasure import Erasure
from workflows.tables.runs import Action, Delivery, Run
from workflows.tables.wish import Feedback

#: 2025-01-06 09:00 in Tokyo, and an hour.
MONDAY, HOUR = 1_736_121_600, 3600
KANADE = "k900"


@pytest.fixture
def long_ago(world: World) -> World:
    """Twelve conversations of another time, an hour apart, of three people of one company; nobody told us of any."""
    world.intercom.add_company(KANADE, "株式会社カナデ", "Enterprise", 900_000)
    for number in range(3):
        world.intercom.add_contact(f"p{number}", f"山本 {number}", f"p{number}@kanade.example", KANADE)
    for number in range(12):
        began(world, number, MONDAY + number * HOUR)
    world.held()
    return world


def began(world: World, number: int, at: int) -> str:
    """A conversation of then: the customer asks, an agent answers and closes."""
    id = str(500 + number)
    world.intercom.add_conversation(id, f"p{number % 3}", f"<p>{number}番目の質問です。</p>", at=at)
    world.intercom.agent_says(id, "7001", "<p>お答えします。</p>", at=at + 60)
    world.intercom.close(id, "7001", at=at + 120)
    return id


def bring(world: World, since: int = MONDAY, tell: Callable[[Far], None] = lambda far: None) -> Far:
    """Bring what began before this service did: the company's own chats of today are left alone."""
    return past.bring(intercom_client().within(50), since, tell)


def rows(model: type[SQLModel]) -> list[Any]:
    """All of a table, in order."""
    found = store.read(lambda session: session.exec(select(model)).all())
    return sorted((row.model_dump() for row in found), key=str)


def there(*models: type[SQLModel]) -> dict[str, list[Any]]:
    """All of these tables."""
    return {model.__name__: rows(model) for model in models}


def of_then(model: type[SQLModel], key: str = "conversation_id") -> list[Any]:
    """The rows of the conversations of then."""
    theirs = {str(500 + number) for number in range(20)}
    return sorted((row for row in rows(model) if row[key] in theirs), key=lambda row: str(row[key]))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two conversations."""
    monkeypatch.setattr(past, "SIZE", 2)


# -- refusals -------------------------------------------------------------------------------------


def test_a_token_that_is_not_accepted_ends_the_import(long_ago: World) -> None:
    long_ago.intercom.fail("POST /conversations/search", Fault("401"))
    with pytest.raises(Unwelcome):
        bring(long_ago)
    assert not of_then(Enquiry)


@pytest.mark.fault("F87")
def test_an_intercom_that_is_away_for_long_ends_the_import(long_ago: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "PAUSES", (0,))
    long_ago.intercom.fail("GET /conversations/{id}", *[Fault("503")] * 1000)
    with pytest.raises(Transient):
        bring(long_ago)
    long_ago.intercom.mend()
    bring(long_ago)
    assert len(of_then(Enquiry)) == 12


def test_pages_of_one_second_that_never_end_are_not_read_for_ever(
    long_ago: World, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    monkeypatch.setattr(past, "MOST_PAGES", 1)
    for number in range(12, 18):
        began(long_ago, number, MONDAY)
    with pytest.raises(Permanent, match="same second"):
        bring(long_ago)


@pytest.mark.fault("F87")
def test_what_was_erased_stays_erased_and_is_not_even_asked_for(long_ago: World) -> None:
    store.write(lambda session: erasures.begin(session, erasures.CHAT, ["500"], "7001"))
    bring(long_ago)
    for model in (Message, Enquiry, Step):
        assert "500" not in {row["conversation_id"] for row in rows(model)}
        assert "501" in {row["conversation_id"] for row in rows(model)}


def test_of_a_person_who_was_erased_nothing_of_that_time_is_kept(long_ago: World) -> None:
    asked = Erasure(kind=erasures.PERSON, id="p0", asked_by="7001", asked_at=(MONDAY + 7 * HOUR) * 1000)
    store.write(lambda session: session.add(asked))
    bring(long_ago)
    for model in (Message, Enquiry):
        assert {"500", "503", "506"}.isdisjoint(row["conversation_id"] for row in rows(model))
    assert {row["conversation_id"] for row in of_then(Enquiry)} >= {"501", "509"}  # p0 came back after that


def test_what_would_be_forgotten_at_once_is_not_brought(long_ago: World) -> None:
    with long_ago.rules(retention=Retention(messages=30)):
        assert past.kept_since(MONDAY) == pytest.approx(now_ms() // 1000 - 30 * 86_400, abs=5)
    assert past.kept_since(MONDAY) == MONDAY


# -- what is brought ------------------------------------------------------------------------------


def test_everything_that_was_said_and_done_is_here(long_ago: World) -> None:
    far = bring(long_ago)
    assert far.done == far.of >= 12
    [first, *_] = of_then(Conversation, "id")
    assert (first["id"], first["state"], first["contact_id"], first["company_id"]) == ("500", "closed", "p0", KANADE)
    said = [(row["id"].partition("/")[0], row["author"], row["text"]) for row in of_then(Message)]
    assert ("500", "customer", "0番目の質問です。") in said and ("511", "agent", "お答えします。") in said
    assert len(said) == 24
    assert {(row["kind"], row["who_id"], row["ours"]) for row in of_then(Step)} == {("closed", "7001", False)}
    assert {row["id"]: row["company_id"] for row in rows(Contact) if row["id"].startswith("p")} == dict.fromkeys(
        ("p0", "p1", "p2"), KANADE
    )
    assert [(row["name"], row["tier"]) for row in rows(Company) if row["id"] == KANADE] == [
        ("株式会社カナデ", "Enterprise")
    ]


def test_an_enquiry_of_the_past_is_in_the_state_of_its_conversation(long_ago: World) -> None:
    long_ago.intercom.customer_says("501", "まだ困っています。", at=MONDAY + 5 * HOUR)
    long_ago.intercom.reopen("502", "7001")
    long_ago.intercom.snooze_by_hand("503", "7001", now_ms() // 1000 + 1000)
    long_ago.intercom.assign_by_hand("502", "7001", "7001")
    bring(long_ago)
    states = {row["conversation_id"]: row for row in of_then(Enquiry)}
    shown = {id: states[id]["state"] for id in ("500", "501", "502", "503")}
    assert shown == {"500": "solved", "501": "waiting", "502": "customer", "503": "customer"}
    assert states["500"]["solved_at"] == (MONDAY + 120) * 1000 and states["501"]["solved_at"] is None
    assert states["501"]["said_at"] == (MONDAY + 5 * HOUR) * 1000
    assert states["502"]["assignee"] == "7001" and states["502"]["assignee_name"]
    assert states["501"]["waiting_since"] == (MONDAY + 5 * HOUR) * 1000
    waiting = [id for id, row in states.items() if row["waiting_since"] is not None]
    assert waiting == ["501"] and all(row["is_past"] and row["answer_by"] is None for row in states.values())


def test_what_is_open_since_then_stands_on_the_board_as_it_would_live(long_ago: World) -> None:
    """The board of what was imported, and of the same conversations once a change is heard of."""
    long_ago.intercom.customer_says("501", "まだ困っています。", at=MONDAY + 5 * HOUR)
    long_ago.intercom.customer_says("503", "まだ困っています。", at=MONDAY + 6 * HOUR)
    long_ago.intercom.customer_says("503", "急いでいます。", at=MONDAY + 7 * HOUR)
    long_ago.intercom.assign_by_hand("503", "7001", "7001")
    long_ago.intercom.customer_says("504", "解決しました。", at=MONDAY + 6 * HOUR)
    long_ago.intercom.close("504", "7001", at=MONDAY + 7 * HOUR)
    long_ago.held()
    bring(long_ago)
    imported = {row["conversation_id"]: row for row in of_then(Enquiry)}
    listed = store.read(lambda session: enquiry_lists.found(session, Wanted(state="waiting"), now_ms())).rows
    assert [(row.id, row.clock is not None and row.clock.target) for row in listed if row.id == "501"] == [("501", 0)]
    for id in ("501", "503", "504"):
        long_ago.intercom.agent_notes(id, "7001", "念のため確認しました。")
    long_ago.settle()
    told = ("state", "assignee", "waiting_since", "said_at", "heard_at", "is_past")
    live = {row["conversation_id"]: row for row in of_then(Enquiry)}
    for id in ("501", "503", "504"):
        assert {name: imported[id][name] for name in told} == {name: live[id][name] for name in told}, id
    assert [imported[id]["state"] for id in ("501", "503", "504")] == ["waiting", "answering", "solved"]
    assert imported["503"]["waiting_since"] == (MONDAY + 6 * HOUR) * 1000
    assert {row["warn_at"] for row in of_then(Wait)} == {None}


def test_once_its_customer_writes_again_it_is_an_enquiry_like_any_other(long_ago: World) -> None:
    bring(long_ago)
    long_ago.intercom.agent_notes("500", "7001", "念のため確認しました。")
    long_ago.settle()
    assert store.read(lambda session: session.get_one(Enquiry, "500")).is_past
    long_ago.intercom.customer_says("500", "また出ました。")
    long_ago.settle()
    row = store.read(lambda session: session.get_one(Enquiry, "500"))
    assert not row.is_past and row.waiting_since is not None and row.answer_by is not None


@pytest.mark.fault("F87")
def test_nobody_hears_of_it(long_ago: World) -> None:
    long_ago.intercom.tag("500", "", "要望", "7001", at=MONDAY + 200)
    long_ago.intercom.customer_says("501", "至急です。解約します。", at=MONDAY + 5 * HOUR)
    for twin in long_ago.stage.twins.values():
        twin.held = []
    before = there(Action, Run, Delivery, Feedback, Wait)
    calls = {name: len(twin.calls) for name, twin in long_ago.stage.twins.items() if name != "intercom"}
    effects = len(long_ago.intercom.effects)
    bring(long_ago)
    long_ago.settle()
    assert there(Action, Run, Delivery, Feedback, Wait) == before
    assert {name: len(twin.calls) for name, twin in long_ago.stage.twins.items() if name != "intercom"} == calls
    assert len(long_ago.intercom.effects) == effects and long_ago.held() == []


def test_people_and_companies_are_asked_for_once(long_ago: World, small: None) -> None:
    before = len(long_ago.intercom.calls)
    bring(long_ago, MONDAY)
    asked = Counter(pattern for pattern, _ in long_ago.intercom.calls[before:])
    in_chats = {talk.contact.id for talk in long_ago.intercom.books.conversations.values()}
    assert asked["GET /conversations/{id}"] == len(long_ago.intercom.books.conversations)
    assert asked["GET /contacts/{id}"] == len(in_chats)
    bare = {
        talk.company_id
        for talk in long_ago.intercom.books.conversations.values()
        if not long_ago.intercom.books.companies[talk.company_id].attributes
    }
    assert asked["GET /companies/{id}"] == len(bare)


def test_whoever_was_merged_or_is_gone_is_asked_for_once(long_ago: World, small: None) -> None:
    books = long_ago.intercom.books
    books.contacts["p0"].merged_into = "p1"
    del books.contacts["p2"]
    before = len(long_ago.intercom.calls)
    bring(long_ago)
    asked = Counter(pattern for pattern, _ in long_ago.intercom.calls[before:])
    whose = {row["id"]: row["contact_id"] for row in of_then(Conversation, "id")}
    assert (whose["500"], whose["501"], whose["502"]) == ("p1", "p1", None)
    others = {talk.contact.id for talk in books.conversations.values()} - {"p0", "p1", "p2"}
    assert asked["GET /contacts/{id}"] <= len(others) + 4  # p0 leads to p1, p1 may be met beside it, p2 is gone


def test_conversations_with_more_parts_than_intercom_tells_are_counted(long_ago: World) -> None:
    for number in range(501):
        long_ago.intercom.agent_notes("505", "7001", f"<p>{number}</p>", at=MONDAY + 6 * HOUR)
    assert bring(long_ago).longer == 1


# -- again ----------------------------------------------------------------------------------------


KEPT = (Conversation, Contact, Company, Message, Enquiry, Step)


def test_twice_is_once(long_ago: World) -> None:
    bring(long_ago)
    before, calls = there(*KEPT), len(long_ago.intercom.calls)
    bring(long_ago)
    assert there(*KEPT) == before
    assert "GET /conversations/{id}" not in {pattern for pattern, _ in long_ago.intercom.calls[calls:]}
    assert past.bring(intercom_client(), MONDAY - 1).done >= 12  # another day: all of it, and it changes nothing
    assert there(*KEPT) == before


class Killed(BaseException):
    """The process is no more."""


@pytest.mark.fault("F87")
@pytest.mark.parametrize("place", ["past.read", "past.kept"])
def test_killed_in_the_middle_of_a_page_it_goes_on(
    long_ago: World, monkeypatch: pytest.MonkeyPatch, small: None, place: str
) -> None:
    bring(long_ago, MONDAY - 1)
    whole = there(*KEPT)
    store.write(lambda session: _forget(session))
    hits: list[str] = []

    def die(name: str) -> None:
        hits.append(name)
        if hits.count(place) == 4:
            raise Killed

    monkeypatch.setattr(past, "hit", die)
    with pytest.raises(Killed):
        bring(long_ago)
    monkeypatch.setattr(past, "hit", lambda name: None)
    here, calls = len(of_then(Enquiry)), len(long_ago.intercom.calls)
    far = bring(long_ago)
    asked = Counter(pattern for pattern, _ in long_ago.intercom.calls[calls:])
    assert 0 < here < 12 and far.done == far.of == len(rows(Enquiry))
    assert asked["GET /conversations/{id}"] == len(rows(Enquiry)) - here
    assert there(*KEPT) == whole


def test_whoever_ends_it_does_not_wait_until_intercom_is_well(
    long_ago: World, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    monkeypatch.setattr(past, "PAUSES", (86_400,))
    read, pages = Reader.all_of, [0]

    def read_once(reader: Reader, chats: list[str]) -> list[Brought]:
        pages[0] += bool(chats)
        if pages[0] > 1:
            raise Transient("Intercom answered 503")
        return read(reader, chats)

    def end(far: Far) -> None:
        if far.done:
            raise KeyboardInterrupt

    monkeypatch.setattr(Reader, "all_of", read_once)
    with pytest.raises(KeyboardInterrupt):
        bring(long_ago, tell=end)
    assert 0 < len(of_then(Enquiry)) <= 2


def _forget(session: Session) -> None:
    """Everything that was brought; the place of that import stays."""
    for model in KEPT:
        for row in session.exec(select(model)):
            session.delete(row)


def test_what_is_known_from_live_stays_as_it_is(long_ago: World) -> None:
    store.write(
        lambda session: keep(
            session,
            Conversation,
            {
                "id": "500",
                "url": "u",
                "state": "open",
                "opening": "x",
                "contact_id": None,
                "company_id": None,
                "created_at": 1,
            },
        )
    )
    store.write(lambda session: session.add(Enquiry(conversation_id="500", state="answering", said_at=now_ms())))
    bring(long_ago)
    [chat, *_] = of_then(Conversation, "id")
    [enquiry, *_] = of_then(Enquiry)
    assert (chat["state"], chat["opening"]) == ("open", "x")
    assert (enquiry["state"], enquiry["is_past"]) == ("answering", False)


def test_what_is_brought_again_is_as_it_stands_now(long_ago: World) -> None:
    bring(long_ago)
    long_ago.intercom.customer_says("500", "やはりだめでした。", at=MONDAY + 30 * HOUR)
    past.bring(intercom_client(), MONDAY - 1)
    [enquiry, *_] = of_then(Enquiry)
    assert (enquiry["state"], enquiry["solved_at"], enquiry["said_at"]) == (
        "waiting",
        None,
        (MONDAY + 30 * HOUR) * 1000,
    )


# -- pages, progress, the limit -------------------------------------------------------------------


def test_every_conversation_is_on_one_page_however_they_lie(long_ago: World, small: None) -> None:
    for number in range(12, 17):
        began(long_ago, number, MONDAY + HOUR)  # five more in the same second as another one
    began(long_ago, 17, MONDAY + 300 * HOUR)
    client = intercom_client()
    found = list(past.pages(client, MONDAY, MONDAY + 1000 * HOUR, 18))
    ids = [id for chats, _ in found for id in chats]
    assert sorted(ids) == [str(500 + number) for number in range(18)]
    assert all(len(chats) <= 2 for chats, _ in found)
    assert [at for _, at in found] == sorted(at for _, at in found)


def test_after_every_page_it_tells_how_far_it_is(long_ago: World, small: None) -> None:
    told: list[Far] = []
    far = bring(long_ago, tell=told.append)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1] == far and far.done == far.of and far.seconds_left == 0
    assert all(each.seconds_left > 0 for each in told if 0 < each.done < each.of)
    assert store.read(lambda session: place_of(session, MONDAY)).done == far.done


def test_the_import_calls_no_more_than_its_share(world: World) -> None:
    """By the clock that the clients live by; that no window holds more is tested in tests/integrations/test_pace.py."""
    for number in range(200):
        world.intercom.add_conversation(str(5000 + number), "c101", "<p>質問です。</p>", at=MONDAY + number)
    before, began_at = len(world.intercom.calls), world.clock.time()
    past.bring(intercom_client().within(2), MONDAY)
    calls, share = len(world.intercom.calls) - before, 1666 * 2 // 100
    assert calls > 200 and world.intercom.limit_hits == 0
    assert world.clock.time() - began_at >= (calls // share - 1) * 10
    assert {status for _, status in world.intercom.calls[before:]} == {200}


def test_how_many_there_are_and_how_long_they_take_at_least(long_ago: World) -> None:
    n = past.waiting(intercom_client(), MONDAY)
    assert n == len(long_ago.intercom.books.conversations)
    assert past.least_seconds(100_000, 100) == pytest.approx(100_000 * 1.04 / 1666 * 10)
    assert past.least_seconds(100_000, 50) == 2 * past.least_seconds(100_000, 100)
    assert not of_then(Enquiry)
