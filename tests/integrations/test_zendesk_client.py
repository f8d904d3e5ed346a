"""The Zendesk client against its twin, over a real socket: first when things go wrong, then when not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integrations import hands_off, http
from integrations.contract import Permanent, RateLimited, Transient, Trouble, Unwelcome
from integrations.twin import Fault
from integrations.zendesk import Excluded, Me, Organization, TicketPage, ZendeskClient, created_between
from integrations.zendesk.client import LONGEST_CURSOR, MARGIN
from integrations.zendesk.limits import CALLS, EXPORTS, MINUTE, AccountPace
from integrations.zendesk.signing_in import EARLY, LIFE
from integrations.zendesk.twin.account import AGENT
from tests.integrations.zendesk_account import SECRET, Account

EXPORT, TOKEN, COUNT = "GET /api/v2/incremental/tickets/cursor", "POST /oauth/tokens", "GET /api/v2/search/count"
ME, USERS = "GET /api/v2/users/me", "GET /api/v2/users"
#: Every verb, and the route that it calls.
VERBS: dict[str, tuple[str, Callable[[ZendeskClient], object]]] = {
    "tickets_since": (EXPORT, lambda client: client.tickets_since(start_time=1)),
    "count": (COUNT, lambda client: client.count("type:ticket")),
    "me": (ME, lambda client: client.me()),
    "sample": ("GET /api/v2/incremental/tickets/sample", lambda client: client.sample(1)),
    "agents": (USERS, lambda client: client.agents()),
    "organizations": ("GET /api/v2/organizations/show_many", lambda client: client.organizations(["1"])),
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    account = Account()
    yield account
    account.close()


def page_of(account: Account, cursor: str = "", **how: Any) -> TicketPage:
    page = account.client.tickets_since(cursor, start_time=account.begin - 3600, **how)
    assert page is not None
    return page


def ids(page: TicketPage) -> list[str]:
    return [ticket.id for ticket in page.tickets]


# -- who we are -----------------------------------------------------------------------------------


def test_a_client_that_is_not_accepted_says_which_variables_to_look_at(account: Account) -> None:
    with pytest.raises(Unwelcome, match="ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET") as refused:
        account.client_with("another secret").me()
    assert "another secret" not in str(refused.value)


def test_an_account_that_does_not_exist_names_the_subdomain(account: Account) -> None:
    account.twin.is_closed = True
    with pytest.raises(Permanent, match="Check ZENDESK_SUBDOMAIN"):
        account.client.me()
    account.twin.is_closed = False
    account.client.me()
    account.twin.is_closed = True
    with pytest.raises(Permanent, match="Check ZENDESK_SUBDOMAIN"):
        account.client.me()


def test_a_token_is_asked_for_once_and_only_to_read(account: Account) -> None:
    asked: list[Any] = []
    account.twin.watchers.append(lambda ask, said: asked.append(ask.json()) if ask.path == "/oauth/tokens" else None)
    for _ in range(3):
        account.client.me()
    assert [(each["scope"], each["grant_type"]) for each in asked] == [("read", "client_credentials")]


def test_a_token_that_ran_out_there_is_replaced_unnoticed(account: Account) -> None:
    account.client.me()
    account.pass_by(LIFE + 1)
    assert account.client.me().role == "admin"
    assert account.called(TOKEN) == 2 and account.called(ME) == 3


def test_a_token_is_replaced_before_it_runs_out(account: Account) -> None:
    now, sign_in = [0.0], account.client._api._sign_in
    sign_in._clock = lambda: now[0]
    first = sign_in.token()
    now[0] = LIFE - EARLY - 1.0
    assert sign_in.token() == first
    now[0] = LIFE - EARLY
    assert sign_in.token() != first


@pytest.mark.parametrize("life", [None, 0, -5])
def test_a_token_of_which_nobody_says_how_long_it_lasts_is_used_until_refused(account: Account, life: Any) -> None:
    account.twin.tokens["old"] = account.clock.now() + 9_999_999
    account.say(TOKEN, {"access_token": "old", "token_type": "bearer", "expires_in": life})
    sign_in = account.client._api._sign_in
    assert sign_in.token() == "old" and sign_in._good_until == float("inf")
    assert account.client.me().id


def test_who_is_refused_with_a_fresh_token_as_well_is_told_to_look(account: Account) -> None:
    account.twin.fail(ME, Fault("401"), Fault("401"))
    with pytest.raises(Unwelcome, match="refuses our sign-in"):
        account.client.me()
    assert account.called(TOKEN) == 2


TOKENS: dict[str, Any] = {
    "a list": [],
    "nothing": {},
    "a token that is a number of lines": {"access_token": "a\r\nX-Other: b"},
    "a token with a space": {"access_token": "a b"},
    "a token that is an object": {"access_token": {"a": 1}},
    "a life that is a word": {"access_token": "a", "expires_in": "soon"},
}


@pytest.mark.parametrize("case", TOKENS)
def test_a_sign_in_that_cannot_be_read_is_not_used(account: Account, case: str) -> None:
    account.say(TOKEN, TOKENS[case])
    with pytest.raises(Permanent, match="sign-in cannot be read"):
        account.client.me()
    assert not account.called(ME)


@pytest.mark.parametrize("verb", ["tickets_since", "sample"])
def test_who_is_no_admin_is_told_what_is_missing(account: Account, verb: str) -> None:
    account.twin.role = "agent"
    with pytest.raises(Unwelcome, match="an admin has to have created"):
        VERBS[verb][1](account.client)
    assert account.client.me() == Me("350000000900", "山びこ", "agent")


def test_in_a_dry_run_everything_can_be_asked(account: Account) -> None:
    with hands_off.off():
        for _, call in VERBS.values():
            call(account.client)


# -- answers that go wrong ------------------------------------------------------------------------

PASSING = ("500", "502", "503", "408", "lost", "reset", "hang", "late", "truncated", "html", "late-500")


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("verb", VERBS)
def test_what_goes_wrong_once_is_asked_again(account: Account, verb: str, kind: str) -> None:
    route, call = VERBS[verb]
    account.twin.fail(route, Fault(kind))
    call(account.client)
    assert account.called(route) == 2


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("route", [EXPORT, TOKEN])
def test_what_stays_wrong_may_be_asked_later(account: Account, route: str, kind: str) -> None:
    account.twin.fail(route, *[Fault(kind)] * 3)
    with pytest.raises(Transient):
        page_of(account)
    assert page_of(account).at_end


@pytest.mark.parametrize("verb", VERBS)
def test_a_limit_is_kept_for_as_long_as_it_is_asked_for(account: Account, verb: str) -> None:
    route, call = VERBS[verb]
    account.twin.fail(route, Fault("429", {"Retry-After": "37", "Content-Type": "text/plain"}))
    with pytest.raises(RateLimited) as limited:
        call(account.client)
    assert limited.value.retry_after == 37 and account.pace.asked == [37]  # type: ignore[attr-defined]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_is_refused_for_good_is_not_repeated(account: Account, verb: str) -> None:
    route, call = VERBS[verb]
    account.say(route, {"error": "RecordNotFound", "description": "お客様の言葉"}, 404)
    with pytest.raises(Permanent, match="RecordNotFound") as refused:
        call(account.client)
    assert account.called(route) == 1 and "お客様" not in str(refused.value)


def test_a_page_that_leads_elsewhere_is_not_followed(account: Account) -> None:
    account.say(ME, "", 302, Location=f"{account.server.url}/zendesk/api/v2/search/count")
    with pytest.raises(Permanent):
        account.client.me()
    assert not account.called(COUNT)


READ: dict[str, tuple[str, Any]] = {
    "an empty body": ("tickets_since", b""),
    "a list": ("tickets_since", []),
    "an object without tickets": ("tickets_since", {"after_cursor": "a", "end_of_stream": True}),
    "tickets that are an object": ("tickets_since", {"tickets": {}, "after_cursor": "a", "end_of_stream": True}),
    "no word of the end": ("tickets_since", {"tickets": [], "after_cursor": "a"}),
    "a cursor that is a list": ("tickets_since", {"tickets": [], "after_cursor": ["a"], "end_of_stream": True}),
    "a cursor without an end": (
        "tickets_since",
        {"tickets": [], "after_cursor": "a" * (LONGEST_CURSOR + 1), "end_of_stream": True},
    ),
    "more, and no cursor": ("tickets_since", {"tickets": [], "after_cursor": None, "end_of_stream": False}),
    "a count that is none": ("count", {"count": {"value": 3, "refreshed_at": None}}),
    "no count": ("count", {}),
    "no users": ("agents", {"meta": {}}),
    "users without an end": ("agents", {"users": [], "meta": {"has_more": True, "after_cursor": "a"}}),
    "no companies": ("organizations", {"organizations": None}),
}


@pytest.mark.parametrize("case", READ)
def test_an_answer_that_cannot_be_read_is_never_taken_for_nothing(account: Account, case: str) -> None:
    verb, body = READ[case]
    route, call = VERBS[verb]
    account.say(route, body)
    with pytest.raises(Permanent):
        call(account.client)


def test_a_cursor_that_does_not_move_is_not_read_for_ever(account: Account) -> None:
    account.say(EXPORT, {"tickets": [], "after_cursor": "a", "end_of_stream": False})
    with pytest.raises(Permanent, match="does not say where it goes on"):
        account.client.tickets_since("a")


# -- the export -----------------------------------------------------------------------------------


def test_the_newest_minute_is_not_known(account: Account) -> None:
    account.twin.write("ログインできません")
    account.pass_by(59)
    assert ids(page_of(account)) == []
    account.pass_by(2)
    assert len(ids(page_of(account))) == 1


def test_what_is_complete_is_told_at_the_end_only(account: Account) -> None:
    for number in range(5):
        account.twin.write(f"{number}")
    account.pass_by(600)
    first = page_of(account, most=3)
    last = page_of(account, first.cursor, most=3)
    assert (len(first.tickets), first.at_end, first.known_until) == (3, False, 0)
    assert (len(last.tickets), last.at_end, last.known_until) == (2, True, account.begin + 600 - MARGIN)


@pytest.mark.parametrize("date", ["", "gestern", "Mon, 99 Nov 2026 99:00:00 GMT", "Thu, 01 Jan 1970 03:00:00 GMT"])
def test_an_answer_that_does_not_say_when_it_was_given_completes_nothing(account: Account, date: str) -> None:
    account.say(EXPORT, {"tickets": [], "after_cursor": "a", "end_of_stream": True}, Date=date)
    assert page_of(account).known_until == 0


def test_a_ticket_comes_again_with_each_change_and_says_when_it_was_created(account: Account) -> None:
    ticket = account.twin.write("請求書の再発行", tags=("請求",))
    account.pass_by(7200)
    page = page_of(account)
    account.twin.update_by_itself(ticket, status="closed")
    account.pass_by(300)
    [again] = page_of(account, page.cursor).tickets
    assert (again.id, again.created_at, again.status) == (str(ticket), account.begin, "closed")
    assert again.changed_at == account.begin + 7200


def test_the_last_cursor_goes_on_from_there(account: Account) -> None:
    account.twin.write("一")
    account.pass_by(300)
    page = page_of(account)
    for _ in range(3):
        page = page_of(account, page.cursor)
        assert (page.tickets, page.at_end) == ((), True)
    second = account.twin.write("二")
    account.pass_by(300)
    assert ids(page_of(account, page.cursor)) == [str(second)]


def test_an_empty_page_without_a_cursor_leaves_the_one_that_we_have(account: Account) -> None:
    account.twin.ends_bare = True
    assert page_of(account).cursor == ""
    account.twin.write("一")
    account.pass_by(300)
    page = page_of(account)
    assert page.cursor and page_of(account, page.cursor).cursor == page.cursor


def test_a_cursor_that_is_not_accepted_any_more_is_told_as_none(account: Account) -> None:
    account.twin.write("一")
    account.pass_by(300)
    page = page_of(account)
    account.twin.forget_cursors()
    assert account.client.tickets_since(page.cursor) is None
    assert account.client.tickets_since("not ours") is None
    account.twin.fail(EXPORT, Fault("422"))
    assert account.client.tickets_since(page.cursor) is None
    assert len(page_of(account).tickets) == 1


def test_a_cursor_is_good_for_its_scope_alone(account: Account) -> None:
    cursor = page_of(account, scope="agent").cursor
    assert account.client.tickets_since(cursor, scope="ai_agent") is None


def test_a_beginning_that_is_not_accepted_is_a_mistake_of_ours(account: Account) -> None:
    account.clock.move(-9_999_999)
    with pytest.raises(Permanent, match="does not export from this time on"):
        account.client.tickets_since(start_time=account.begin)


def test_a_beginning_in_the_future_is_one_that_the_export_accepts(account: Account) -> None:
    account.clock.move(86_400)
    page = account.client.tickets_since(start_time=10**12)
    assert page is not None and page.at_end


def test_what_only_a_bot_answers_is_told_unless_people_alone_are_asked_for(account: Account) -> None:
    mail, chat = account.twin.write("メール"), account.twin.chat_with_bot("チャット")
    account.pass_by(300)
    assert account.all().keys() == {str(mail), str(chat)}
    assert account.all(scope="agent").keys() == {str(mail)}
    assert account.all(scope="ai_agent").keys() == {str(chat)}
    account.twin.escalate(chat)
    account.pass_by(300)
    late = account.all(scope="agent")[str(chat)]
    assert (late.created_at, late.status) == (account.begin, "new")


def test_the_page_is_as_large_as_was_asked_within_what_is_allowed(account: Account) -> None:
    sizes: list[str | None] = []
    account.twin.watchers.append(lambda ask, said: sizes.append(ask.arg("per_page")))
    for most in (0, 1, 250, 10_000):
        page_of(account, most=most)
    assert [size for size in sizes if size] == ["1", "1", "250", "1000"]


# -- tickets --------------------------------------------------------------------------------------


def test_who_wrote_first_says_whether_it_is_an_enquiry(account: Account) -> None:
    twin, colleague = account.twin, account.twin.add_agent("鈴木")
    on_behalf = 420000000999
    cases = {
        twin.write("お客様から"): None,
        twin.agent_writes("こちらから"): Excluded.OUTBOUND,
        twin.write("お客様が同僚のために", submitter_id=on_behalf): None,
        twin.agent_writes("内部メモから", is_public=False): Excluded.INTERNAL,
        twin.write("見本", channel="sample_ticket"): Excluded.CHANNEL,
        twin.write("ルール", channel=8): Excluded.CHANNEL,
        twin.write("結合", channel=19): Excluded.CHANNEL,
        twin.write("取込", channel="import"): Excluded.CHANNEL,
        twin.write("番号の経路", channel=4): None,
        twin.write("知らない経路", channel=99): None,
        twin.write("誰からか不明", requester_id=None, submitter_id=None): None,
    }
    spam = twin.write("SEO services")
    twin.mark_as_spam(spam)
    account.pass_by(300)
    agents, told = account.client.agents(), account.all()
    assert agents == {"350000000900", str(AGENT), str(colleague)}
    assert {id: told[str(id)].excluded(agents) for id in cases} == cases
    assert told[str(spam)].excluded(agents) is Excluded.DELETED
    assert told[str(next(iter(cases)))].is_by_customer and not told[str(spam)].is_by_customer


def test_without_knowing_who_answers_another_name_counts_as_ours(account: Account) -> None:
    ticket = account.twin.write("代理", submitter_id=420000000999)
    account.pass_by(300)
    assert account.all()[str(ticket)].excluded() is Excluded.OUTBOUND


def test_a_ticket_says_what_is_needed_to_count_it_and_no_more(account: Account) -> None:
    account.twin.add_organization(380000000101, "株式会社あおば製作所", "aoba.example", external_id="101")
    id = account.twin.write("締めが終わらない", "秘密の本文", organization=380000000101, tags=("締め", "勤怠", "締め"))
    account.pass_by(300)
    ticket = account.all()[str(id)]
    assert (ticket.channel, ticket.status, ticket.organization_id) == ("email", "new", "380000000101")
    assert (ticket.tags, ticket.subject, ticket.brand_id) == (("勤怠", "締め"), "締めが終わらない", "360000000031")
    assert "秘密の本文" not in repr(vars(ticket)) and "締めが" not in repr(ticket)
    company = Organization("380000000101", "株式会社あおば製作所", "101", ("aoba.example",))
    assert account.client.organizations(["380000000101", "7", "380000000101"]) == {company.id: company}


def test_what_became_of_a_ticket(account: Account) -> None:
    twin = account.twin
    first, second, held = twin.write("一"), twin.write("二"), twin.recover("三")
    later = twin.write("四", rel="follow_up")
    twin.merge(first, second)
    twin.delete(second)
    twin.scrub(second)
    account.pass_by(300)
    told = account.all()
    assert told[str(first)].is_merged and told[str(first)].is_by_customer
    assert told[str(second)].is_deleted and told[str(second)].created_at == account.begin
    assert told[str(held)].is_recovered and told[str(later)].is_follow_up


HOSTILE: dict[str, Any] = {
    "no id": {"id": None},
    "an id that is none": {"id": -4},
    "an id that is an address": {"id": "../users"},
    "no creation": {"created_at": None},
    "a creation that is a number": {"created_at": 5},
    "a creation in another age": {"created_at": "0000-00-00T00:00:00Z"},
    "an endless id": {"id": 10**30},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_ticket_that_cannot_be_counted_is_told_and_holds_up_no_other(account: Account, case: str) -> None:
    good = {"id": 1, "created_at": "2026-11-20T05:00:00Z"}
    account.say(EXPORT, {"tickets": [good | HOSTILE[case], good, "", None], "after_cursor": "a", "end_of_stream": True})
    page = page_of(account)
    assert (ids(page), page.unreadable) == (["1"], 3)


def test_whatever_else_a_ticket_holds_it_is_counted(account: Account) -> None:
    odd: list[Any] = [None, [], {}, "", 0, -1, True, 1.5, "a\0b", "a\ud800b", "x" * 100_000, [["a"]], {"a": {"b": []}}]
    names = ("status", "via", "tags", "subject", "requester_id", "submitter_id", "organization_id", "is_public")
    tickets = [
        {"id": number * 100 + place + 1, "created_at": "2026-11-20T05:00:00.5+09:00", name: value}
        for number, name in enumerate((*names, "generated_timestamp", "brand_id", "group_id"))
        for place, value in enumerate(odd)
    ]
    tickets += [{"id": 9000 + place, "created_at": "2026-11-20T05:00:00Z", "via": {"channel": value, "source": value}}
                for place, value in enumerate(odd)]  # fmt: skip
    tickets += [{"id": 9100, "created_at": "2026-11-20T05:00:00Z", "tags": odd}]
    account.say(EXPORT, json.dumps({"tickets": tickets, "after_cursor": "a", "end_of_stream": True}))
    page = page_of(account)
    assert (len(page.tickets), page.unreadable) == (len(tickets), 0)
    for ticket in page.tickets:
        assert all(len(each) <= 200 and "\0" not in each for each in (ticket.subject, ticket.channel, *ticket.tags))
        assert ticket.created_at > 0 and all(tag.strip() for tag in ticket.tags)
        json.dumps(vars(ticket)).encode()


# -- the search -----------------------------------------------------------------------------------


def test_a_window_is_counted_once_it_is_indexed(account: Account) -> None:
    account.twin.lag = 180
    start = account.begin
    account.twin.write("一")
    account.pass_by(899)
    account.twin.write("二", tags=("監視",))
    account.pass_by(1)
    account.twin.write("次の枠")
    assert account.client.count(created_between(start, start + 900)) == 1
    account.pass_by(300)
    assert account.client.count(created_between(start, start + 900)) == 2
    assert account.client.count(created_between(start + 900, start + 1800)) == 1
    assert account.client.count(created_between(start, start + 900, without_tags=("監視",))) == 1
    assert account.client.count(created_between(start, start + 900, tags=("監視", "なし"))) == 1
    assert account.client.count(created_between(start, start + 900, support_type="ai_agent")) == 0


@pytest.mark.parametrize("tag", ['a" OR type:user "', "a b", "a\nb", "a\\", "-x", "a+b%"])
def test_no_tag_can_be_more_than_a_tag(account: Account, tag: str) -> None:
    query = created_between(account.begin, account.begin + 900, without_tags=(tag,))
    _, _, quoted = query.partition(" -tags:")
    assert quoted[0] == quoted[-1] == '"' and not set(quoted[1:-1]) & set('"\\ \n')
    seen: list[str | None] = []
    account.twin.watchers.append(lambda ask, said: seen.append(ask.arg("query")))
    account.twin.write("一")
    assert account.client.count(query) == 1 and seen[-1] == query  # it arrives as it was meant


# -- the limits -----------------------------------------------------------------------------------


@pytest.fixture
def now() -> list[float]:
    return [1_800_000_000.0]


@pytest.fixture
def paced(now: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account with its limits, and our own pace, by a clock of ours that nobody waits for."""
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    account = Account(pace=AccountPace(name="", clock=lambda: now[0]), rate=400, exports=10)
    yield account
    account.close()


