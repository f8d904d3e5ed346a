"""What of a customer stands in Slack: what the rules allow, masked, and no name where somebody else reads along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.demo.company import CHANNEL
from integrations.slack import blocks
from integrations.twin import Fault
from tests.world import World
from workflows.enquiry import shown
from workflows.rules import rules
from workflows.rules.enquiry import Enquiry, Route

WHO = ("山本 花子", "青葉製作所", "Enterprise")
FULL, ANONYMOUS = "山本 花子 · 青葉製作所 · Enterprise", "Enterprise"
GUEST, COLLEAGUE = "U0GUEST001", "U0TANAKA"


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """A channel in which a colleague and an app are, and somebody who left; all are remembered by nobody yet."""
    world = World(sqlite_url)
    shown._book.client = None
    world.slack.add_user(GUEST, "外部 さん", "guest@partner.example")
    world.slack.add_user("U0LEFT0001", "元 社員", "left@kanade.example")
    for person in (COLLEAGUE, "U0LEFT0001"):
        world.slack.join(CHANNEL, person)
    world.slack.deactivate("U0LEFT0001")
    yield world
    world.close()


def customer(world: World, channel: str = CHANNEL, **rule: Any) -> str:
    """What stands in a channel under such rules."""
    with world.rules(enquiry=Enquiry(**rule)):
        return shown.customer_for(channel, *WHO)


def asked(world: World) -> int:
    """How often Slack was asked who is in a channel."""
    return sum(route == "POST /api/conversations.members" for route, _ in world.slack.calls)


# -- who reads along --------------------------------------------------------------------------------


def test_where_slack_does_not_say_who_is_there_nobody_is_named(world: World) -> None:
    world.slack.fail("POST /api/conversations.info", *[Fault("500")] * 5)
    assert customer(world) == ANONYMOUS
    world.slack.mend()
    assert customer(world) == ANONYMOUS and asked(world) == 0, "it is not asked again at once"


def test_where_slack_is_off_nobody_is_named(world: World) -> None:
    with world.without("slack"):
        assert customer(world) == ANONYMOUS


def test_in_a_channel_that_the_bot_cannot_see_nobody_is_named(world: World) -> None:
    assert customer(world, "C0NOWHERE1") == ANONYMOUS


def test_in_a_channel_that_is_shared_with_another_company_nobody_is_named(world: World) -> None:
    world.slack.channels[CHANNEL].shared = True
    assert customer(world) == ANONYMOUS


@pytest.mark.parametrize(
    "flags", [{"is_guest": True}, {"is_guest": True, "is_single_channel_guest": True}, {"team_id": "T0PARTNER"}]
)
def test_where_a_guest_or_a_stranger_reads_along_nobody_is_named(world: World, flags: dict[str, Any]) -> None:
    world.slack.join(CHANNEL, GUEST)
    world.slack.estrange(GUEST, **flags)
    assert customer(world) == ANONYMOUS


def test_in_a_channel_of_too_many_people_nobody_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_MEMBERS", 2)
    assert customer(world) == ANONYMOUS


def test_among_colleagues_customers_are_named(world: World) -> None:
    assert customer(world) == FULL


def test_it_is_remembered_and_asked_again_after_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (customer(world), customer(world), asked(world)) == (FULL, FULL, 1)
    world.slack.join(CHANNEL, GUEST)
    world.slack.estrange(GUEST, is_guest=True)
    assert customer(world) == FULL
    for known in list(shown._book.known):
        shown._book.known[known] = replace(shown._book.known[known], until=0.0)
    assert (customer(world), asked(world)) == (ANONYMOUS, 2)


def test_a_direct_message_names_customers_to_colleagues_alone(world: World) -> None:
    world.slack.estrange(GUEST, is_guest=True)
    assert (customer(world, COLLEAGUE), customer(world, GUEST)) == (FULL, ANONYMOUS)


# -- what the rules say -----------------------------------------------------------------------------


def test_names_that_are_allowed_in_a_channel_stand_there_whoever_reads_along(world: World) -> None:
    world.slack.channels[CHANNEL].shared = True
    assert customer(world, routes=(Route(CHANNEL, names=True),)) == FULL
    assert customer(world, routes=(Route("C0OTHER", names=True),)) == ANONYMOUS


def test_names_that_are_forbidden_in_a_channel_never_stand_there(world: World) -> None:
    assert customer(world, routes=(Route(CHANNEL, names=False),)) == ANONYMOUS
    assert asked(world) == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name", "company", "tier"}, FULL),
        ({"company", "tier"}, "青葉製作所 · Enterprise"),
        ({"name"}, "山本 花子"),
        ({"text"}, "お客様"),
        (set(), "お客様"),
    ],
)
def test_only_what_is_on_the_list_stands_there(world: World, fields: set[str], said: str) -> None:
    assert customer(world, fields=frozenset(fields)) == said


def test_whether_a_customer_may_be_named_is_asked_by_name_too(world: World) -> None:
    assert shown.may_name(CHANNEL)
    with world.rules(enquiry=Enquiry(fields=frozenset({"company"}))):
        assert not shown.may_name(CHANNEL)


def test_somebody_who_is_known_by_an_address_only_is_masked_and_everything_is_one_line(world: World) -> None:
    assert (
        shown.customer_for(CHANNEL, "hanako@aoba.example", "青葉\n製作所\u202e", "")
        == "h•••@aoba.example · 青葉 製作所"
    )
    with world.rules(enquiry=Enquiry(mask=False)):
        assert shown.customer_for(CHANNEL, "hanako@aoba.example", "", "") == "hanako@aoba.example"


# -- what they write --------------------------------------------------------------------------------

WORDS = "山本です。hanako@aoba.example か 090-1234-5678 へ。"


def test_words_that_are_not_allowed_are_not_shown(world: World) -> None:
    with world.rules(enquiry=Enquiry(fields=frozenset({"name"}))):
        assert shown.text_for(WORDS) == "(設定により非表示)"


def test_words_are_masked_unless_the_rules_want_them_as_they_are(world: World) -> None:
    assert shown.text_for(WORDS) == "山本です。h•••@aoba.example か •••-••••-•••• へ。"
    with world.rules(enquiry=replace(rules.enquiry, mask=False)):
        assert shown.text_for(WORDS) == WORDS


def test_what_nobody_sees_does_not_keep_a_number_from_being_masked(world: World) -> None:
    assert shown.text_for("090\u200b-1234-\u20605678 ha\u00adnako@aoba.example") == "•••-••••-•••• h•••@aoba.example"


def test_words_are_masked_before_they_are_cut(world: World) -> None:
    cut = shown.text_for(WORDS, most=30)
    assert len(cut) == 30 and cut.endswith("…") and "090" not in cut
    assert shown.text_for("090-1234-5678", most=8) == "•••-•••…"


def test_words_stay_text_where_they_are_quoted(world: World) -> None:
    said = blocks.quote(shown.text_for("<!channel> <https://evil.example|請求書> & *重要*"))
    assert said == "> &lt;!channel&gt; &lt;https://evil.example|請求書&gt; &amp; \u2060*\u2060重要\u2060*\u2060"
