"""Messages in Chatwork's notation: whatever anybody writes, nobody is notified but whom we name."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.chatwork import notation
from integrations.chatwork.notation import PARTS, carries, info, marker, mention, message, plain, reply, title, words
from integrations.chatwork.twin.notified import notified
from tests.integrations.chatwork_spec import needs_samples, sample

LINK = "https://yamabiko.example/volume/alerts/17"
EVERYBODY = range(1, 50)
TAGS = (
    *("[To:1]", "[toall]", "[ToAll]", "[rp aid=2 to=3-4]", "[/info]", "[/title]", "[/code]", "[/qt]", "[hr]"),
    *("[info]", "[title]", "[qt][qtmeta aid=1 time=1]", "[ To : 1 ]", "[task aid=1 st=open lt=1]", "[To:", ":1]"),
    *("https://", "http://x.example/?q[]=1", "\n", "\t", "\0", "\u202e", "\u2029", "\ud800", "［To:1］", LINK),
)
#: What somebody writes who wants to do harm, or nothing at all.
hostile = st.lists(st.sampled_from(TAGS) | st.text(max_size=12), max_size=8).map("".join)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["", "https://a.example/b c", "https://a.example/[1]", "https://a.example/#2", "a\nb"])
def test_a_link_that_cannot_be_found_again_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match="cannot be found again"):
        message("日報", [plain("本文")], link)


def test_a_block_with_a_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="a block holds a tag"):
        message("日報", [mention("1")], LINK)


@pytest.mark.parametrize("id", ["", "1]", "x", "٣", "1" * 21, "-1"])
def test_what_is_no_number_is_nobodys(id: str) -> None:
    with pytest.raises(ValueError, match="is no number of Chatwork's"):
        mention(id)
    with pytest.raises(ValueError, match="is no number of Chatwork's"):
        reply("1", id, "3", plain("対応中"))


# -- nobody writes a tag but us -------------------------------------------------------------------


@pytest.mark.fault("F69")
@given(hostile)
def test_no_text_leaves_a_bracket_or_a_character_that_hides(text: str) -> None:
    for said in (plain(text), words(text, 40), title(text)):
        assert not set(said) & {"[", "]"}
        assert not [each for each in said if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") and each != "\n"]
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", said)
        assert notified(said, EVERYBODY) == set()
    assert "\n" not in title(text)
    assert plain(plain(text)) == plain(text)


@pytest.mark.fault("F69")
@given(hostile, hostile, hostile, hostile)
def test_whatever_stands_where_exactly_the_named_are_notified(name: str, head: str, one: str, other: str) -> None:
    parts = message(head, [plain(one), words(other, 60)], LINK, to=[mention("7", name), mention("8")], more=head)
    assert [notified(part, EVERYBODY) for part in parts] == [{7, 8}]
    assert whole(parts[0])
    assert notified(reply("9", "3", "4", plain(one)), EVERYBODY) == {9}


@given(hostile)
def test_an_address_of_a_strangers_is_no_link(text: str) -> None:
    assert not re.search("https?://", words(text, 10_000), re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[To:1]社長", "［To:1］社長"),
        ("a[0] https://example.jp/?q[]=1", "a［0］ https://example.jp/?q%5B%5D=1"),
        ("一行目\r\n二行目\r三行目", "一行目\n二行目\n三行目"),
        ("【重要】(bow) :)", "【重要】(bow) :)"),
        ("列\tの間", "列 の間"),
    ],
)
def test_what_is_harmless_stays_as_it_was(text: str, said: str) -> None:
    assert plain(text) == said


@needs_samples
def test_the_samples_are_made_harmless_as_they_say() -> None:
    for case in sample("representative.notation_escaping")["cases"]:
        made = title(case["input"]) if case.get("where") == "as a title" else plain(case["input"])
        assert made == case["output"], case


# -- long and short -------------------------------------------------------------------------------


def test_a_short_message_is_one_frame_with_its_link() -> None:
    [said] = message("日報 11月20日", [plain("返事待ち 12件"), plain("[承認] 7社")], LINK, to=[mention("7", "佐藤")])
    assert said == f"[To:7]佐藤\n[info][title]日報 11月20日[/title]返事待ち 12件[hr]［承認］ 7社\n{LINK}[/info]"


def test_what_nobody_said_anything_about_is_its_link_alone() -> None:
    assert message("日報", [], LINK) == (f"[info][title]日報[/title]{LINK}[/info]",)


@given(
    st.lists(st.integers(0, 30_000), max_size=12),
    st.sampled_from(["あ", "a", "𩸽", "[", "https://x.example/[["]),
)
def test_a_long_message_comes_in_whole_parts_that_fit(lengths: list[int], letter: str) -> None:
    blocks = [plain(letter * (length // len(letter))) for length in lengths]
    parts = message("とても長い日報", blocks, LINK, more="（続きは画面で）")
    assert 1 <= len(parts) <= PARTS
    for number, part in enumerate(parts, 1):
        assert len(part) <= notation.CHARACTERS and len(part.encode()) <= notation.BYTES
        assert whole(part) and carries(part, marker(LINK, number))
        assert (f"({number}/{len(parts)})" in part) is (len(parts) > 1)
        others = [each for each in range(1, PARTS + 1) if each != number]
        assert not [each for each in others if carries(part, marker(LINK, each))]


def test_what_does_not_fit_is_said_to_be_left_out() -> None:
    parts = message("日報", [plain("あ" * 12_000)] * 5, LINK, more="（続きは画面で）")
    assert [("（続きは画面で）" in part) for part in parts] == [False, False, True]
    assert "（続きは画面で）" not in "".join(message("日報", [plain("あ" * 12_000)] * 3, LINK, more="（続きは画面で）"))


@pytest.mark.parametrize("after", ["", "[/info]", "\n", " ", "（本日）", "、"])
def test_a_marker_is_found_where_it_ends(after: str) -> None:
    assert carries(f"くわしく: {LINK}{after}", LINK)


@pytest.mark.parametrize("after", ["0", "#2", "/timeline", "?of=1", "-1", "%20"])
def test_another_address_that_begins_alike_is_not_taken_for_it(after: str) -> None:
    assert not carries(f"[info]{LINK}{after}[/info]", LINK)


def test_a_title_is_one_short_line() -> None:
    assert info("件名\n[To:1]", plain("本文")) == "[info][title]件名 ［To:1］[/title]本文[/info]"
    assert len(title("あ" * 200)) == 80


def test_a_long_quotation_says_that_there_is_more() -> None:
    assert words("あ" * 50, 20, "…（続きは画面で）") == "あ" * 11 + "…（続きは画面で）"


def whole(said: str) -> bool:
    """Does every tag that opens close again, in its turn, and is every bracket one of a tag of ours?"""
    opened = []
    for slash, name in re.findall(r"\[(/?)(\w+)[^\[\]]*\]", said):
        if slash:
            if not opened or opened.pop() != name:
                return False
        elif name in ("info", "title"):
            opened.append(name)
    return not opened and said.count("[") == said.count("]") == len(re.findall(r"\[/?\w+(?::\d+)?\]", said))
