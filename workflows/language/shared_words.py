"""Words that two texts have in common, as the first writes them: why they are taken for much the same. Pure.

shared_words("CSVに部署コードを出したい", "部署コードの列をcsvに")      ("CSV", "部署", "コード")
"""

from __future__ import annotations

import re
import unicodedata

from workflows.language.folding import fold

#: Kanji, katakana, Latin words: what carries meaning, of at least two letters.
_WORD = re.compile("[一-鿿々]{2,}|[ァ-ヺー]{2,}|[A-Za-z][A-Za-z0-9]+")
#: What nearly every wish says.
_COMMON = frozenset(
    fold(word)
    for line in (
        "機能 画面 場合 可能 対応 表示 設定 追加 希望 要望 現在 必要 利用 使用 方法 時間 今回 以前 毎回",
        "弊社 当社 御社 確認 検討 予定",
        "the and for that with can not are you our have please would like want need able could when there this from",
    )
    for word in line.split()
)
LONGEST, MOST = 2_000, 3


def shared_words(one: str, other: str, most: int = MOST) -> tuple[str, ...]:
    """The words that both say, in the first one's order and writing; none that nearly every wish says."""
    there = {fold(word) for word in _words(other)} - _COMMON
    found = {fold(word): word for word in reversed(_words(one))}
    return tuple(word for folded, word in reversed(found.items()) if folded in there)[:most]


def _words(text: str) -> list[str]:
    """Its words; those in half width are widened, as a sign with its mark is two there."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:LONGEST]))
