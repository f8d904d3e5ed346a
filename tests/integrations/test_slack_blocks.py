"""Messages that Slack accepts and that say only what we meant: untrusted text stays text, long text is cut."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as TheirBlock

from app.demo.slack.mrkdwn import Reader, render, unescaped
from integrations.slack import blocks
from integrations.slack.blocks import Block
from integrations.slack.twin.blocks import problems

# -- untrusted text -------------------------------------------------------------------------------

HOSTILE = {
    "<!channel> 至急": "&lt;!channel&gt; 至急",
    "<!here|here>": "&lt;!here|here&gt;",
    "<!subteam^S012ABC>": "&lt;!subteam^S012ABC&gt;",
    "<@U0SATOMI01>": "&lt;@U0SATOMI01&gt;",
    "<https://evil.example|https://bank.example>": "&lt;https://evil.example|https://bank.example&gt;",
    "R&D &lt;!channel&gt;": "R&amp;D &amp;lt;!channel&amp;gt;",
    "請求書\u202egpj.exe": "請求書gpj.exe",
    "<\u200b!channel>": "&lt;!channel&gt;",
    "pass\u200bword\u2060\ufeff": "password",
    "ベル\a\x1b[31m\0": "ベル[31m",
    "一行目\r\n二行目\r三行目\u2028四行目": "一行目\n二行目\n三行目\n四行目",
    "half \ud83d": "half ",
    "表\tと\n改行": "表\tと\n改行",
}


@pytest.mark.fault("F69")
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_untrusted_text_stays_text(hostile: str) -> None:
    assert blocks.escape(hostile) == HOSTILE[hostile]


@pytest.mark.fault("F69")
@given(st.text())
def test_no_text_can_become_markup(text: str) -> None:
    escaped = blocks.escape(text)
    assert not set("<>") & set(escaped)
    assert re.sub("&(amp|lt|gt);", "", escaped).count("&") == 0


#: Slack's marks, in the places where people write them.
MARKED = st.lists(
    st.one_of(
        st.sampled_from("*_~`＊＿｀"),
        st.sampled_from(["```", "\n> ", "\n＞", " ", "\n", "(", "、", "a", "あ", "1"]),
        st.text(),
    )
).map("".join)
#: What Slack takes for the border of a word: an edge, a space (also one of no width), punctuation of ASCII.
BORDER = r"(?:^|$|[\s\u200b!-/:-@\[-`{-~])"
MARK = re.compile(rf"{BORDER}[*_~`＊＿｀]|[*_~`＊＿｀]{BORDER}", re.MULTILINE)


@pytest.mark.fault("F69")
@pytest.mark.parametrize(
    "mark",
    ["*急ぎ*", "_急ぎ_", "~急ぎ~", "`急ぎ`", "```急ぎ```", "＊急ぎ＊", "＿急ぎ＿", "｀急ぎ｀", "> 急ぎ", "＞急ぎ"],
)
def test_marks_that_a_customer_typed_are_letters(mark: str) -> None:
    assert not MARK.search(blocks.escape(f"{mark}です (例: {mark})\n{mark}"))
    assert "<p>" + html.escape(mark) + "</p>" == _shown(blocks.escape(mark)).replace(blocks.JOINER, "")


@pytest.mark.fault("F69")
@given(MARKED)
def test_no_mark_is_left_and_everything_is_read_as_it_was_typed(text: str) -> None:
    escaped = blocks.escape(text)
    assert not MARK.search(escaped) and not re.search("^(?:&gt;|＞)", escaped, re.MULTILINE)
    assert unescaped(blocks.without_joiners(escaped)) == blocks.clean(text)
    bold = _shown(f"*{blocks.escape(' '.join(f'x{text}x'.split()))}* y")
    assert bold.startswith("<p><b>x") and bold.endswith("x</b> y</p>") and bold.count("<") == 4


@pytest.mark.fault("F69")
@given(MARKED)
def test_no_mark_is_left_in_quotations_and_labels(text: str) -> None:
    shown = _shown(blocks.quote(text))
    assert shown.startswith("<blockquote>") and not re.search("<(?!/?blockquote>|br>)", shown)
    label = blocks.without_joiners(blocks.link("https://yamabiko.example/a_b/*", text))
    assert label.startswith("<https://yamabiko.example/a_b/*") and not MARK.search(blocks.link("", text))


@pytest.mark.parametrize(
    "name", ["https://a.example/csv_export_v2?utf_8=1", "user_name@a.example", ":white_check_mark:"]
)
def test_names_and_addresses_can_be_copied_as_they_are(name: str) -> None:
    assert blocks.escape(name) == name


def _shown(mrkdwn: str) -> str:
    return str(render(mrkdwn, Reader({})))


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://files.example", "https://a.example|b", "https://a.example> <!channel", "", "/p/1"],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert blocks.link(url, "受付票") == "受付票"


def test_label_cannot_leave_its_link() -> None:
    assert (
        blocks.link("https://yamabiko.example/feedback/1?a=1&b=2", "見る> <!channel>\n今すぐ")
        == "<https://yamabiko.example/feedback/1?a=1&amp;b=2|見る&gt; &lt;!channel&gt; 今すぐ>"
    )


def test_link_without_label_shows_its_address() -> None:
    assert blocks.link("https://yamabiko.example/", " ") == "<https://yamabiko.example/>"


def test_date_is_shown_in_the_readers_zone_with_a_fallback() -> None:
    assert blocks.date(1_795_226_640, "2026/11/21(土) 14:04 <JST>") == (
        "<!date^1795226640^{date_short_pretty} {time}|2026/11/21(土) 14:04 &lt;JST&gt;>"
    )


def test_quotation_marks_every_line_and_nothing_else() -> None:
    assert blocks.quote("印刷が\n<遅い>") == "> 印刷が\n> &lt;遅い&gt;"


def test_text_that_looks_like_an_address_is_not_linked() -> None:
    assert blocks.section("https://evil.example")["text"]["verbatim"] is True


# -- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "path", "limit"),
    [
        (blocks.section("あ" * 9000), ("text",), 3000),
        (blocks.small("あ" * 9000), ("elements", 0), 3000),
        (blocks.header("あ" * 900), ("text",), 150),
        (blocks.actions(blocks.button("あ" * 900, "a", "v")), ("elements", 0, "text"), 75),
    ],
    ids=["section", "context", "header", "button"],
)
def test_long_text_is_cut_with_an_ellipsis(block: Block, path: tuple[Any, ...], limit: int) -> None:
    text: Any = block
    for step in path:
        text = text[step]
    assert len(text["text"]) == limit
    assert text["text"].endswith("あ…")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("12345678", "12345678"),
        ("123456789", "1234567…"),
        ("12345&amp;9", "12345…"),
        ("1&amp;78901", "1&amp;7…"),
        ("A & B はふたつです", "A & B は…"),
        ("12 <@U0SATOMI01>", "12…"),
        ("12 <https://a.example|x>", "12…"),
        ("<!date^1^{time}|x> y", "…"),
        ("1 < 3 と 5", "1 < 3 と…"),
    ],
)
def test_nothing_is_cut_in_half(text: str, cut: str) -> None:
    assert blocks.cut(text, 8) == cut


@pytest.mark.parametrize("nothing", ["", "   ", "\n", "\u200b"])
def test_empty_text_becomes_a_dash_because_slack_refuses_it(nothing: str) -> None:
    text = blocks.escape(nothing)
    message = [blocks.section(text), blocks.header(nothing), blocks.small(text), blocks.small()]
    assert problems(message) == []
    assert message[0]["text"]["text"] == "–"


def test_too_many_pieces_of_small_print_end_in_an_ellipsis() -> None:
    elements = blocks.small(*"abcdefghijk")["elements"]
    assert [element["text"] for element in elements] == [*"abcdefghi", "…"]


def test_too_many_blocks_end_in_an_ellipsis() -> None:
    fitted = blocks.fit([blocks.section(str(number)) for number in range(51)])
    assert len(fitted) == 50
    assert fitted[48] == blocks.section("48")
    assert fitted[49] == blocks.small("…")


def test_fifty_blocks_stay_as_they_are() -> None:
    fifty = [blocks.section(str(number)) for number in range(50)]
    assert blocks.fit(fifty) == fifty


@pytest.mark.parametrize(
    "arguments", [("a" * 256, "v", ""), ("a", "v" * 2001, ""), ("a", "v", "https://" + "u" * 3000)]
)
def test_identifiers_are_never_cut(arguments: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="are allowed"):
        blocks.button("引き受ける", *arguments)


@pytest.mark.parametrize("count", [0, 26])
def test_row_of_no_or_too_many_buttons_is_a_mistake_of_ours(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 25 are allowed"):
        blocks.actions(*[blocks.button("押す", f"a{number}", "v") for number in range(count)])


def test_button_carries_what_comes_back() -> None:
    assert blocks.button(
        "引き受ける", "acknowledge", "escalation-31", "https://yamabiko.example/", style="primary"
    ) == {
        "type": "button",
        "text": {"type": "plain_text", "text": "引き受ける"},
        "action_id": "acknowledge",
        "value": "escalation-31",
        "url": "https://yamabiko.example/",
        "style": "primary",
    }


@pytest.mark.parametrize("text", ["統合", "あ" * 4000, "", "<!channel>\n*至急*"])
def test_what_is_asked_before_a_button_counts_fits_and_is_plain(text: str) -> None:
    confirm = blocks.confirm(text, text, text, text)
    assert problems([blocks.actions(blocks.button("同じ", "same", "1", confirm=confirm))]) == []
    assert {part["type"] for part in confirm.values()} == {"plain_text"}


def test_button_leaves_out_what_it_was_not_given() -> None:
    assert set(blocks.button("引き受ける", "acknowledge", "")) == {"type", "text", "action_id"}


@given(st.text(max_size=4000), st.lists(st.text(), max_size=12))
def test_whatever_people_write_slack_accepts_the_message(text: str, pieces: list[str]) -> None:
    message = [
        blocks.section(blocks.quote(text)),
        blocks.header(text),
        blocks.small(*[blocks.escape(piece) for piece in pieces]),
        blocks.actions(blocks.button(text, "acknowledge", "escalation-31")),
    ]
    assert problems(message) == []


# -- what the twin refuses ------------------------------------------------------------------------


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def option(text: str = "a", value: str = "v") -> Block:
    return {"text": plain(text), "value": value}


def select(**changes: Any) -> Block:
    return {"type": "static_select", "action_id": "s", "options": [option()]} | changes


def acting(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


#: Each is one step over a limit; the same block one step lower is fine.
LIMITS: dict[str, tuple[Any, str]] = {
    "section text": (
        lambda over: {"type": "section", "text": {"type": "mrkdwn", "text": "x" * (3000 + over)}},
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "section fields": (
        lambda over: {"type": "section", "fields": [plain("x")] * (10 + over)},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "header text": (
        lambda over: {"type": "header", "text": plain("x" * (150 + over))},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "context elements": (
        lambda over: {"type": "context", "elements": [plain("x")] * (10 + over)},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "actions": (
        lambda over: acting(*[{"type": "button", "action_id": str(n), "text": plain("x")} for n in range(25 + over)]),
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "button text": (
        lambda over: acting({"type": "button", "action_id": "a", "text": plain("x" * (75 + over))}),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    "button value": (
        lambda over: acting({"type": "button", "action_id": "a", "text": plain("x"), "value": "x" * (2000 + over)}),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "action_id": (
        lambda over: acting({"type": "button", "action_id": "a" * (255 + over), "text": plain("x")}),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    "options": (
        lambda over: acting(select(options=[option(value=str(number)) for number in range(100 + over)])),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "option text": (
        lambda over: acting(select(options=[option("x" * (75 + over))])),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    "option value": (
        lambda over: acting(select(options=[option(value="x" * (150 + over))])),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    "placeholder": (
        lambda over: acting(select(placeholder=plain("x" * (150 + over)))),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]",
    ),
    "overflow": (
        lambda over: acting(select(type="overflow", options=[option(value=str(number)) for number in range(5 + over)])),
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "input label": (
        lambda over: {
            "type": "input",
            "label": plain("x" * (2000 + over)),
            "element": {"type": "plain_text_input", "action_id": "a"},
        },
        "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
    ),
    "confirm title": (
        lambda over: acting(
            {
                "type": "button",
                "action_id": "a",
                "text": plain("x"),
                "confirm": {
                    "title": plain("x" * (100 + over)),
                    "text": plain("x"),
                    "confirm": plain("はい"),
                    "deny": plain("いいえ"),
                },
            }
        ),
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    "markdown": (
        lambda over: {"type": "markdown", "text": "x" * (12_000 + over)},
        "must be less than 12001 characters [json-pointer:/blocks/0/text]",
    ),
}
#: Limits that slack_sdk does not check when it reads blocks.
UNKNOWN_TO_SDK = ("option text", "option value")


@pytest.mark.parametrize("name", LIMITS)
def test_twin_refuses_one_step_over_a_limit(name: str) -> None:
    build, message = LIMITS[name]
    assert problems([build(0)]) == []
    assert problems([build(1)]) == [f"[ERROR] {message}"]


@pytest.mark.parametrize("name", LIMITS)
def test_slacks_own_library_draws_the_same_line(name: str) -> None:
    build, _ = LIMITS[name]
    assert accepted_by_sdk(build(0))
    assert name in UNKNOWN_TO_SDK or not accepted_by_sdk(build(1))


def accepted_by_sdk(block: Block) -> bool:
    from slack_sdk.errors import SlackObjectFormationError

    parsed = TheirBlock.parse(block)
    assert parsed is not None
    try:
        parsed.to_dict()
    except SlackObjectFormationError:
        return False
    return True


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"type": "poster"}, "unsupported type: poster [json-pointer:/blocks/0/type]"),
        ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
        ({"type": "section", "text": "x"}, "must be a text object [json-pointer:/blocks/0/text]"),
        (
            {"type": "section", "text": plain("")},
            "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
            "must be a plain_text object [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "section", "text": plain("x") | {"verbatim": True}},
            "no more fields allowed: verbatim [json-pointer:/blocks/0/text]",
        ),
        (acting(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
        (
            acting({"type": "plain_text_input", "action_id": "a"}),
            "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            acting(*[{"type": "button", "action_id": "a", "text": plain("x")}] * 2),
            "`action_id` a already exists [json-pointer:/blocks/0/elements]",
        ),
        (
            acting({"type": "button", "action_id": "a", "text": plain("x"), "style": "green"}),
            "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            {"type": "image", "image_url": "https://a.example"},
            "missing required field: alt_text [json-pointer:/blocks/0]",
        ),
        ({"type": "image", "alt_text": "x"}, "either image_url or slack_file is required [json-pointer:/blocks/0]"),
        ({"type": "input", "label": plain("x")}, "missing required field: element [json-pointer:/blocks/0]"),
    ],
)
def test_twin_refuses_misshapen_blocks(block: Block, message: str) -> None:
    assert problems([block]) == [f"[ERROR] {message}"]


@pytest.mark.parametrize("not_blocks", [{}, "text", 7])
def test_twin_refuses_what_is_no_list_of_blocks(not_blocks: Any) -> None:
    assert problems(not_blocks) == ["[ERROR] must be an array [json-pointer:/blocks]"]


def test_twin_refuses_two_blocks_of_one_name_and_blocks_that_are_none() -> None:
    divider = {"type": "divider", "block_id": "b"}
    assert problems([divider, divider]) == ["[ERROR] `block_id` b already exists [json-pointer:/blocks]"]
    assert problems([7]) == ["[ERROR] must be an object [json-pointer:/blocks/0]"]


def test_twin_refuses_more_blocks_than_the_surface_holds() -> None:
    too_many = [{"type": "divider"}] * 51
    assert problems(too_many) == ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"]
    assert problems(too_many, most=100) == []
