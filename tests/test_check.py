"""`check` and `subscribe`: what is green works, what is not says what to do, and nothing is registered twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from app.operate import check
from app.operate.terminal import Terminal
from integrations import productboard
from tests.world import World
from workflows.engine.vendors import vendors
from workflows.rules import rules
from workflows.rules.kinds import Hearers


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """The seeded company, on SQLite: the rest of a configuration is the same on every database."""
    world = World(sqlite_url)
    yield world
    world.close()


def said(world: World, vendor: str = "") -> dict[str, bool | None]:
    """What check says of a vendor, and whether it is right."""
    return {each.sentence: each.ok for each in check.look(world.settings) if each.sentence.startswith(vendor)}


def printed(world: World) -> str:
    """What an operator reads."""
    console = Terminal(file=io.StringIO(), width=400)
    check.run(world.settings, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


# -- here -----------------------------------------------------------------------------------------


def test_a_file_of_tokens_that_others_can_read_is_to_be_fixed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sentence = ".env can be read by other users of this machine, and tokens are in it: chmod 600 .env"
    assert sentence not in said(world)
    (file := tmp_path / ".env").write_text("JIRA_API_TOKEN=x")
    file.chmod(0o644)
    assert said(world)[sentence] is False
    file.chmod(0o600)
    assert sentence not in said(world)


# -- Slack ----------------------------------------------------------------------------------------


def test_a_channel_that_the_bot_is_not_in_is_to_be_fixed(world: World) -> None:
    assert said(world, "Slack")["Slack: The bot is in [slack] support_channel."] is True
    world.slack.remove_bot(rules.support_channel)
    sentence = f"Slack: The bot is not in [slack] support_channel ({rules.support_channel}): type “/invite @yamabiko”"
    assert said(world, "Slack")[f"{sentence} there."] is False


def test_the_meetings_channel_is_looked_at_where_it_has_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("[triage] channel" in sentence for sentence in said(world))
    monkeypatch.setattr(rules, "triage", replace(rules.triage, channel="C0NOWHERE1"))
    sentence = "Slack: [triage] channel is not a channel the bot can see: set its ID, and invite the bot."
    assert said(world)[sentence] is False


def test_who_hears_of_one_kind_is_looked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hearers = Hearers("C0NOWHERE1", ("nobody@kanade.example", "emma@kanade.example"))
    monkeypatch.setattr(rules, "kinds", {"wording": hearers})
    found = said(world, "Slack")
    sentence = "Slack: [kinds.wording] channel is not a channel the bot can see: set its ID, and invite the bot."
    assert found[sentence] is False
    assert found["Slack: nobody@kanade.example is not in Slack: correct [kinds.wording] people."] is False
    assert found["Slack: emma@kanade.example ([kinds.wording] people) is in Slack."] is True


def test_the_names_of_sections_are_printed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "fallback", "")
    assert "• Slack: [escalation] fallback is empty:" in printed(world)


# -- Jira -----------------------------------------------------------------------------------------


def test_the_account_of_the_readme_gets_no_cross(world: World) -> None:
    world.jira.granted &= {"BROWSE_PROJECTS", "LINK_ISSUES", "CREATE_ISSUES"}
    found = said(world, "Jira")
    assert False not in found.values()
    [sentence] = [sentence for sentence in found if "administrators" in sentence]
    assert found[sentence] is None and "Jira: no webhook has arrived yet." in found
    world.move("KNDE-12", "完了")
    assert said(world, "Jira")["Jira: the last webhook came just now."] is True


# -- a deployment ----------------------------------------------------------------------------------


def test_a_deployment_that_has_sent_nothing_yet_says_so(world: World) -> None:
    found = said(world, "Your deployment")
    address = f"{world.settings.public_url}/webhooks/deploy"
    assert found == {
        f"Your deployment: Signed webhooks are accepted at {address}.": True,
        "Your deployment: no webhook has arrived yet.": None,
    }
    world.deploy.tell("deploy.started", commit="6a5a454")
    world.settle()
    assert said(world, "Your deployment")["Your deployment: the last webhook came just now."] is True


# -- subscribing ----------------------------------------------------------------------------------


def subscribed(world: World, url: str = "https://yamabiko.example") -> tuple[int, list[str]]:
    """The exit code and what an operator reads."""
    console = Console(file=io.StringIO(), width=400)
    code = check.subscribe(world.settings.model_copy(update={"public_url": url}), console)
    return code, console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_without_an_address_nothing_is_registered(world: World) -> None:
    assert subscribed(world, "") == (
        1,
        ["PUBLIC_URL is missing: webhooks need an https:// address."],
    )
    assert not world.productboard.subscriptions and not world.jira.webhooks


def test_subscribing_twice_makes_one_subscription(world: World) -> None:
    assert subscribed(world)[0] == subscribed(world)[0] == 0
    assert len(world.productboard.subscriptions) == len(world.jira.webhooks) == 1


def test_only_what_is_missing_is_subscribed(world: World) -> None:
    hook = "https://yamabiko.example/webhooks/productboard"
    client = vendors.productboard
    assert client is not None
    client.subscribe("Yamabiko", hook, "s", ["note.created", "note.updated"])
    client.subscribe("Somebody else", "https://other.example", "s", ["insight.created"])
    subscribed(world)
    told = [event for each in client.webhooks() if each.url == hook for event in each.events]
    assert sorted(told) == sorted(productboard.setup.EVENTS)


def test_a_vendor_that_refuses_is_one_sentence_and_the_others_are_registered(world: World) -> None:
    world.jira.granted.discard("ADMINISTER")
    code, lines = subscribed(world)
    assert code == 1
    assert lines == [
        "Productboard tells https://yamabiko.example/webhooks/productboard about notes, links and features.",
        "Jira was not told where to send webhooks: Jira answered 403: it does not allow this account to do that.",
    ]
    assert subscribed(world)[0] == 1 and len(world.productboard.subscriptions) == 1
