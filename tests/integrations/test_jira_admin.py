"""What an operator does once, with the `jira` package, against the twin."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from jira import JIRA

from integrations.contract import Permanent, RateLimited, Transient, Unsure
from integrations.jira import admin
from integrations.jira.admin import EVENTS, Webhook, check, check_webhook, find_webhook, register_webhook
from integrations.jira.twin import JiraTwin
from integrations.twin import Fault
from integrations.vendor import Finding
from tests.twin_server import served

EMAIL, TOKEN, SECRET = "yamabiko@aomori-soft.example", "ATATT3xFfGF0token", "りんご-harvest-2026"
URL = "https://yamabiko.example/webhooks/jira"
HOOKS = "GET /rest/webhooks/1.0/webhook", "POST /rest/webhooks/1.0/webhook"


class World:
    def __init__(self) -> None:
        self.twin = JiraTwin(secret="", email=EMAIL, token=TOKEN, projects=("PROD", "OPS"))
        self.server = served(jira=self.twin)
        self.base = self.server.url + "/jira"
        self.account = (self.base, EMAIL, TOKEN)


def said(findings: list[Finding]) -> list[Finding]:
    """The findings as they are read in English."""
    return [Finding(each.ok, str(each)) for each in findings]


@pytest.fixture
def world() -> World:
    return World()


@contextmanager
def going_wrong(world: World, route: str, fault: Fault) -> Iterator[None]:
    """Meanwhile this happens to the route; only where nothing comes a deadline has to pass."""
    world.twin.fail(route, fault)
    with pytest.MonkeyPatch.context() as patch:
        if fault.kind == "hang":
            patch.setattr(admin, "DEADLINES", (5.0, 0.5))
        yield


# -- when things go wrong -----------------------------------------------------


@pytest.mark.parametrize(
    ("path", "token", "sentence"),
    [
        ("/jira", "expired", "Jira answered 401: it refuses this email address and token; scoped tokens"),
        ("/elsewhere", TOKEN, "Jira answered 404: it has no such page: check JIRA_BASE_URL."),
    ],
)
def test_an_account_that_does_not_work_gets_one_finding(world: World, path: str, token: str, sentence: str) -> None:
    (finding,) = check(world.server.url + path, EMAIL, token)
    assert not finding.ok
    assert str(finding).startswith(sentence)
    assert token not in str(finding)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("429", {"Retry-After": "30"}), "Jira answered 429: too many calls."),
        (Fault("503", {"Retry-After": "30"}), "Jira answered 503."),
        (Fault("hang"), "Jira cannot be reached (ReadTimeout)."),
        (Fault("reset"), "Jira cannot be reached (ChunkedEncodingError)."),
        (Fault("html"), "The answer is not from Jira: check JIRA_BASE_URL."),
    ],
)
def test_an_unwell_jira_is_asked_once_and_never_waited_for(world: World, fault: Fault, sentence: str) -> None:
    with going_wrong(world, "*", fault):
        assert said(check(*world.account)) == [Finding(False, sentence)]
    assert len(world.twin.calls) == 1


def test_what_answers_is_not_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.twin.fail("*", Fault("html"))
    check(*world.account)
    assert caplog.text == ""


def test_proxies_of_the_environment_have_no_say(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert check(*world.account)[0].ok


def test_nobody_at_the_address() -> None:
    assert said(check("http://127.0.0.1:9", EMAIL, TOKEN)) == [
        Finding(False, "Jira cannot be reached (ConnectionError).")
    ]


def test_missing_permissions_are_named(world: World) -> None:
    world.twin.granted -= {"LINK_ISSUES", "CREATE_ISSUES"}
    nowhere = Finding(
        False, "Conversations cannot be shown on issues in OPS, PROD: the account lacks the permission Link issues."
    )
    assert said(check(*world.account, "PROD"))[1:] == [
        nowhere,
        Finding(False, "PROD: the account lacks LINK_ISSUES, CREATE_ISSUES."),
    ]
    assert said(check(*world.account, "GONE"))[1:] == [
        nowhere,
        Finding(False, "The account does not see the project GONE ([jira] project)."),
    ]


def test_a_project_that_cannot_be_linked_is_worth_a_look_and_not_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "_permitted", lambda jira: {"PROD"})
    assert said(check(*world.account))[1:] == [
        Finding(None, "Conversations cannot be shown on issues in OPS: the account lacks the permission Link issues.")
    ]


def test_the_account_that_the_readme_describes_is_enough(world: World) -> None:
    world.twin.granted &= {"BROWSE_PROJECTS", "LINK_ISSUES"}
    assert all(finding.ok for finding in check(*world.account))
    world.twin.granted.add("CREATE_ISSUES")
    assert all(finding.ok for finding in check(*world.account, "PROD"))
    assert len(world.twin.calls) == 3 + 4  # however many projects there are


def test_an_account_that_sees_nothing(world: World) -> None:
    world.twin.projects.clear()
    assert said(check(*world.account))[1:] == [
        Finding(False, "The account sees no project: give it the permission Browse projects.")
    ]


def test_who_is_no_administrator_cannot_register(world: World) -> None:
    world.twin.granted.discard("ADMINISTER")
    with pytest.raises(Permanent, match="403: it does not allow this account"):
        register_webhook(*world.account, URL, SECRET)
    (finding,) = check_webhook(*world.account, URL)
    assert (finding.ok, "only Jira administrators can" in str(finding)) == (None, True)


@pytest.mark.parametrize(
    ("fault", "trouble", "registered"),
    [
        (Fault("429"), RateLimited, 0),
        (Fault("500"), Unsure, 0),
        (Fault("hang"), Unsure, 1),
        (Fault("reset"), Unsure, 1),
    ],
)
def test_a_registration_is_never_repeated_blindly(
    world: World, fault: Fault, trouble: type[Exception], registered: int
) -> None:
    with going_wrong(world, HOOKS[1], fault), pytest.raises(trouble):
        register_webhook(*world.account, URL, SECRET)
    assert len(world.twin.webhooks) == registered
    register_webhook(*world.account, URL, SECRET)
    assert len(world.twin.webhooks) == 1


def test_looking_for_a_webhook_may_be_repeated(world: World) -> None:
    world.twin.fail(HOOKS[0], Fault("500"))
    with pytest.raises(Transient):
        find_webhook(*world.account, URL)


# -- when all is well ---------------------------------------------------------


def test_a_working_account(world: World) -> None:
    assert said(check(*world.account, "PROD")) == [
        Finding(True, f"The token works at {world.base}; it belongs to 山びこ (712020:a9d2-app)."),
        Finding(True, "The account can link issues in every project it sees."),
        Finding(True, "PROD: issues can be created."),
    ]


def test_a_webhook_is_registered_once_and_corrected_later(world: World) -> None:
    assert find_webhook(*world.account, URL) is None
    assert said(check_webhook(*world.account, URL)) == [Finding(False, f"No webhook is registered for {URL}.")]
    hook = register_webhook(*world.account, URL, "", ["jira:issue_updated"])
    assert hook == Webhook(hook.id, "Yamabiko", URL, ("jira:issue_updated",), enabled=True, signed=False)
    assert [finding.ok for finding in check_webhook(*world.account, URL)] == [True, False, False]

    corrected = register_webhook(*world.account, URL, SECRET)
    assert corrected == find_webhook(*world.account, URL) == Webhook(hook.id, "Yamabiko", URL, EVENTS, True, True)
    assert all(finding.ok for finding in check_webhook(*world.account, URL))
    assert (world.twin.webhook_url, world.twin.secret) == (URL, SECRET)
    assert [webhook["excludeBody"] for webhook in world.twin.webhooks] == [False]


def test_the_package_itself_gets_along_with_the_twin(world: World) -> None:
    """With its defaults: version 2, the server's details first, the field list before a search."""
    world.twin.add_issue("PROD-1", "請求書CSVの文字化け", "会話 https://a.example/1")
    package = JIRA(world.base, basic_auth=(EMAIL, TOKEN), timeout=5, max_retries=0)
    assert package.issue("PROD-1").fields.description == "会話 [https://a.example/1|https://a.example/1|smart-link]"
    assert [issue.key for issue in package.search_issues("project = PROD")] == ["PROD-1"]
    assert package.add_comment("PROD-1", "本文").body == "本文"
    package.add_remote_link("PROD-1", {"url": "https://a.example", "title": "会話"}, globalId="g")
    assert len(world.twin.did("link", "PROD-1")) == 1
    package.close()
