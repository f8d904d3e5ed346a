"""What a text is about: the signs that two texts have in common when they ask for much the same.

    signs("部署を表示")      {"#27": 2.0, "表": 1.0, "示": 1.0, "~部": 0.3, "~署": 0.3, "~表": 0.3, "~示": 0.3}

Signs are meanings (`language.synonyms`) and letters: kanji, pairs of katakana, and words in others. Hiragana is
grammar and courtesy, and is left out, but for words with a meaning.

Letters speak twice. Where no meaning spoke for them, they stand beside the meanings, and are rare or common among such
letters only: 部 is rare where nobody says 部署. And all letters of a text speak once more in a lower voice (`~部`), so
that the same word tells more than another one with its meaning, and so that wishes are found in whose matter the
synonyms know only the words that all wishes have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import sqrt

from workflows.language.folding import fold, unfold
from workflows.language.synonyms import MEANINGS

#: How much each kind of sign says; the more meanings a word has, the less each of them.
MEANING, KANJI, KATAKANA, WORD = 2.0, 1.0, 0.4, 1.0
#: How much of it a letter says once more, whatever its meaning; and the mark of letters that do.
AGAIN, LETTER = 0.3, "~"
#: Of a long text only the beginning is read: so many characters.
LONGEST = 2_000

Signs = dict[str, float]
#: For each first character: the words that begin with it, the longest first, and what they mean.
Words = Mapping[str, list[tuple[str, tuple[str, ...]]]]

_KATAKANA = re.compile("[ァ-ヿ\uff66-\uff9f]")
_RUNS = re.compile("漢+|カ+|w+")


@cache
def _words() -> Words:
    return words_of(MEANINGS)


def words_of(meanings: Iterable[str]) -> Words:
    """The words of these lines, each of which is one meaning."""
    words: dict[str, list[str]] = {}
    for number, line in enumerate(meanings):
        for word in line.split():
            words.setdefault(fold(word), []).append(meaning(number))
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        found.setdefault(word[0], []).append((word, tuple(words[word])))
    return found


def meaning(number: int) -> str:
    """The sign of what a line means."""
    return f"#{number}"


def signs(text: str, known: Words | None = None) -> Signs:
    """What a text is about, and how much each of it says."""
    folded, places = unfold(text[:LONGEST])
    scripts = "".join(_script(text[place], sign) for place, sign in zip(places, folded, strict=False))
    found: Signs = {}
    spoken = [False] * len(folded)
    for start, end, meanings in _meanings(folded, _words() if known is None else known):
        worth = MEANING / sqrt(len(meanings))
        found |= {sign: max(worth, found.get(sign, 0.0)) for sign in meanings}
        spoken[start:end] = [True] * (end - start)
    for start, end, weight in _pieces(scripts):
        piece = folded[start:end]
        found[LETTER + piece] = max(weight * AGAIN, found.get(LETTER + piece, 0.0))
        if not any(spoken[start:end]):
            found[piece] = max(weight, found.get(piece, 0.0))
    return found


def _meanings(folded: str, known: Words) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The words with a meaning, none inside of another one."""
    at = 0
    while at < len(folded):
        for word, meanings in known.get(folded[at], ()):
            if folded.startswith(word, at) and _is_whole(folded, at, at + len(word)):
                yield at, at + len(word), meanings
                at += len(word)
                break
        else:
            at += 1


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Does no Latin word go on to the left or to the right of this one? `id` is not in `android`."""
    return not (_is_inside(folded, start) or _is_inside(folded, end))


def _is_inside(folded: str, at: int) -> bool:
    beside = folded[max(at - 1, 0) : at + 1]
    return len(beside) == 2 and beside.isascii() and beside.isalnum()


def _pieces(scripts: str) -> Iterator[tuple[int, int, float]]:
    """Where the signs are that have no meaning for us: each kanji, each pair of katakana, each other word."""
    for run in _RUNS.finditer(scripts):
        start, end = run.span()
        match run[0][0]:
            case "漢":
                yield from ((at, at + 1, KANJI) for at in range(start, end))
            case "カ":
                yield from ((at, at + 2, KATAKANA) for at in range(start, end - 1))
            case _:
                yield start, end, WORD


def _is_kanji(sign: str) -> bool:
    return "一" <= sign <= "鿿" or sign in "々〆" or "\u3400" <= sign <= "䶿"


def _script(written: str, sign: str) -> str:
    """The script in which a character was written, a blank for what is no letter: 漢 · カ · ひ · w."""
    if not sign.isalnum():
        return " "
    if _is_kanji(sign):
        return "漢"
    if _KATAKANA.match(written):
        return "カ"
    return "ひ" if "ぁ" <= sign <= "ゟ" else "w"
