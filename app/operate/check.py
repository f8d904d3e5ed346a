"""`python -m app check`: each secret, token, tag and webhook, and what to do about each finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console
from sqlmodel import Session, col, select

from app.settings import Settings
from app.slack_login import CALLBACK
from integrations import SOURCES
from integrations.contract import Trouble
from integrations.jira import setup as jira_setup
from integrations.slack import SlackClient
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import NAMES, vendors
from workflows.rules import rules
from workflows.tables.runs import Delivery

#: What Productboard has to tell us about.
PRODUCTBOARD_EVENTS = ("note.created", "note.updated", "insight.created", "insight.deleted", "feature.updated")
#: What the bot needs: to post, to find its own messages, to open direct messages, to know who people are.
SLACK_SCOPES = {
    *("chat:write", "commands", "channels:history", "channels:read"),
    *("im:history", "im:write", "users:read", "users:read.email"),
}
#: Intercom has no API that lists webhook topics: a day without any delivery is worth a look.
QUIET_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `ok` None: worth a look, not wrong."""

    ok: bool | None
    sentence: str


def run(settings: Settings, console: Console) -> int:
    """Look at everything; returns 1 if something is wrong. The database and the clients must be bound."""
    findings = list(look(settings))
    for finding in findings:
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]•[/]"}[finding.ok]
        console.print(mark, finding.sentence, markup=True, highlight=False)
    wrong = sum(finding.ok is False for finding in findings)
    console.print(f"\n{len(findings) - wrong} in order, {wrong} to fix.")
    return 1 if wrong else 0


def look(settings: Settings) -> Iterator[Finding]:
    """Every finding, vendor by vendor."""
    yield from _address(settings)
    yield from _sign_in(settings)
    for name, inspect in INSPECTIONS.items():
        if not vendors.is_on(name):
            yield Finding(None, f"{NAMES[name]} is off: set its variables (README, “Setting up {NAMES[name]}”).")
            continue
        try:
            yield from inspect(settings)
        except Trouble as trouble:
            yield Finding(False, f"{NAMES[name]}: {trouble}. Check its address and token.")
        if name in SOURCES:
            yield _last_delivery(name)


def _address(settings: Settings) -> Iterator[Finding]:
    if settings.public_url.startswith("https://"):
        yield Finding(True, f"Vendors reach us at {settings.public_url}.")
    else:
        yield Finding(False, "PUBLIC_URL is missing: vendors need an https:// address to send webhooks to.")


def _sign_in(settings: Settings) -> Iterator[Finding]:
    if not settings.signs_in_by_slack:
        yield Finding(None, "Sign-in with Slack is off: set its variables (README, “Sign-in”); python -m app login.")
        return
    yield Finding(True, f"Sign-in: the app at Slack has to name {settings.public_url}{CALLBACK} as a redirect URL.")
    if not rules.access.operators and rules.access.everyone != "operator":
        yield Finding(None, "Sign-in: nobody is an operator: set [access] operators.")


def _intercom(settings: Settings) -> Iterator[Finding]:
    client = vendors.intercom
    assert client is not None
    me = client.me()
    yield Finding(
        me.app_id == settings.intercom_app_id,
        f"Intercom: the token belongs to workspace {me.app_id}; INTERCOM_APP_ID says {settings.intercom_app_id}.",
    )
    known = settings.intercom_admin_id in {admin.id for admin in client.admins()}
    yield Finding(
        known, "Intercom: INTERCOM_ADMIN_ID is " + ("a teammate." if known else "nobody: use a teammate's id.")
    )
    existing = {tag.name.casefold() for tag in client.tags()}
    for tag in rules.tags:
        there = tag.casefold() in existing
        yield Finding(True if there else None, f"Intercom: tag 「{tag}」" + ("." if there else " does not exist yet."))


def _productboard(settings: Settings) -> Iterator[Finding]:
    client = vendors.productboard
    assert client is not None
    client.check()
    yield Finding(True, "Productboard: the token works.")
    url = f"{settings.public_url}/webhooks/productboard"
    events = {event for hook in client.webhooks() if hook.url == url for event in hook.events}
    for event in PRODUCTBOARD_EVENTS:
        if event not in events:
            yield Finding(False, f"Productboard: no webhook tells {url} about {event}: python -m app subscribe")


