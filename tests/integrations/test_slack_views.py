"""Modals that Slack accepts whatever they are made of, and that come back as we sent them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.views import View as TheirView

from integrations.slack import blocks, views
from integrations.slack.blocks import Block
from integrations.slack.twin.views import problems

OPTIONS = [("now", "至急"), ("today", "本日中"), ("week", "今週中")]
LONG = "あ" * 9000

Make = Callable[[str, str], Block]
#: Every kind of input, by its block and its label.
INPUTS: dict[str, Make] = {
    "text_input": views.text_input,
    "choice": lambda block_id, label: views.choice(block_id, label, OPTIONS),
    "menu": lambda block_id, label: views.menu(block_id, label, OPTIONS),
    "typeahead": lambda block_id, label: views.typeahead(block_id, label, placeholder="会社名を入力"),
    "user_select": views.user_select,
    "date_input": views.date_input,
}


def form(*inputs: Block, **more: Any) -> Block:
    return views.modal("judge", "解約リスク", inputs, submit="記録する", close="あとで", **more)


def refused_by_slack(view: Block) -> list[str]:
    """What Slack's own library and the twin have against a view."""
    try:
        TheirView(**view).validate_json()
    except SlackObjectFormationError as error:
        return [str(error), *problems(view)]
    return problems(view)


# -- what would come back as something else is never cut ------------------------------------------

TOO_LONG: dict[str, Callable[[], Any]] = {
    "form": lambda: views.modal("f" * 256, "題", [blocks.section("本文")], submit="送る", close="やめる"),
    "context": lambda: form(views.user_select("a", "担当者"), about="c" * 3001),
    "block_id": lambda: views.text_input("b" * 256, "要点"),
    "value of a choice": lambda: views.choice("a", "緊急度", [("v" * 151, "至急")]),
    "value of a suggestion": lambda: views.options([("v" * 151, "ひかり食品")]),
    "value at first": lambda: views.typeahead("a", "会社", placeholder="会社名", initial=("v" * 151, "ひかり食品")),
    "blocks": lambda: form(*(views.text_input(str(number), "要点") for number in range(101))),
    "options": lambda: views.choice("a", "緊急度", [(str(number), "至急") for number in range(11)]),
    "options of a menu": lambda: views.menu("a", "緊急度", [(str(number), "至急") for number in range(101)]),
    "value of a menu": lambda: views.menu("a", "緊急度", [("v" * 151, "至急")]),
    "text": lambda: views.text_input("a", "経緯", longest=3001),
}


@pytest.mark.parametrize("what", TOO_LONG)
def test_what_comes_back_is_never_cut(what: str) -> None:
    with pytest.raises(ValueError, match="are allowed"):
        TOO_LONG[what]()


NEVER_SENT: dict[str, Callable[[], Any]] = {
    "no blocks": form,
    "two blocks of one name": lambda: form(views.user_select("a", "担当者"), views.text_input("a", "要点")),
    "no name": lambda: views.text_input("", "要点"),
    "no options": lambda: views.choice("a", "緊急度", []),
    "an option without a value": lambda: views.choice("a", "緊急度", [("", "至急")]),
    "none of the options": lambda: views.choice("a", "緊急度", OPTIONS, initial="later"),
    "a menu without options": lambda: views.menu("a", "分野", []),
    "none of a menu's options": lambda: views.menu("a", "分野", OPTIONS, initial="later"),
    "a text of nothing": lambda: views.text_input("a", "経緯", longest=0),
    "a day in words": lambda: views.date_input("a", "期日", initial="明日"),
    "a day in other digits": lambda: views.date_input("a", "期日", initial="２０２６-11-30"),
    "a day and more": lambda: views.date_input("a", "期日", initial="2026-11-30\n"),
    "errors without one": lambda: views.errors({}),
}


@pytest.mark.parametrize("what", NEVER_SENT)
def test_what_slack_would_refuse_is_not_built(what: str) -> None:
    with pytest.raises(ValueError):
        NEVER_SENT[what]()


# -- what people read is cut ----------------------------------------------------------------------


def text_at(block: Block, *path: str | int) -> str:
    value: Any = block
    for step in path:
        value = value[step]
    return str(value)