def test_more_exports_than_a_minute_has_are_put_off_without_asking(paced: Account, now: list[float]) -> None:
    for _ in range(EXPORTS):
        page_of(paced)
    with pytest.raises(RateLimited) as limited:
        page_of(paced)
    assert 0 < (limited.value.retry_after or 0) <= MINUTE + 1
    assert paced.called(EXPORT) == EXPORTS
    assert paced.client.me().id, "others go on"
    now[0] += MINUTE + 1
    paced.pass_by(MINUTE + 1)
    assert page_of(paced).at_end


def test_a_limit_of_the_exports_holds_for_exports_alone(paced: Account, now: list[float]) -> None:
    paced.twin._exports.allowed = 1  # somebody's BI tool used up the others
    page_of(paced)
    with pytest.raises(RateLimited) as limited:
        page_of(paced)
    assert (limited.value.retry_after or 0) > 50
    assert paced.client.me().id and paced.client.count("type:ticket") == 0
    with pytest.raises(RateLimited):
        page_of(paced)
    assert paced.called(EXPORT) == 2, "the third was not sent"


def test_the_accounts_limit_holds_for_all(paced: Account, now: list[float]) -> None:
    paced.client.me()
    paced.twin._account.allowed = 1
    with pytest.raises(RateLimited):
        page_of(paced)
    calls = len(paced.twin.calls)
    for verb, (_, call) in VERBS.items():
        with pytest.raises(RateLimited):
            call(paced.client)
        assert len(paced.twin.calls) == calls, verb


