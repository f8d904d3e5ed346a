"""`check` and `subscribe`: what is green works, what is not says what to do, and nothing is registered twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console

from app.operate import check
from tests.world import World
from workflows.rules import rules


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
    console = Console(file=io.StringIO(), width=400)
    check.run(world.settings, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


# -- Slack ----------------------------------------------------------------------------------------


def test_a_channel_that_the_bot_is_not_in_is_to_be_fixed(world: World) -> None:
    assert said(world, "Slack")["Slack: the bot is in [slack] support_channel."] is True
    world.slack.remove_bot(rules.support_channel)
    sentence = f"Slack: the bot is not in [slack] support_channel ({rules.support_channel}): type “/invite @yamabiko”"
    assert said(world, "Slack")[f"{sentence} there."] is False


def test_the_meetings_channel_is_looked_at_where_it_has_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("[triage] channel" in sentence for sentence in said(world))
    monkeypatch.setattr(rules, "triage", replace(rules.triage, channel="C0NOWHERE1"))
    sentence = "Slack: [triage] channel is no channel that the bot sees: set its id, and invite the bot."
    assert said(world)[sentence] is False


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
    assert said(world, "Jira")["Jira: the last webhook came 0 h ago."] is True
