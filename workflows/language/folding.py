"""Folding: texts as people compare them. サーバー, ｻｰﾊﾞ and さーば are one word, and so are ㈱, （株） and 株式会社.

    fold("（株）ＡＢＣの サーバー")   "株式会社abcの さば"
    folded, places = unfold(text)     the same, and where in the text each of its characters begins
    span(places, 3, 5)                which part of the text stands behind folded[3:5]

A text is folded in two steps, each piece by piece, so that `unfold` can follow every piece back:
a character with its marks on its own (width, case, kana, dashes, spaces, old forms of kanji), then what depends on its
neighbours (long vowels, ヴァ, companies' forms). What only changes a letter for another one comes last.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

#: Marks that belong to the character before them: half width ﾞﾟ too, and jamo that follow jamo.
MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f\u1160-\u11ff\u20d0-\u20ff"
#: A character and its marks; so many at the most that nobody makes us fold a page of marks at once.
CLUSTER = re.compile(f".[{MARKS}]{{0,8}}", re.DOTALL)

DASHES = dict.fromkeys("‐‑‒–—―⁃−─━﹘﹣", "-")
TILDES = dict.fromkeys("〜∼", "~")
#: Forms of kanji that names are written with, although most people type the other one.
KANJI = dict(zip("髙﨑德邊邉齋齊斉濵濱澤櫻廣國眞惠嶋澁瀧邨", "高崎徳辺辺斎斎斎浜浜沢桜広国真恵島渋滝村", strict=True))
KATAKANA = {chr(code): chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
OLD_VA = dict(zip("ヷヸヹヺ", "ばびべぼ", strict=True))
ALONE = str.maketrans({**DASHES, **TILDES, **KANJI, **KATAKANA, **OLD_VA})

#: Of characters beside each other: what they become.
COMPANIES = {"(株)": "株式会社", "(有)": "有限会社", "(同)": "合同会社"}
VA = {"ゔぁ": "ば", "ゔぃ": "び", "ゔぅ": "ぶ", "ゔぇ": "べ", "ゔぉ": "ぼ"}
VA |= {"ゔゃ": "びゃ", "ゔゅ": "びゅ", "ゔょ": "びょ", "ゔ": "ぶ"}
TOGETHER = re.compile(
    "(?P<vowel>(?<=[ぁ-ゖゝゞ])ー+)|(?P<dash>ー)|(?P<va>ゔ[ぁぃぅぇぉゃゅょ]?)|(?P<space> {2,})"
    "|(?P<company>\\([株有同]\\))|(?P<months>(?<=[0-9一二三四五六七八九十数何])け(?=[月所国年]))"
)

#: キヤノン and キャノン, 1ヶ月 and 1か月, つづく and つずく.
LETTERS = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖぢづゐゑ", "あいうえおつやゆよわかかじずいえ")


def fold(text: str) -> str:
    """A text as it is compared with others; never shown."""
    alone = "".join(map(_alone, CLUSTER.findall(text)))
    return TOGETHER.sub(_together, alone).translate(LETTERS)


def unfold(text: str) -> tuple[str, list[int]]:
    """A text folded, and for each of its characters, and its end, the place in the text where it comes from."""
    pieces = [(_alone(found[0]), found.start()) for found in CLUSTER.finditer(text)]
    alone = "".join(piece for piece, _ in pieces)
    places = [start for piece, start in pieces for _ in piece]
    folded: list[str] = []
    come_from: list[int] = []
    for piece, start in _neighbours(alone):
        folded.append(piece)
        come_from += [places[start]] * len(piece)
    return "".join(folded).translate(LETTERS), [*come_from, len(text)]


def span(places: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """The part of a text behind a part of it folded, whole characters, with what was dropped after them."""
    last = places[end - 1]
    while places[end] == last:
        end += 1
    return places[start], places[end]


def grams(folded: str, n: int) -> list[str]:
    """All runs of n characters within its words, in their order; a shorter word is its own."""
    words = folded.split()
    return [word[at : at + n] for word in words for at in range(max(len(word) - n, 0) + 1)]


def _neighbours(alone: str) -> Iterator[tuple[str, int]]:
    """The pieces of the second step, and where in the first step's text each begins."""
    at = 0
    for found in TOGETHER.finditer(alone):
        yield from zip(alone[at : found.start()], range(at, found.start()), strict=True)
        yield _together(found), found.start()
        at = found.end()
    yield from zip(alone[at:], range(at, len(alone)), strict=True)


def _together(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "va":
            return VA[found[0]]
        case "company":
            return COMPANIES[found[0]]
        case kind:
            return {"dash": "-", "space": " ", "months": "か"}.get(kind or "", "")


@lru_cache(maxsize=1 << 15)
def _alone(cluster: str) -> str:
    """One character with its marks: its width, its case, and one of the many ways to write it."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    return "".join(_visible(character) for character in plain.translate(ALONE))


def _visible(character: str) -> str:
    """A space for all that is blank, nothing for what has no width at all."""
    kind = unicodedata.category(character)
    if kind in ("Cf", "Cs") or 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
        return ""
    return " " if kind in ("Cc", "Zs", "Zl", "Zp") else character
