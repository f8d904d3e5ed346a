"""Slack's markup on our own page: nothing that somebody wrote becomes an element, and what Slack shows is shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.slack.mrkdwn import Reader, render
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import read

READER = Reader({"U0MORI": "森 <拓也>", "C0SUPPORT": "サポート"})
ENGLISH = Reader({}, locale="en-US")
MADE = re.compile(r"</?(p|blockquote|pre|b|i|s|code|br|span|a)( [^<>]*)?>")


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
@pytest.mark.parametrize(
    "around", ["{}", "*{}*", "> {}", "```{}```", "`{}`", "<https://x.example|{}>", "<{}>", "<!date^1^{}|{}>", "<@{}>"]
)
def test_whatever_is_written_stays_text(around: str, text: str) -> None:
    check(read(str(render(around.replace("{}", text), READER))))


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="<>|*_~`&;!@#^:/ah\"' \n\0あ", max_size=60))
def test_whatever_is_written_is_escaped(text: str) -> None:
    shown = str(render(text, READER))
    read(shown)
    assert "<" not in MADE.sub("", shown)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "//evil.example", "mailto:a@b"]
)
def test_a_link_leads_to_the_web_or_nowhere(url: str) -> None:
    assert str(render(f"<{url}|読む>", READER)) == "<p>読む</p>"


def test_a_link_takes_no_attribute_along() -> None:
    page = read(str(render('<https://x.example/" onclick="alert(1)|読む>', READER)))
    assert not page.all("a") and page.text == "読む"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*太字* と _斜体_ と ~取り消し~", "<p><b>太字</b> と <i>斜体</i> と <s>取り消し</s></p>"),
        ("*【至急】 a_b_c*", "<p><b>【至急】 a_b_c</b></p>"),
        ("2*3*4 と a_b_c", "<p>2*3*4 と a_b_c</p>"),
        ("* 空白 *", "<p>* 空白 *</p>"),
        ("一行\n二行", "<p>一行<br>二行</p>"),
        ("&gt; 引用\n> 二行\n本文", "<blockquote>引用<br>二行</blockquote><p>本文</p>"),
        ("`a*b*`", "<p><code>a*b*</code></p>"),
        ("```\n*a*\n```", "<pre>*a*</pre>"),
        ("&lt;b&gt; &amp;lt; &quot;", "<p>&lt;b&gt; &amp;lt; &amp;quot;</p>"),
        ("<@U0MORI> <@U9>", '<p><span class="mention">@森 &lt;拓也&gt;</span> <span class="mention">@U9</span></p>'),
        ("<#C0SUPPORT>", '<p><span class="mention">#サポート</span></p>'),
        (
            "<!channel> <!subteam^S1|@sales>",
            '<p><span class="mention">@channel</span> <span class="mention">@sales</span></p>',
        ),
        ("*担当: <@U0MORI>*", '<p><b>担当: <span class="mention">@森 &lt;拓也&gt;</span></b></p>'),
    ],
)
def test_what_slack_shows_is_shown(text: str, shown: str) -> None:
    assert str(render(text, READER)) == shown


def test_a_link_has_its_label() -> None:
    [link] = read(str(render("<https://x.example/?a=1&amp;b=2|A&amp;B>", READER))).all("a")
    assert (link.attributes["href"], link.text) == ("https://x.example/?a=1&b=2", "A&B")
    assert link.attributes["rel"] == "noreferrer noopener external"


@pytest.mark.parametrize(
    ("form", "japanese", "english"),
    [
        ("{date_num} {time}", "2026-11-26 06:05", "2026-11-26 6:05 AM"),
        ("{date}", "2026年11月26日", "November 26, 2026"),
        ("{date_short_pretty}", "2026/11/26", "Nov 26, 2026"),
        ("{date_long}", "2026年11月26日 木曜日", "Thursday, November 26, 2026"),
        ("{time_secs} {nothing}", "06:05:00 {nothing}", "06:05:00 {nothing}"),
    ],
)
def test_moments_are_the_readers(form: str, japanese: str, english: str) -> None:
    text = f"<!date^1795640700^{form}|later>"
    assert render(text, READER).striptags() == japanese
    assert render(text, ENGLISH).striptags() == english


def test_a_moment_that_is_none_is_its_fallback() -> None:
    assert render("<!date^soon^{time}|後で>", READER).striptags() == "後で"
