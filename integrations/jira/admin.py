"""What an operator does once: check the account, and tell Jira where to send its webhooks.

Built on the `jira` package, which knows the sign-in and the addresses of every kind of Jira. Left to
itself it waits for ever, repeats writes after a lost connection, calls Jira in its constructor, and
quotes whole answers in its errors; `_signed_in` and `_trouble` see to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from jira import JIRA, JIRAError
from requests.adapters import HTTPAdapter

from integrations import network
from integrations.contract import Malformed, Permanent, RateLimited, Transient, Trouble, Unsure
from integrations.http import proxy_for
from integrations.untrusted import Node
from integrations.vendor import Finding

#: The webhook events after which something happens (`workflows.routes`).
EVENTS = (
    *("jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated"),
    *("jira:version_released", "jira:version_unreleased", "jira:version_deleted"),
)
#: What the account has to be allowed everywhere: to see issues, and to show conversations on them …
PERMISSIONS = ("BROWSE_PROJECTS", "LINK_ISSUES")
#: … and in the project in which the meeting creates issues.
CREATING = (*PERMISSIONS, "CREATE_ISSUES")
#: How many projects a sentence names.
NAMED = 5
#: Seconds to connect and to answer.
DEADLINES = (5.0, 20.0)
WEBHOOKS = "/rest/webhooks/1.0/webhook"
ADVICE = {
    401: (
        "refuses this email address and token; scoped tokens work only at "
        "https://api.atlassian.com/ex/jira/<cloud id>, and no token lives longer than a year"
    ),
    403: "does not allow this account to do that",
    404: "has no such page: check JIRA_BASE_URL",
}
MAY_NOT_LOOK = "Cannot check whether a webhook is registered: only Jira administrators can. {why}."
IS_OFF = "The webhook {name} is off: enable it."
LACKS = "{project}: the account lacks {rights}."
UNSIGNED = "The webhook needs a secret (JIRA_WEBHOOK_SECRET)."
TELLS_ALL = "The webhook covers all events."
NO_LINKS = "Conversations cannot be shown on issues in {projects}: the account lacks the permission Link issues."


#: What the package or we raise where the answer is no JSON, or not the expected one.
NOT_JIRA = (ValueError, TypeError, AttributeError, Malformed)


@dataclass(frozen=True)
class Webhook:
    """An admin webhook as Jira lists it. `signed` means that it has a secret."""

    id: str
    name: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    signed: bool


def check(base_url: str, email: str, token: str, project: str = "") -> list[Finding]:
    """Does the token work here, whose is it, and what may it do, above all in the `project` that gets new issues?"""
    try:
        with _signed_in(base_url, email, token) as jira:
            me = Node(jira.myself(), "")
            who = f"{me['displayName'].text(or_='?')} ({me['accountId'].text()})"
            works = Finding(
                True, "The token works at {address}; it belongs to {who}.", {"address": base_url, "who": who}
            )
            return [works, *_projects(jira, project)]
    except Trouble as trouble:
        return [Finding(False, "{why}.", {"why": str(trouble)})]


def check_webhook(base_url: str, email: str, token: str, url: str) -> list[Finding]:
    """Is a webhook registered for our address, on, signed, and for all events we act on?

    An account that is no administrator may not look, and need not be one: then the last delivery has to tell.
    """
    try:
        hook = find_webhook(base_url, email, token, url)
    except Trouble as trouble:
        return [Finding(None, MAY_NOT_LOOK, {"why": str(trouble)})]
    if hook is None:
        return [Finding(False, "No webhook is registered for {address}.", {"address": url})]
    missing = ", ".join(sorted(set(EVENTS) - set(hook.events)))
    return [
        Finding(hook.enabled, "The webhook {name} is on." if hook.enabled else IS_OFF, {"name": hook.name}),
        Finding(hook.signed, "The webhook has a secret." if hook.signed else UNSIGNED),
        Finding(
            not missing, "The webhook is missing the events {events}." if missing else TELLS_ALL, {"events": missing}
        ),
    ]


def find_webhook(base_url: str, email: str, token: str, url: str) -> Webhook | None:
    """The admin webhook that sends to `url`. The account has to be an administrator."""
    with _signed_in(base_url, email, token) as jira:
        listed = Node({"hooks": jira._session.get(base_url.rstrip("/") + WEBHOOKS).json()}, "")
        hooks = [_webhook_from(hook) for hook in listed["hooks"].items()]
    return next((hook for hook in hooks if hook.url == url), None)


def register_webhook(
    base_url: str, email: str, token: str, url: str, secret: str, events: Sequence[str] = EVENTS
) -> Webhook:
    """Tell Jira to send `events` to `url`, signed with `secret`; corrects the webhook if there is one.

    https://developer.atlassian.com/cloud/jira/platform/webhooks/ (admin webhooks)
    """
    known = find_webhook(base_url, email, token, url)
    wanted: dict[str, Any] = {
        "name": "Yamabiko",
        "url": url,
        "events": list(events),
        "excludeBody": False,
        "secret": secret,
    }
    address = base_url.rstrip("/") + WEBHOOKS
    with _signed_in(base_url, email, token, writing=known is None) as jira:
        # The package has no verbs for webhooks, but its session signs in and raises for us.
        if known is None:
            answer = jira._session.post(address, json=wanted)
        else:
            answer = jira._session.put(f"{address}/{known.id}", json=wanted)
        return _webhook_from(Node(answer.json(), ""))


@contextmanager
def _signed_in(base_url: str, email: str, token: str, *, writing: bool = False) -> Iterator[JIRA]:
    """A session of the package, tamed; whatever it raises becomes trouble of ours."""
    jira = JIRA(
        server=base_url,
        options={"rest_api_version": "3"},
        basic_auth=(email, token),
        get_server_info=False,
        max_retries=0,
        timeout=DEADLINES,
        logging=False,
    )
    jira._session.trust_env = False  # else a ~/.netrc would have its say
    jira._session.mount("https://", _Trusting())
    jira._session.proxies = {"https": proxy} if (proxy := proxy_for(base_url)) else {}
    try:
        with closing(jira):
            yield jira
    except (JIRAError, OSError, *NOT_JIRA) as error:
        raise _trouble(error, writing) from None


class _Trusting(HTTPAdapter):
    """The package's connections, to whom we trust everywhere else; by itself it trusts the public authorities alone."""

    def init_poolmanager(self, *how: Any, **more: Any) -> None:
        super().init_poolmanager(*how, ssl_context=network.trust(), **more)

    def proxy_manager_for(self, proxy: Any, **more: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=network.trust(), **more)


