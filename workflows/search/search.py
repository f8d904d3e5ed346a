"""Search: find what was said, wished, decided or escalated, however it was typed.

    search('給与 明細')              both words       search('"給与 明細"')     side by side, as they stand
    search("税", kinds=["wish"], company_id="c1", since=…, until=…, before=results.next)

The newest come first: whoever searches knows a word of it, and most often it was lately.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from workflows.engine.store import store
from workflows.language.folding import fold, span, unfold
from workflows.search import documents
from workflows.search.documents import KINDS, Wanted
from workflows.tables.search import Document

#: A query's length, and its words.
LONGEST, MOST_WORDS = 200, 10
#: Letters of a result that are shown: before the first hit, and altogether.
BEFORE, SHOWN = 40, 160
#: Letters of a text in which a hit is looked for first: following every letter back takes a while.
NEAR = 4000
#: A phrase in quotation marks of any kind, or a word. The brackets of Japanese quotations are not part of a word.
TERMS = re.compile(r'["“”„＂]([^"“”„＂]*)["“”„＂]?|([^\s"“”„＂]+)')
BRACKETS = "「」『』、。，"

TOO_LONG = "This search is too long: use up to {most} characters and {words} words."
NO_WORD = "This contains no letters to search for."


@dataclass(frozen=True)
class Piece:
    """A part of a text that is shown; is it what was searched for?"""

    text: str
    is_hit: bool = False


@dataclass(frozen=True)
class Hit:
    """A document that was found: what is shown of its text, of who wrote it and of their company."""

    document: Document
    excerpt: tuple[Piece, ...]
    who: tuple[Piece, ...]
    company: tuple[Piece, ...]


@dataclass(frozen=True)
class Results:
    """A page of what was found. `next`: what comes after it (`before`), 0 if that is all."""

    hits: tuple[Hit, ...]
    next: int
    words: tuple[str, ...]


def search(
    query: str,
    *,
    kinds: Sequence[str] = (),
    company_id: str = "",
    who: str = "",
    since: int = 0,
    until: int = 0,
    before: int = 0,
    most: int = 50,
) -> Results:
    """What holds every word of the query and fits the filters, the newest first."""
    words = words_of(query)
    wanted = Wanted(words, [kind for kind in kinds if kind in KINDS], company_id, who, since, until, before)
    found = store.read(partial(documents.find, wanted=wanted, most=most + 1))
    following = found[most - 1].id if len(found) > most else 0
    return Results(tuple(_hit(document, words) for document in found[:most]), following, tuple(words))


def shown(found: Sequence[Document]) -> tuple[Hit, ...]:
    """Documents that were found by what they are called: no word is marked in them."""
    return tuple(_hit(document, ()) for document in found)


def problem(query: str) -> str:
    """What is wrong with a query, as a sentence; "" if nothing is, or if there is none."""
    if len(query) > LONGEST or len(words_of(query)) > MOST_WORDS:
        return TOO_LONG
    return NO_WORD if query.strip() and not words_of(query) else ""


def words_of(query: str) -> list[str]:
    """The words and phrases of a query, folded, each once."""
    typed = [phrase or word.strip(BRACKETS) or word for phrase, word in TERMS.findall(query)]
    return list(dict.fromkeys(word for each in typed if (word := fold(each).strip())))


def _hit(document: Document, words: Sequence[str]) -> Hit:
    return Hit(
        document,
        excerpt(document.text, words),
        tuple(pieces(document.who, _hits(document.who, words))),
        tuple(pieces(document.company, _hits(document.company, words))),
    )


def excerpt(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """A part of the text as it was typed, around the first hit; every hit in it is marked."""
    hits = _hits(text[:NEAR], words) or _hits(text, words)
    first = hits[0][0] if hits else 0
    begin = max(0, first - BEFORE) if first + BEFORE > SHOWN else 0
    end = max(begin + SHOWN, hits[0][1] if hits else 0)
    inside = [(max(left, begin), min(right, end)) for left, right in hits if left < end and right > begin]
    shown = pieces(text[begin:end], [(left - begin, right - begin) for left, right in inside])
    return tuple([*([Piece("…")] if begin else []), *shown, *([Piece("…")] if end < len(text) else [])])


def _hits(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in a text as it was typed: in order, and none over another."""
    folded, places = unfold(text)
    there = [found.span() for word in words for found in re.finditer(re.escape(word), folded)]
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(span(places, begin, end) for begin, end in there):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def pieces(text: str, hits: Sequence[tuple[int, int]]) -> list[Piece]:
    """A text in pieces that are hits, and what is between them."""
    cuts, at = [], 0
    for begin, end in hits:
        cuts += [Piece(text[at:begin]), Piece(text[begin:end], True)]
        at = end
    return [piece for piece in [*cuts, Piece(text[at:])] if piece.text]