LONG_FORM = views.modal("escalate", LONG, [blocks.section(LONG)], submit=LONG, close=LONG)
CUT = [
    (LONG_FORM, ("title", "text"), 24),
    (LONG_FORM, ("submit", "text"), 24),
    (LONG_FORM, ("close", "text"), 24),
    (views.notice(LONG, [], close=LONG), ("title", "text"), 24),
    (views.notice(LONG, [], close=LONG), ("close", "text"), 24),
    (views.text_input("a", LONG), ("label", "text"), 2000),
    (views.text_input("a", "経緯", hint=LONG), ("hint", "text"), 2000),
    (views.text_input("a", "経緯", placeholder=LONG), ("element", "placeholder", "text"), 150),
    (views.text_input("a", "経緯", initial=LONG), ("element", "initial_value"), 3000),
    (views.text_input("a", "要点", initial=LONG, longest=150), ("element", "initial_value"), 150),
    (views.typeahead("a", "会社", placeholder=LONG), ("element", "placeholder", "text"), 150),
    (
        views.typeahead("a", "会社", placeholder="x", initial=("1", LONG)),
        ("element", "initial_option", "text", "text"),
        75,
    ),
    (views.choice("a", "緊急度", [("now", LONG)]), ("element", "options", 0, "text", "text"), 75),
    (views.choice("a", "緊急度", [("now", LONG)], initial="now"), ("element", "initial_option", "text", "text"), 75),
    (
        views.choice("a", "緊急度", [("now", "今")], notes={"now": LONG}),
        ("element", "options", 0, "description", "text"),
        75,
    ),
    (views.options([("1", LONG)]), ("options", 0, "text", "text"), 75),
    (views.errors({"gist": LONG}), ("errors", "gist"), 2000),
]


@pytest.mark.parametrize(("block", "path", "limit"), CUT, ids=[f"{path[-2:]}-{limit}" for _, path, limit in CUT])
def test_what_people_read_is_cut_with_an_ellipsis(block: Block, path: tuple[str | int, ...], limit: int) -> None:
    text = text_at(block, *path)
    assert (len(text), text[-2:]) == (limit, "あ…")


def test_exactly_as_much_as_fits_is_not_cut() -> None:
    view = views.modal(
        "f" * 255, "題" * 24, [views.text_input("b" * 255, "要" * 2000)], submit="送" * 24, close="や" * 24
    )
    assert (view["title"]["text"], view["submit"]["text"]) == ("題" * 24, "送" * 24)
    assert refused_by_slack(view) == []
    assert views.options([("v" * 150, "ひ" * 75)])["options"][0]["text"]["text"] == "ひ" * 75


def test_a_hundred_suggestions_are_shown_and_no_more() -> None:
    found = views.options([(str(number), f"{number}番目の会社") for number in range(150)])
    assert [option["value"] for option in found["options"]] == [str(number) for number in range(100)]
    assert views.options([]) == {"options": []}


def test_notice_that_is_too_long_ends_in_an_ellipsis() -> None:
    long = views.notice("経緯", [blocks.section(str(number)) for number in range(101)], close="閉じる")
    assert (len(long["blocks"]), long["blocks"][99]) == (100, blocks.small("…"))
    assert refused_by_slack(long) == []


def test_notice_of_nothing_is_a_notice_all_the_same() -> None:
    assert refused_by_slack(views.notice("経緯", [], close="閉じる")) == []


# -- what Slack accepts ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("label", ["緊急度", "", "<!channel> *至急*", "a\n\nb", "\u202e\0\ud83d", LONG])
def test_slack_accepts_every_input_whatever_its_label(kind: str, label: str) -> None:
    assert refused_by_slack(form(INPUTS[kind]("urgency", label))) == []


@pytest.mark.parametrize("kind", INPUTS)
def test_an_element_is_named_as_its_block(kind: str) -> None:
    block = INPUTS[kind]("urgency", "緊急度")
    assert (block["type"], block["block_id"], block["element"]["action_id"]) == ("input", "urgency", "urgency")
    assert "optional" not in block


def test_slack_accepts_inputs_that_are_filled_in() -> None:
    view = form(
        views.typeahead("company", "会社", placeholder="会社名", initial=("12", "ひかり食品"), hint="名前の一部でも"),
        views.choice("urgency", "緊急度", OPTIONS, initial="today", optional=True, hint="迷ったら本日中"),
        views.text_input("gist", "要点", initial="納品データが開けない", placeholder="一文で", longest=150),
        views.text_input("history", "経緯", initial="一行目\n二行目", multiline=True, hint="時刻も", optional=True),
        views.menu("skill", "分野", OPTIONS, initial="today", hint="シフト中の人数"),
        views.user_select("person", "担当者", initial="U0TANAKA02", optional=True, hint="社内の方"),
        views.date_input("next_date", "期日", initial="2026-11-30", optional=True, hint="空欄でも"),
        about="ack:31",
    )
    assert refused_by_slack(view) == []
    assert (view["type"], view["callback_id"], view["private_metadata"]) == ("modal", "judge", "ack:31")
    elements = {block["block_id"]: block["element"] for block in view["blocks"]}
    assert elements["company"]["initial_option"]["value"] == "12"
    assert elements["company"]["min_query_length"] == 1
    for name in ("urgency", "skill"):
        assert elements[name]["initial_option"] in elements[name]["options"]
    assert (elements["gist"]["multiline"], elements["history"]["multiline"]) == (False, True)
    assert elements["history"]["initial_value"] == "一行目\n二行目"
    assert (elements["person"]["initial_user"], elements["next_date"]["initial_date"]) == ("U0TANAKA02", "2026-11-30")
    assert [block["block_id"] for block in view["blocks"] if block.get("optional")] == [
        *("urgency", "history", "person", "next_date"),
    ]