def _trouble(error: Exception, writing: bool) -> Trouble:
    """The package's errors quote addresses, headers and bodies: only the status goes on."""
    status = error.status_code or 0 if isinstance(error, JIRAError) else 0
    if status == 429:
        return RateLimited("Jira answered 429: too many calls")
    if 400 <= status < 500:
        return Permanent(f"Jira answered {status}: it {ADVICE.get(status, 'refuses the request')}")
    if isinstance(error, NOT_JIRA):
        return Permanent("The answer is not from Jira: check JIRA_BASE_URL")
    said = f"Jira answered {status}" if status else f"Jira cannot be reached ({type(error).__name__})"
    return Unsure(said) if writing else Transient(said)


def _projects(jira: JIRA, creating: str) -> Iterator[Finding]:
    """Two questions, however many projects there are; the second about the one that gets new issues."""
    seen = {project.key for project in jira.projects()}
    if not seen:
        yield Finding(False, "The account sees no project: give it the permission Browse projects.")
        return
    yield _everywhere(seen, _permitted(jira))
    if creating and creating not in seen:
        yield Finding(False, "The account does not see the project {project} ([jira] project).", {"project": creating})
    elif creating:
        yield _creating(jira, creating)


def _everywhere(seen: set[str], permitted: set[str]) -> Finding:
    """Not every project an account sees has wishes that wait for it, so only none at all is wrong."""
    shut = sorted(seen - permitted)
    if not shut:
        return Finding(True, "The account can link issues in every project it sees.")
    named = ", ".join([*shut[:NAMED], *(["…"] if shut[NAMED:] else [])])
    return Finding(None if permitted else False, NO_LINKS, {"projects": named})


def _permitted(jira: JIRA) -> set[str]:
    """The projects in which the account has all of PERMISSIONS. The package has no verb for this question."""
    address = jira._get_url("permissions/project", base=jira.JIRA_BASE_URL)
    said = Node(jira._session.post(address, json={"permissions": list(PERMISSIONS)}).json(), "")
    return {project["key"].text() for project in said["projects"].items()}


def _creating(jira: JIRA, key: str) -> Finding:
    may = Node(jira.my_permissions(projectKey=key, permissions=",".join(CREATING)), "")["permissions"]
    missing = ", ".join(name for name in CREATING if not may[name]["havePermission"])
    facts = {"project": key, "rights": missing}
    return Finding(not missing, LACKS if missing else "{project}: issues can be created.", facts)


def _webhook_from(node: Node) -> Webhook:
    """Read a webhook; its id stands only at the end of its address."""
    return Webhook(
        id=node["self"].text().rpartition("/")[2],
        name=node["name"].text(or_=""),
        url=node["url"].text(),
        events=tuple(event.text() for event in node["events"].items()),
        enabled=bool(node["enabled"]),
        signed=bool(node["isSigned"]),
    )
