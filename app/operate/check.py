"""`python -m app check`: each secret, token, tag and webhook, and what to do about each finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sqlmodel import Session, col, select

from app.operate import drawing, duty, similar, wordings
from app.settings import Settings
from app.slack_login import CALLBACK
from integrations import SOURCES, VENDORS
from integrations.contract import Trouble
from integrations.vendor import Finding, Vendor, Wanted
from workflows.engine import polls
from workflows.engine.sqlite import OTHERS
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import title_of, vendors
from workflows.language import dry
from workflows.language.wording import ago, time
from workflows.rules import Rules, rules
from workflows.tables.runs import Delivery
from workflows.volume import sources

#: Not every vendor has an API that lists webhooks: a day without any delivery is worth a look.
QUIET_MS = DAY_MS
READABLE = "{file} can be read by other users of this machine, and tokens are in it: chmod 600 {file}"
NOT_HTTPS = "PUBLIC_URL is {url}, which is not an https:// address: vendors send webhooks to no other."
LEFT_OVER = "yamabiko.toml still has values of the example's company: {settings}."
#: What the example's company is called, and its people.
OF_THE_EXAMPLE = re.compile(r".+@kanade\.example|C0SUPPORT|C0ESCALATE|KNDE")
NO_ADDRESS = "PUBLIC_URL is missing: webhooks need an https:// address."


def run(settings: Settings, console: Console) -> int:
    """Look at everything; returns 1 if something is wrong. The database and the clients must be bound."""
    findings = list(look(settings))
    for finding in findings:
        mark, colour = {True: ("✓", "green"), False: ("✗", "red"), None: ("•", "yellow")}[finding.ok]
        console.print(Text(mark, colour), finding.sentence)
    wrong = sum(finding.ok is False for finding in findings)
    console.print(f"\n{len(findings) - wrong} in order, {wrong} to fix.")
    return 1 if wrong else 0


def look(settings: Settings) -> Iterator[Finding]:
    """Every finding, vendor by vendor."""
    yield from _secrets()
    yield from _address(settings)
    yield from _sign_in(settings)
    yield from _roles()
    yield from _left_over()
    yield from (Finding(None, note) for note in wordings.notes(settings.yamabiko_config))
    if said := dry.words("en"):
        yield Finding(None, f"{said} See /dry-run; [dry_run] in yamabiko.toml switches it off.")
    yield from similar.findings()
    yield from duty.findings()
    yield from drawing.findings()
    for name in VENDORS:
        for found in of_vendor(settings, name):
            yield Finding(found.ok, f"{title_of(name)}: {found}")
        if name in SOURCES and vendors.is_on(name) and settings.secrets(name):
            yield _last_delivery(name)
    for name, run in store.read(polls.standing).items():
        since = time("en", run.ended_at or run.created_at)
        yield Finding(False, f"{title_of(name)} has not told since {since} what its webhooks missed: {run.reason}.")
    for source in store.read(partial(sources.late, now=now_ms())):
        yield Finding(False, sources.silence("en", source))


def of_vendor(settings: Settings, name: str) -> Iterator[Finding]:
    """What one vendor says when it is asked; nothing of it names the vendor."""
    vendor = VENDORS[name]
    if (client := vendors.client(name)) is None:
        yield Finding(None, "Off: set its variables (README, “Set it up for real”).")
        return
    try:
        yield from vendor.check(client, settings.of(vendor.Settings), _wanted(settings, vendor))
    except Trouble as trouble:
        yield Finding(False, "{why}. Check its address and token.", {"why": str(trouble)})


def _wanted(settings: Settings, vendor: Vendor) -> Wanted:
    return Wanted(
        address=settings.public_url + vendor.PATH,
        tags=tuple(rules.tags),
        channels=_channels(),
        project=rules.jira_project,
        people=_people(),
        fallback=rules.colleagues.get(rules.fallback.casefold(), rules.fallback),
        mail_to=rules.triage.mail,
        rooms=rules.chatwork_rooms,
    )


def _channels() -> dict[str, str]:
    """Where we post: the meeting's channel may be left out, the others may not."""
    always = {f"[slack] {name}": getattr(rules, name) for name in ("support_channel", "escalation_channel")}
    by_kind = {f"[kinds.{kind}] channel": hears.channel for kind, hears in rules.kinds.items() if hears.channel}
    return always | ({"[triage] channel": rules.triage.channel} if rules.triage.channel else {}) | by_kind