def test_slack_accepts_what_stands_below_a_choice_also_where_it_is_chosen_at_first() -> None:
    made = views.choice(
        "same", "同じ要望", [("new", "新しい"), ("7", "FB-7")], initial="7", notes={"7": "可能性が高い"}
    )
    assert refused_by_slack(form(made)) == []
    new, seven = made["element"]["options"]
    assert "description" not in new and seven["description"]["text"] == "可能性が高い"


def test_what_is_not_given_is_not_sent() -> None:
    """Slack refuses empty texts, and an empty value at first would be one."""
    assert views.text_input("gist", "要点") == {
        "type": "input",
        "block_id": "gist",
        "label": {"type": "plain_text", "text": "要点"},
        "element": {"type": "plain_text_input", "action_id": "gist", "multiline": False, "max_length": 3000},
    }
    assert views.user_select("person", "担当者")["element"] == {"type": "users_select", "action_id": "person"}
    assert views.date_input("day", "期日")["element"] == {"type": "datepicker", "action_id": "day"}
    assert "private_metadata" not in form(views.user_select("person", "担当者"))
    assert not {"submit", "callback_id"} & views.notice("経緯", [blocks.section("本文")], close="閉じる").keys()


@pytest.mark.parametrize(
    ("initial", "multiline", "shown"),
    [
        ("一行目\n二行目\r\n三行目", True, "一行目\n二行目\n三行目"),
        ("一行目\n二行目", False, "一行目 二行目"),
        ("請求書\u202egpj.exe\0", True, "請求書gpj.exe"),
        ("half \ud83d", False, "half"),
        ("<!channel> & *b*", False, "<!channel> & *b*"),  # plain text: shown as it is, and sent back as it is
    ],
)
def test_what_stands_in_a_field_at_first_is_what_people_can_see(initial: str, multiline: bool, shown: str) -> None:
    block = views.text_input("history", "経緯", initial=initial, multiline=multiline)
    assert block["element"]["initial_value"] == shown
    assert refused_by_slack(form(block)) == []


@pytest.mark.parametrize("nothing", ["", " ", "\n", "\u200b"])
def test_field_that_would_hold_nothing_visible_starts_empty(nothing: str) -> None:
    assert "initial_value" not in views.text_input("gist", "要点", initial=nothing)["element"]


words = st.text(st.characters(codec=None))


@given(words, words, words, words, words)
def test_slack_accepts_any_words(title: str, label: str, hint: str, initial: str, option: str) -> None:
    view = views.modal(
        "escalate",
        title,
        [
            views.text_input(
                "history", label, initial=initial, hint=hint, placeholder=label, multiline=True, longest=40
            ),
            views.choice("urgency", label, [("now", option)], initial="now"),
            views.typeahead("company", label, placeholder=hint, initial=("12", option)),
        ],
        submit=title,
        close=title,
    )
    assert refused_by_slack(view) == []


# -- answers --------------------------------------------------------------------------------------


def test_errors_stand_under_their_inputs() -> None:
    assert views.errors({"gist": "一文でお書きください。", "company": ""}) == {
        "response_action": "errors",
        "errors": {"gist": "一文でお書きください。", "company": "–"},
    }


def test_form_gives_way_to_another_view() -> None:
    view = views.notice("受け付けました", [blocks.section("担当者に知らせました。")], close="閉じる")
    assert views.replace(view) == {"response_action": "update", "view": view}


def test_suggestions_tell_value_and_text() -> None:
    assert views.options([("12", "ひかり食品"), ("new:みなと物産", "新しい会社")]) == {
        "options": [
            {"text": {"type": "plain_text", "text": "ひかり食品"}, "value": "12"},
            {"text": {"type": "plain_text", "text": "新しい会社"}, "value": "new:みなと物産"},
        ]
    }


# -- one upon another -----------------------------------------------------------------------------


def test_a_view_is_laid_upon_another_and_both_close_together() -> None:
    view = form(views.text_input("text", "送信する文"))
    assert views.push(view) == {"response_action": "push", "view": view}
    assert views.clear() == {"response_action": "clear"}


def test_a_field_with_suggestions_may_stay_empty() -> None:
    field = views.typeahead("know_how", "定型文", placeholder="一部を入力", optional=True)
    assert field["optional"] is True and not refused_by_slack(form(field))
    assert "optional" not in views.typeahead("company", "会社", placeholder="会社名")