def test_a_429_that_does_not_say_how_long_is_kept_for_a_minute(paced: Account, now: list[float]) -> None:
    paced.twin.fail(COUNT, Fault("429"))
    with pytest.raises(RateLimited):
        paced.client.count("type:ticket")
    now[0] += MINUTE - 10
    with pytest.raises(RateLimited):
        paced.client.count("type:ticket")
    now[0] += 11
    assert paced.client.count("type:ticket") == 0


def test_where_little_is_left_others_have_it(now: list[float]) -> None:
    pace = AccountPace(name="", clock=lambda: now[0])
    pace.heed({"x-rate-limit": "400", "x-rate-limit-remaining": "41", "ratelimit-reset": "41"})
    pace.wait()
    pace.heed({"x-rate-limit": "400", "x-rate-limit-remaining": "39", "ratelimit-reset": "41"})
    with pytest.raises(RateLimited):
        pace.wait()
    now[0] += 42
    pace.wait()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-rate-limit": "0", "x-rate-limit-remaining": "0"},
        {"x-rate-limit": "many", "x-rate-limit-remaining": "²"},
        {"x-rate-limit": "9" * 5000, "x-rate-limit-remaining": "1"},
        {"x-rate-limit": "400", "x-rate-limit-remaining": "-1"},
    ],
)
def test_odd_headers_change_nothing(now: list[float], headers: dict[str, str]) -> None:
    pace = AccountPace(name="", clock=lambda: now[0])
    pace.heed(headers)
    for _ in range(CALLS):
        pace.wait()
    with pytest.raises(RateLimited):
        pace.wait()


def test_no_trouble_tells_a_secret(account: Account) -> None:
    told = []
    for kind in ("500", "401", "403", "404", "422", "429", "truncated", "reset"):
        for route, call in VERBS.values():
            account.twin.fail(route, *[Fault(kind, {"Retry-After": "60"})] * 3)
            try:
                call(account.client)
            except Trouble as trouble:
                told.append(str(trouble))
            account.twin.mend()
    assert told and not [each for each in told for secret in (SECRET, *account.twin.tokens) if secret in each]