def _people() -> dict[str, str]:
    """Who hears of one kind of request, as Slack knows them, each with the setting that names them."""
    named = [(person, f"[kinds.{kind}] people") for kind, hears in rules.kinds.items() for person in hears.people]
    return {rules.colleagues.get(person.casefold(), person): setting for person, setting in named}


def _secrets() -> Iterator[Finding]:
    file = Path(str(Settings.model_config["env_file"]))
    if file.exists() and file.stat().st_mode & OTHERS:
        yield Finding(False, READABLE.format(file=file))


def _address(settings: Settings) -> Iterator[Finding]:
    if settings.public_url.startswith("https://"):
        yield Finding(True, f"Vendors reach us at {settings.public_url}.")
    else:
        yield Finding(False, NOT_HTTPS.format(url=settings.public_url) if settings.public_url else NO_ADDRESS)


def _sign_in(settings: Settings) -> Iterator[Finding]:
    if not settings.signs_in_by_slack:
        yield Finding(None, "Sign-in with Slack is off: set its variables (README, “Sign-in”); python -m app login.")
        return
    yield Finding(True, f"Sign-in: the app at Slack has to name {settings.public_url}{CALLBACK} as a redirect URL.")


def _roles() -> Iterator[Finding]:
    """Without [access] nobody is let in, and nobody is listened to in Slack."""
    access = rules.access
    if not access.has_somebody:
        yield Finding(False, "Roles: no one can read or do anything, on pages, in Slack or on the card. Set [access].")
    elif not access.has_operator:
        yield Finding(None, "Roles: no one is an admin yet. See [access] in yamabiko.toml.")


def _left_over() -> Iterator[Finding]:
    if left := of_the_example(rules):
        yield Finding(False, LEFT_OVER.format(settings=", ".join(left)))


def of_the_example(rules: Rules) -> list[str]:
    """The settings that still name the example's company: strangers' addresses, and channels that are nowhere."""
    said = {
        "[slack] support_channel": (rules.support_channel,),
        "[slack] escalation_channel": (rules.escalation_channel,),
        "[escalation] fallback": (rules.fallback,),
        "[triage] mail": rules.triage.mail,
        "[jira] project": (rules.jira_project,),
        "[access] operators": rules.access.operators,
        "[access] agents": rules.access.agents,
    }
    return [name for name, values in said.items() if any(map(OF_THE_EXAMPLE.fullmatch, values))]


def _last_delivery(source: str) -> Finding:
    def last(session: Session) -> int | None:
        newest = select(Delivery.received_at).where(Delivery.source == source)
        return session.exec(newest.order_by(col(Delivery.received_at).desc()).limit(1)).first()

    at, title = store.read(last), title_of(source)
    if at is None:
        return Finding(None, f"{title}: no webhook has arrived yet.")
    now = now_ms()
    return Finding(True if now - at < QUIET_MS else None, f"{title}: the last webhook came {ago('en', now, at)}.")


def subscribe(settings: Settings, console: Console) -> int:
    """Register the webhooks of those vendors that have an API for it; 1 where that was not possible.

    Intercom's and Slack's are set by hand. It may be repeated: what is registered stays as it is.
    """
    if not settings.public_url:
        console.print(NO_ADDRESS)
        return 1
    refused = False
    for name, vendor in VENDORS.items():
        if (client := vendors.client(name)) is None:
            continue
        try:
            said = vendor.subscribe(client, settings.of(vendor.Settings), settings.public_url + vendor.PATH)
        except Trouble as trouble:
            said, refused = f"{vendor.TITLE} was not told where to send webhooks: {trouble}.", True
        if said:
            console.print(said)
    return int(refused)