def _jira(settings: Settings) -> Iterator[Finding]:
    token = settings.jira_api_token.get_secret_value() if settings.jira_api_token else ""
    for finding in jira_setup.check(settings.jira_base_url, settings.jira_email, token):
        yield Finding(finding.ok, f"Jira: {finding.sentence}")
    url = f"{settings.public_url}/webhooks/jira"
    for finding in jira_setup.check_webhook(settings.jira_base_url, settings.jira_email, token, url):
        yield Finding(finding.ok, f"Jira: {finding.sentence}")


def _mail(settings: Settings) -> Iterator[Finding]:
    client = vendors.mail
    assert client is not None
    yield Finding(True, f"SMTP: {client.check()} takes our mails.")
    if not rules.triage.mail:
        yield Finding(None, "SMTP: nobody is told of conclusions by mail: [triage] mail in the rules is empty.")


def _slack(settings: Settings) -> Iterator[Finding]:
    client = vendors.slack
    assert client is not None
    identity = client.whoami()
    yield Finding(
        identity.team_id == settings.slack_team_id,
        f"Slack: the token belongs to team {identity.team_id}; SLACK_TEAM_ID says {settings.slack_team_id}.",
    )
    missing = SLACK_SCOPES - set(identity.scopes)
    yield Finding(not missing, f"Slack: scopes missing: {', '.join(sorted(missing))}" if missing else "Slack: scopes.")
    for name in ("support_channel", "escalation_channel"):
        channel = getattr(rules, name)
        there = bool(channel) and client.channel_exists(channel)
        words = name.replace("_", " ")
        yield Finding(there, f"Slack: the {words}" + ("." if there else f" is not there: set [slack] {name}."))
    yield _stand_in(client)


def _stand_in(client: SlackClient) -> Finding:
    """Who answers for a customer whose owner nobody knows?"""
    person = rules.colleagues.get(rules.fallback.casefold(), rules.fallback)
    if not person:
        return Finding(
            None, "Slack: [escalation] fallback is empty: where no owner is on record, only the channel hears."
        )
    id = client.lookup(person) if "@" in person else person
    user = client.user(id) if id else None
    here = user is not None and not user.deleted
    return Finding(
        here, f"Slack: the fallback {person}" + ("." if here else " is not here: set [escalation] fallback.")
    )


def _last_delivery(source: str) -> Finding:
    def last(session: Session) -> int | None:
        newest = select(Delivery.received_at).where(Delivery.source == source)
        return session.exec(newest.order_by(col(Delivery.received_at).desc()).limit(1)).first()

    at = store.read(last)
    if at is None:
        return Finding(None, f"{NAMES[source]}: no webhook has arrived yet.")
    hours = (now_ms() - at) // 3_600_000
    return Finding(True if now_ms() - at < QUIET_MS else None, f"{NAMES[source]}: the last webhook came {hours} h ago.")


INSPECTIONS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    "intercom": _intercom,
    "productboard": _productboard,
    "jira": _jira,
    "slack": _slack,
    "mail": _mail,
}


def subscribe(settings: Settings, console: Console) -> int:
    """Register the webhooks that have an API: Productboard's and Jira's. Intercom's and Slack's are set by hand."""
    if vendors.productboard is not None and settings.productboard_webhook_authorization is not None:
        authorization = settings.secrets("productboard")[0]
        url = f"{settings.public_url}/webhooks/productboard"
        vendors.productboard.subscribe("Yamabiko", url, authorization, PRODUCTBOARD_EVENTS)
        console.print(f"Productboard tells {url} about notes, links and features.")
    if vendors.jira is not None and settings.jira_api_token is not None:
        url = f"{settings.public_url}/webhooks/jira"
        token = settings.jira_api_token.get_secret_value()
        jira_setup.register_webhook(
            settings.jira_base_url, settings.jira_email, token, url, settings.secrets("jira")[0]
        )
        console.print(f"Jira tells {url} about issues, comments and versions.")
    return 0
