"""The setup page: what is on, what is missing, where webhooks go."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.pages import setup
from integrations.vendor import Finding
from tests.pages.reading import Element, get, press, send
from tests.world import World
from workflows.engine import checks
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.rules.telling import Sending
from workflows.tables.runs import Delivery


def vendor(page: Element, name: str) -> str:
    """The text about one vendor."""
    return next(each.text for each in page.all("section", class_="vendor") if name in each.all("h2")[0].text)


def test_every_address_to_paste(world: World) -> None:
    page = get(world, "/setup")
    for path in ("/webhooks/intercom", "/webhooks/productboard", "/webhooks/jira", "/slack/events", "/webhooks/deploy"):
        assert world.settings.public_url + path in page.text


def test_the_last_webhook_of_each(world: World) -> None:
    assert "受信の記録はまだありません。" in vendor(get(world, "/setup"), "Jira")
    world.move("KNDE-12", "完了")
    assert "最後の受信: たった今" in " ".join(vendor(get(world, "/setup"), "Jira").split())
    assert "直近7日間" not in get(world, "/setup").text


def test_who_told_us_something_once_is_missed_after_seven_days(world: World) -> None:
    world.move("KNDE-12", "完了")
    store.write(lambda session: session.execute(update(Delivery).values(received_at=now_ms() - 8 * DAY_MS)))
    text = " ".join(vendor(get(world, "/setup"), "Jira").split())
    assert "直近7日間の受信はありません。 最後の受信: 8日前" in text and "まだありません" not in text


def test_a_deployment_is_called_so_and_shows_its_last_webhook(world: World) -> None:
    assert "受信の記録はまだありません。" in vendor(get(world, "/setup"), "デプロイ")
    world.deploy.tell("deploy.started", commit="6a5a454")
    world.settle()
    assert "最後の受信: たった今" in " ".join(vendor(get(world, "/setup"), "デプロイ").split())
    assert "Your deployment" in get(world, "/setup?lang=en").text


def test_what_is_off_names_its_variables(world: World) -> None:
    world.app.state.settings = world.settings.model_copy(update={"slack_bot_token": None, "slack_signing_secret": None})
    with world.without("slack"):
        text = vendor(get(world, "/setup"), "Slack")
    assert "未設定" in text and "SLACK_BOT_TOKEN" in text and "SLACK_SIGNING_SECRET" in text
    assert "/slack/events" not in text


def test_half_a_vendor_is_said_to_be_half(world: World) -> None:
    world.app.state.settings = world.settings.model_copy(update={"jira_webhook_secret": None})
    text = vendor(get(world, "/setup"), "Jira")
    assert "設定不足" in text and "JIRA_WEBHOOK_SECRET" in text


@pytest.mark.parametrize("url", ["", "https://yamabiko.example"])
def test_without_an_address_no_webhook_can_come(world: World, url: str) -> None:
    world.app.state.settings = world.settings.model_copy(update={"public_url": url})
    assert ("PUBLIC_URLが設定されていません" in get(world, "/setup").text) == (not url)


def test_how_intercoms_reports_leave_out_what_we_reopen(world: World) -> None:
    assert "[telling]でタグを設定すると" in vendor(get(world, "/setup"), "Intercom")
    with world.rules(sending=Sending(tag="お知らせで再開")):
        assert "タグ「お知らせで再開」が付きます" in vendor(get(world, "/setup"), "Intercom")
        assert "“Conversation tag” “is not” “お知らせで再開”" in vendor(get(world, "/setup?lang=en"), "Intercom")
        assert "お知らせで再開" not in vendor(get(world, "/setup"), "Jira")


def test_the_rules_in_force(world: World) -> None:
    text = get(world, "/rules").text
    assert "文言" in text and "対応しない" in text and "5分ごと" in text


def test_what_was_never_tried_is_not_called_connected(world: World) -> None:
    text = vendor(get(world, "/setup"), "Jira")
    assert "設定済み" in text and "接続中" not in text and "確認済み" not in text


def test_an_operator_has_a_connection_checked(world: World) -> None:
    page = send(world, get(world, "/setup").all("form", action="/setup/intercom/check")[0])
    text = vendor(page, "Intercom")
    assert "確認済み" in text and "最終確認:" in text and "<time" not in text
    assert "INTERCOM_ADMIN_IDは、在籍中のメンバーです。" in text and "「要望」タグ" in text
    assert "INTERCOM_ADMIN_ID is a teammate." in vendor(get(world, "/setup?lang=en"), "Intercom")


def test_what_a_vendor_said_is_still_there_after_a_restart(world: World) -> None:
    send(world, get(world, "/setup").all("form", action="/setup/jira/check")[0])
    assert set(store.read(checks.latest)) == {"jira"}
    checks.keep("jira", [Finding(True, "The token works.")])
    assert "トークンは有効です。" in vendor(get(world, "/setup"), "Jira")


def test_a_token_that_is_wrong_is_an_error_with_what_to_do(world: World) -> None:
    world.intercom._authorization = "Bearer another"
    text = vendor(send(world, get(world, "/setup").all("form", action="/setup/intercom/check")[0]), "Intercom")
    assert "エラー" in text and "Intercomが401を返しました" in text and "アドレスとトークンを確認してください。" in text


def test_a_vendor_that_hangs_is_waited_for_a_while_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PATIENCE", 0.2)
    world.jira.delay = 3.0
    text = vendor(send(world, get(world, "/setup").all("form", action="/setup/jira/check")[0]), "Jira")
    assert "エラー" in text and "0.2秒以内に応答がありませんでした。" in text


def test_a_vendor_that_hangs_does_not_hold_up_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PATIENCE", 0.5)
    world.jira.delay = 2.0
    form = get(world, "/setup").all("form", action="/setup/jira/check")[0]
    for _ in range(3):
        send(world, form)
    monkeypatch.setattr(setup, "PATIENCE", 60)
    text = vendor(send(world, get(world, "/setup").all("form", action="/setup/productboard/check")[0]), "Productboard")
    assert "確認済み" in text or "トークンは有効です。" in text


@pytest.mark.parametrize("who", ["U0TANAKA", "U0MORI"])
def test_others_than_operators_check_nothing(world: World, who: str) -> None:
    world.app.state.demo = None
    world.sign_in(who)
    assert press(world, "/setup/jira/check").status_code == 403
    assert not get(world, "/setup").all("form", action="/setup/jira/check")


def test_there_is_nothing_to_check_at_a_vendor_that_is_none(world: World) -> None:
    assert press(world, "/setup/linear/check").status_code == 404
