"""What people wrote in Slack, as plain text: nothing of Slack's own marks is left, and nothing typed is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.slack import plain
from integrations.slack.blocks import escape

NAMES = {"U0SATO": "佐藤 健"}


def text(mrkdwn: str) -> str:
    return plain.text(mrkdwn, lambda id: NAMES.get(id, ""))


@pytest.mark.parametrize(
    ("mrkdwn", "expected"),
    [
        ("", ""),
        ("<@U0SATO>さん", "@佐藤 健さん"),
        ("<@U0NOBODY> <@U0GONE|kato>", "@U0NOBODY @kato"),
        ("<https://a.example/x?a=1&amp;b=2|手順>です", "https://a.example/x?a=1&b=2です"),
        ("<https://a.example>", "https://a.example"),
        ("<mailto:a@b.example|a@b.example> <tel:0312345678|03-1234-5678>", "a@b.example 0312345678"),
        ("<#C0SUPPORT|support> <#C0OTHER>", "#support #C0OTHER"),
        ("<!here> <!channel|@channel> <!subteam^S1|@sales> <!subteam^S2>", "@here @channel @sales @subteam"),
        ("<!date^1795996513^{date}|11月30日>", "11月30日"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        (":tada: *太字* _斜体_ `x`\n&gt; 引用", ":tada: *太字* _斜体_ `x`\n> 引用"),
        ("1 < 2, <>", "1 < 2, <>"),
    ],
)
def test_marks_become_what_they_stand_for(mrkdwn: str, expected: str) -> None:
    assert text(mrkdwn) == expected


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs"))))
def test_what_somebody_typed_comes_back_as_it_was(typed: str) -> None:
    assert text(escape(typed)) == escape(typed).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("hostile", ["<" * 100_000, "<@" * 50_000, "<@U0SATO" * 20_000, "&amp;" * 50_000])
def test_no_message_takes_long(hostile: str) -> None:
    assert text(hostile)
