"""Masked is what reaches or names a person, however it is written; all other text stays as it was."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.language.masking import DIGITS, MASK, masked


def luhn(digits: str) -> str:
    """The check digit of a card."""
    doubled = [int(digit) * (2 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def individual(eleven: str) -> str:
    """The check digit of an individual number, as the ordinance writes it: P by place from the right, Q beside it."""
    weights = {n: n + 1 if n <= 6 else n - 5 for n in range(1, 12)}
    rest = sum(int(eleven[11 - n]) * weights[n] for n in weights) % 11
    return str(0 if rest <= 1 else 11 - rest)


#: As it is written, and as it is shown.
HIDDEN = {
    "taro.yamada+crm@aoba.co.jp": "t•••@aoba.co.jp",
    "メールはtaro@aoba.exampleまで": "メールはt•••@aoba.exampleまで",
    "<mailto:a@b.com|a@b.com>": "<mailto:a•••@b.com|a•••@b.com>",
    "ＴＡＲＯ＠ａｏｂａ．ｊｐ": "Ｔ•••＠ａｏｂａ．ｊｐ",
    "taro@日本語.jp": "t•••@日本語.jp",
    "_taro_@aoba.jp、0901234@b.ne.jp": "_t•••@aoba.jp、0•••@b.ne.jp",
    "o'brien@aoba.jp": "o'b•••@aoba.jp",
    "TEL03-1234-5678": "TEL••-••••-••••",
    "Fax. 045(123)4567": "Fax. •••(•••)••••",
    "(03)1234-5678": "(••)••••-••••",
    "（０３）１２３４－５６７８": "（••）••••－••••",
    "0422ー12ー3456": "••••ー••ー••••",
    "01234-5-6789": "•••••-•-••••",
    "電話0312345678です": "電話••••••••••です",
    "090 1234 5678": "••• •••• ••••",
    "090　1234　5678": "•••　••••　••••",
    "•070-1234-5678": "••••-••••-••••",
    "03-1234-5678,090.1234.5678": "••-••••-••••,•••.••••.••••",
    "050‐1234–5678": "•••‐••••–••••",
    "0120-123-456/0800-123-4567": "••••-•••-•••/••••-•••-••••",
    "0120-12-3456 0570-012-345": "••••-••-•••• ••••-•••-•••",
    "+81 90 1234 5678": "+•• •• •••• ••••",
    "+81-(0)3-1234-5678": "+••-(•)•-••••-••••",
    "＋819012345678": "＋••••••••••••",
    "010-81-3-1234-5678": "•••-••-•-••••-••••",
    "+1 (415) 555-0100": "+• (•••) •••-••••",
    "03-1234-5678x12": "••-••••-••••x12",
    "https://aoba.jp/xへ090-1234-5678": "https://aoba.jp/xへ•••-••••-••••",
    "123456789018": "••••••••••••",
    "１２３４　５６７８　９０１８": "••••　••••　••••",
    "1234-5678-9018、": "••••-••••-••••、",
    "1234 5678 9018 2026年": "•••• •••• •••• 2026年",
    "4123 4567 8901 2026年": "•••• •••• •••• 2026年",
    "4111 1111 1111 1111": "•••• •••• •••• ••••",
    "4111-1111-1111-1111 12/29": "••••-••••-••••-•••• 12/29",
    "378282246310005": "•••••••••••••••",
    "3782 822463 10005": "•••• •••••• •••••",
    "5555555555554444です": "••••••••••••••••です",
}
#: What people write beside it, letter for letter.
SHOWN = (
    "請求書 FB-12、KNDE-1234、INV-0312345678、#0312345678",
    "2026-03-12 09:00-18:00、2026/03/12、03-12-2026、令和8年3月12日",
    "¥1,234,567 1,200円 123456789018円 ￥123456789018 +1234567890円 3.0312345678",
    "v3.11.10 10.0.12.34 192.168.100.200 lodash@4.17.21 node@20.1.0",
    "550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e",
    "https://aoba.jp/items/0312345678?card=4111111111111111 www.aoba.jp/0312345678",
    "https://medium.com/@taro.yamada/x @sato さん 3個@500円 5@500.50",
    "注文番号 123456789012、1234-5678-9012",
    "4111111111111112 4111 1111 1111 1112 1234 5678 9018 1234",
    "T7000012050002 7000012050002 4901234567894",
    "〒150-0001 110番 119 0120 24時間365日",
    "20261129234127 1732900000000 1732900000.123456 215469012345678",
    "• 一つめ •• 二つめ",
)


@pytest.mark.parametrize("written", HIDDEN)
def test_hidden(written: str) -> None:
    assert masked(written) == HIDDEN[written]


@pytest.mark.parametrize("written", SHOWN)
def test_shown(written: str) -> None:
    assert masked(written) == written


# -- whatever the number ----------------------------------------------------------------------------

SEEDS = range(200)


def digits(dice: random.Random, n: int) -> str:
    return "".join(dice.choice(DIGITS) for _ in range(n))


@pytest.mark.parametrize("separator", ["", " ", "-", "－", "　"])
def test_of_numbers_of_twelve_digits_those_are_hidden_whose_check_digit_holds(separator: str) -> None:
    for seed in SEEDS:
        eleven = digits(random.Random(seed), 11)
        for last in DIGITS:
            number = eleven + last
            written = f"番号は{separator.join((number[:4], number[4:8], number[8:]))}です"
            holds = last == individual(eleven)
            assert (masked(written) != written) == holds, written
            assert MASK in masked(written) or not holds


@pytest.mark.parametrize(
    ("beginning", "length"), [("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("3528", 16), ("36", 14), ("62", 19)]
)
def test_of_numbers_of_cards_those_are_hidden_whose_check_digit_holds(beginning: str, length: int) -> None:
    for seed in SEEDS:
        body = beginning + digits(random.Random(seed), length - 1 - len(beginning))
        for last in DIGITS:
            assert (masked(body + last) != body + last) == (last == luhn(body)), body + last


def test_numbers_of_companies_stay_even_where_they_could_be_a_card() -> None:
    could_be, seen = 0, 0
    for seed in range(3000):
        twelve = "4" + digits(random.Random(seed), 11)
        weighed = sum(int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(reversed(twelve), 1))
        number = f"{9 - weighed % 9}{twelve}"
        seen += 1
        could_be += number[0] == "4" and luhn(number[:-1]) == number[-1]
        assert masked(number) == number
    assert seen == 3000 and could_be > 0


@pytest.mark.parametrize("beginning", ["070", "080", "090", "050"])
def test_every_mobile_number_is_hidden_however_it_is_written(beginning: str) -> None:
    ways: tuple[Callable[[str, str, str], str], ...] = (
        "{}{}{}".format,
        "{}-{}-{}".format,
        "{}－{}－{}".format,
        "{} {} {}".format,
        "{}({}){}".format,
        "({}) {}-{}".format,
        "{}ー{}ー{}".format,
        lambda first, *rest: f"+81{first[1:]}{''.join(rest)}",
        lambda first, *rest: f"+81 {first[1:]}-{'-'.join(rest)}",
    )
    for seed in SEEDS:
        dice = random.Random(seed)
        for way in ways:
            written = way(beginning, digits(dice, 4), digits(dice, 4))
            assert not set(masked(f"連絡先：{written}（携帯）")) & set(DIGITS), written


PIECES = st.sampled_from(
    [
        *(
            "a",
            "Z",
            "0",
            "03",
            "1234",
            "5678",
            "9018",
            "090",
            "4111",
            "1111",
            "+81",
            "(",
            ")",
            "-",
            ".",
            " ",
            "　",
            "@",
        ),
        *(
            "•",
            "••",
            "aoba.jp",
            "x@y.com",
            "https://",
            "TEL",
            "円",
            "年",
            "ー",
            "－",
            "０９０",
            "\n",
            "/",
            "#",
            "_",
            "%",
        ),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_masked_again_it_stays_as_it_is(written: str) -> None:
    once = masked(written)
    assert masked(once) == once


@given(st.text("あいう、。 abcXYZ\n-._/#", max_size=80))
def test_text_without_digits_and_addresses_stays(written: str) -> None:
    assert masked(written) == written


# -- hostile ----------------------------------------------------------------------------------------

HOSTILE = (
    *("0", "0 ", "0-", "1-", "1 ", "a", "@", "a@", "a@b.", "a-", ".", "(0", "0(3)", "+1", "+1 ", "+81(", "010", "•"),
    *("1234 ", "4111 1111 1111 1111 ", "03-1234-567", "090 1234 567 ", "tel", "http://", "a.b@1.1.", "日@日.", "ー"),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_text_that_is_longer_by_so_much_is_looked_at_as_often(piece: str) -> None:
    """It comes to an end: anything more than linear would not, for as long as this."""
    written = piece * (400_000 // len(piece))
    assert len(masked("あ" + written)) > 0
