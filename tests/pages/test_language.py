"""In which language and looks a reader gets a page."""

from __future__ import annotations

import pytest

from tests.pages.reading import get
from tests.world import World


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("", "ja"), ("ja,en;q=0.5", "ja"), ("en-US,en;q=0.9,ja;q=0.1", "ja"), ("en-US,en;q=0.9", "en"), ("fr", "ja")],
)
def test_japanese_unless_only_english_is_understood(sqlite_world: World, accepts: str, language: str) -> None:
    [html] = get(sqlite_world, "/", accept_language=accepts).all("html")
    assert html.attributes["lang"] == language


def test_a_choice_is_remembered(sqlite_world: World) -> None:
    assert "What customers" not in get(sqlite_world, "/board").text
    assert "Conversations" in get(sqlite_world, "/board?lang=en").text
    assert "Conversations" in get(sqlite_world, "/board").text
    assert "会話" in get(sqlite_world, "/board?lang=ja").text


@pytest.mark.parametrize("theme", ["auto", "dark", "light"])
def test_the_looks_can_be_chosen(sqlite_world: World, theme: str) -> None:
    [html] = get(sqlite_world, f"/setup?theme={theme}").all("html")
    assert html.attributes["data-theme"] == theme
    [html] = get(sqlite_world, "/board").all("html")
    assert html.attributes["data-theme"] == theme


@pytest.mark.parametrize("path", ["/", "/deliveries?kind=runs&state=dead", "/setup", "/nowhere"])
def test_each_page_offers_the_other_language_of_itself(sqlite_world: World, path: str) -> None:
    page = get(sqlite_world, path, 404 if path == "/nowhere" else 200)
    [link] = page.all("a", hreflang="en")
    assert link.attributes["href"].startswith(path + ("&" if "?" in path else "?"))
    assert link.attributes["href"].endswith("lang=en")


def test_a_customers_words_say_their_language(sqlite_world: World) -> None:
    sqlite_world.wish(sqlite_world.chat("Could you add the department code?"))
    sqlite_world.wish(0)
    page = get(sqlite_world, "/board?lang=en")
    languages = {words.text[:5]: words.attributes.get("lang") for words in page.all("q")}
    assert languages == {"Could": None, "勤怠データ": "ja"}


def test_no_english_is_left_on_a_japanese_page(sqlite_world: World) -> None:
    sqlite_world.wish(0)
    for path in ("/", "/feedback/1", "/deliveries", "/setup", "/escalations", "/companies", "/owners", "/measures"):
        text = get(sqlite_world, path).text
        for word in ("Filed", "wish ", "Reopen", "Draft", "Connections", "Deliver", "Conversations"):
            assert word not in text, (path, word)
