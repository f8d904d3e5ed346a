"""Masking: a customer's text without the mail addresses, telephone, card and individual numbers that stand in it.

    masked("佐藤です。sato@aoba.example か 090-1234-5678 へ")   "佐藤です。s•••@aoba.example か •••-••••-•••• へ"

Of an address the first letter and the domain stay, of a number its shape; • is no markup anywhere. Twelve digits are an
individual number (マイナンバー) only if the check digit says so, and 13 to 19 digits a card only if theirs does.
Corporate numbers and product codes of 13 digits are public, and stay; so do web addresses, whatever numbers are in
them. What was masked stays as it is.

Each pattern looks at a bounded piece of the text from wherever it begins, so it takes as long as the text is long.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MASK, DIGITS = "•", "0123456789"
HIDDEN_LETTERS = MASK * 3

# -- how people write it, each character for one character ------------------------------------------

_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " ")
_DASHES = dict.fromkeys("‐‑‒–—―⁃−─━﹘﹣ーｰ", "-")
_ADDRESSES = str.maketrans(_WIDTH | _SPACES)
_NUMBERS = str.maketrans(_WIDTH | _SPACES | _DASHES)

# -- addresses --------------------------------------------------------------------------------------

_LOCAL = "A-Za-z0-9._%+-"
#: The part before the @ where a domain follows that ends in letters; lodash@4.17.21 and 3個@500円 are no addresses.
_ADDRESS = re.compile(
    rf"(?<![{_LOCAL}])(?P<first>[._%+-]*+[A-Za-z0-9])[{_LOCAL}]*+(?=@(?![0-9]++\.[0-9])(?:[\w-]++\.)+[A-Za-z]{{2}})"
)

# -- numbers ----------------------------------------------------------------------------------------

#: A number stands alone: no digit, letter or # is beside it (INV-0312345678, UUIDs, decimals), nor masked ones.
_BEFORE = rf"(?<![0-9A-Za-z_#])(?<![0-9A-Za-z_]-)(?<![0-9]\.)(?<!{MASK}{MASK})(?<!{MASK}{MASK}[-.])"
_AFTER = rf"(?![0-9A-Za-z_]|-[0-9A-Za-z_]|\.[0-9]|{MASK}{MASK}|[-.]{MASK}{MASK})"
#: … and groups of four are no part of a longer row of them, though a year may follow; nor is it money.
_ROW_BEFORE, _YEAR = rf"(?<![0-9{MASK}]{{4}}[ -])", rf"[0-9{MASK}]{{4}}(?!年)"
_FOUR, _UNPAID, _NO_MONEY = "[0-9]{4}", "(?<![¥￥$])", "(?! ?円)"
#: What stands between the groups of a telephone number, if anything.
_GAP = r"(?: ?[-().]{1,2} ?| )?"
#: How long the groups may be: 03-1234-5678 … 01234-5-6789, 0120-123-456, and of eleven digits 090-1234-5678, 0800-…
_SHAPES = ((1, 4, 4), (2, 3, 4), (3, 2, 4), (4, 1, 4), (3, 3, 3))
_DOMESTIC = "|".join(
    (
        *(rf"0[1-9][0-9]{{{a - 1}}}\)?{_GAP}[0-9]{{{b}}}{_GAP}[0-9]{{{c}}}" for a, b, c in _SHAPES),
        rf"0[25-9]0\)?{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}",
        rf"0800{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}",
    )
)
#: The same after +81, without the zero or with (0).
_JAPAN = rf"(?:\+ ?|010{_GAP}|00)81{_GAP}(?:\(?0\)?{_GAP})?" + (
    rf"(?:[25-9]0{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|800{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}|"
    + "|".join(
        rf"[1-9]{f'[0-9]{{{a - 1}}}' if a > 1 else ''}\)?{_GAP}[0-9]{{{b}}}{_GAP}[0-9]{{{c}}}" for a, b, c in _SHAPES
    )
    + ")"
)
#: … and after any other country's code: ten digits and more, if they count no money.
_ABROAD = r"\+[1-9](?:[-. ()]{0,2}[0-9]){9,14}(?! ?[円¥%件個点])"
_CARDS = re.compile(
    "4([0-9]{12}|[0-9]{15}|[0-9]{18})|5[0-9]{12,18}|6[0-9]{12,18}|3[47][0-9]{13}|35[0-9]{14,17}|3[0689][0-9]{12,17}"
    "|2[2-7][0-9]{14}"
)
_PHONE_AFTER = rf"(?=[xX][0-9]|ext)|{_AFTER}"
_TITLE = r"(?<![A-Za-z])(?i:tel|fax|phone|mobile)[-.]?"
_CARD = (
    "[2-6][0-9]{12,18}|3[0-9]{3}(?P<by6>[ -])[0-9]{6}(?P=by6)[0-9]{4,5}"
    rf"|{_ROW_BEFORE}[2-6][0-9]{{3}}(?P<by4>[ -]){_FOUR}(?P=by4){_FOUR}(?P=by4){_FOUR}(?!年)"
    rf"(?:(?P=by4)[0-9]{{3}})?(?!(?P=by4){_YEAR})"
)
_MINE = rf"[0-9]{{12}}|{_ROW_BEFORE}{_FOUR}(?P<by>[ -]){_FOUR}(?P=by){_FOUR}(?!(?P=by){_YEAR})"
_NUMBER = re.compile(
    r"(?P<url>(?:https?://|www\.)[!#-&*-;=?-{}~]+)"
    rf"|{_BEFORE}{_UNPAID}(?P<card>{_CARD}){_AFTER}{_NO_MONEY}"
    rf"|{_BEFORE}{_UNPAID}(?P<mine>{_MINE}){_AFTER}{_NO_MONEY}"
    rf"|(?:{_TITLE}|{_BEFORE})(?P<phone>\(?(?:{_DOMESTIC})|{_JAPAN}|{_ABROAD})(?:{_PHONE_AFTER})"
)


def masked(text: str) -> str:
    """The text, with what would reach or name a person behind dots."""
    if "@" in text or "＠" in text:
        text = _replaced(text, text.translate(_ADDRESSES), _ADDRESS, _hidden_local)
    return _replaced(text, text.translate(_NUMBERS), _NUMBER, _hidden_digits)


def _replaced(text: str, plain: str, pattern: re.Pattern[str], hidden: Callable[[str, re.Match[str]], str]) -> str:
    """What is found in the plain spelling is hidden in the text as it was written."""
    pieces, at = [], 0
    for found in pattern.finditer(plain):
        pieces += [text[at : found.start()], hidden(text[found.start() : found.end()], found)]
        at = found.end()
    return "".join([*pieces, text[at:]])


def _hidden_local(written: str, found: re.Match[str]) -> str:
    return written[: len(found["first"])] + HIDDEN_LETTERS


def _hidden_digits(written: str, found: re.Match[str]) -> str:
    if not _PRIVATE[found.lastgroup or ""]("".join(filter(DIGITS.__contains__, found[0]))):
        return written
    return "".join(MASK if plain in DIGITS else as_is for as_is, plain in zip(written, found[0], strict=True))


# -- check digits -----------------------------------------------------------------------------------


def _is_card(digits: str) -> bool:
    """Is this the number of a card: a length and a beginning that are in use, and the check digit of Luhn?"""
    if len(digits) == 13 and (_is_corporate(digits) or _is_product(digits)):
        return False
    if not _CARDS.fullmatch(digits):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_individual(digits: str) -> bool:
    """マイナンバー: https://laws.e-gov.go.jp/law/426M60000008085 (Article 5)."""
    weighed = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(digits[-2::-1], 1))
    return int(digits[-1]) == (0 if weighed % 11 <= 1 else 11 - weighed % 11)


def _is_corporate(digits: str) -> bool:
    """法人番号: the first digit is the check digit. https://www.houjin-bangou.nta.go.jp/setsumei/"""
    weighed = sum(int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(digits[:0:-1], 1))
    return int(digits[0]) == 9 - weighed % 9


def _is_product(digits: str) -> bool:
    """A product code (JAN, EAN)."""
    return sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(digits)) % 10 == 0


_PRIVATE: dict[str, Callable[[str], bool]] = {
    "url": lambda digits: False,
    "card": _is_card,
    "mine": _is_individual,
    "phone": lambda digits: True,
}
