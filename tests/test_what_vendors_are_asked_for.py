"""One truth about topics, rights and variables: what stories act on, what `check` wants, what the READMEs and Slack's
manifest ask for."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from integrations import SOURCES, VENDORS, jira, slack
from integrations.contract import Headers
from tests.door import PAYLOADS, ROOT
from workflows.routes import acts_on

MANIFEST = yaml.safe_load((ROOT / "integrations/slack/slack-manifest.yaml").read_text(encoding="utf-8"))
#: How each vendor names its topics; in which place of both READMEs it is set up.
TOPICS = {
    "intercom": r"(?:conversation|contact|admin)[\w.]*\.\w+",
    "productboard": r"(?:note|insight|feature)\.\w+",
    "jira": r"(?:jira:|comment_)\w+",
}
PLACES = {"intercom": 2, "productboard": 3, "jira": 4, "slack": 5, "deploy": 7, "zendesk": 10, "counts": 11}
#: What a permission at Jira is called where it is given.
RIGHTS = {
    "BROWSE_PROJECTS": ("Browse projects", "プロジェクトの閲覧"),
    "LINK_ISSUES": ("Link issues", "課題のリンク"),
    "CREATE_ISSUES": ("Create issues", "課題の作成"),
}
OTHER_RIGHTS = ("Add comments", "コメントの追加", "Edit issues", "課題の編集")


def place(readme: str, vendor: str) -> str:
    """Where a README tells how to set this vendor up: a number of the list, or the section of the vendor's own."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    if readme.startswith("integrations"):
        [found] = re.findall(r"^## Set(?:ting)? it up\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    else:
        number = PLACES[vendor]
        [found] = re.findall(rf"^{number}\. \*\*.*?(?=^{number + 1}\. )", text, re.MULTILINE | re.DOTALL)
    return str(found)


def readmes(vendor: str) -> tuple[str, ...]:
    return "README.md", "README.ja.md", f"integrations/{vendor}/README.md"


def acted_on(vendor: str) -> set[str]:
    """The topics of those payloads after which a story follows."""
    found = set()
    for path in (PAYLOADS / vendor).glob("*.json"):
        delivery = SOURCES[vendor].parse(Headers([(b"content-type", b"application/json")]), path.read_bytes())
        if acts_on(delivery.event):
            found.add(delivery.topic)
    return found


def wanted(vendor: str) -> set[str]:
    """What `check` and `subscribe` count on."""
    events: tuple[str, ...] = VENDORS[vendor].EVENTS  # type: ignore[attr-defined]
    assert len(events) == len(set(events))
    return set(events)


@pytest.mark.parametrize("vendor", TOPICS)
def test_check_wants_the_topics_that_stories_act_on(vendor: str) -> None:
    assert wanted(vendor) == acted_on(vendor)


@pytest.mark.parametrize(("vendor", "readme"), [(vendor, readme) for vendor in TOPICS for readme in readmes(vendor)])
def test_the_readmes_name_these_topics_and_no_others(vendor: str, readme: str) -> None:
    said = set(re.findall(rf"`({TOPICS[vendor]})`", place(readme, vendor)))
    assert said == wanted(vendor)


def test_slacks_manifest_subscribes_to_what_stories_act_on_and_asks_for_what_check_wants() -> None:
    settings: dict[str, Any] = MANIFEST["settings"]
    assert set(settings["event_subscriptions"]["bot_events"]) == set(slack.setup.EVENTS)
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == slack.setup.SCOPES


@pytest.mark.parametrize("readme", readmes("jira"))
def test_the_readmes_ask_for_the_rights_that_check_wants(readme: str) -> None:
    text = place(readme, "jira")
    language = 1 if readme.endswith(".ja.md") else 0
    assert [name for name, words in RIGHTS.items() if words[language] in text] == list(jira.setup.RIGHTS)
    assert not [words for words in OTHER_RIGHTS if words in text]


@pytest.mark.parametrize("vendor", [name for name in VENDORS if name in SOURCES])
def test_every_variable_stands_in_the_vendors_readme(vendor: str) -> None:
    text = (ROOT / f"integrations/{vendor}/README.md").read_text(encoding="utf-8")
    assert [name for name in VENDORS[vendor].Settings.model_fields if name.upper() not in text] == []


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
@pytest.mark.parametrize("vendor", PLACES)
def test_every_variable_that_is_needed_stands_where_the_vendor_is_set_up(vendor: str, readme: str) -> None:
    setup, text = VENDORS[vendor], place(readme, vendor)
    needed = {setup.SWITCH, *setup.NEEDS[setup.SWITCH]}
    assert [name for name in needed if name.upper() not in text] == []
    assert vendor != "jira" or "JIRA_SITE_URL" in text  # else links lead to the gateway
