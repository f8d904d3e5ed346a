"""Unigram tokenizing: a text becomes those pieces of a vocabulary that are likeliest together (SentencePiece's way).

https://aclanthology.org/P18-1007/ tells the idea; the vocabulary, with each piece's score, is e5's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

#: Pieces of a text that are read, its beginning and end included.
MOST = 128
#: Bytes of the longest piece that is looked for.
LONGEST = 64
#: What stands for a space within pieces.
SPACE = "\u2581"


@dataclass(frozen=True)
class Vocabulary:
    """What a text is cut into. `letters`: what a character is read as, where that is another one, or several."""

    places: Mapping[bytes, int]
    scores: Sequence[float]
    letters: Mapping[int, str]
    bos: int
    eos: int
    unknown: int


class Unigram:
    """Cuts texts into pieces of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._known = vocabulary
        self._special = {vocabulary.bos, vocabulary.eos, vocabulary.unknown}  # never meant, even if a text spells them
        self._rare = min(vocabulary.scores) - 10  # a character that no piece has
        self._longest = min(max(map(len, vocabulary.places)), LONGEST)

    def pieces(self, text: str) -> list[int]:
        """The places of a text's pieces, between `bos` and `eos`; what comes after the first MOST is left out."""
        found = self._likeliest(self._plain(text))
        return [self._known.bos, *found[: MOST - 2], self._known.eos]

    def _plain(self, text: str) -> str:
        """As the vocabulary spells it: letters of one width, and one SPACE before each word."""
        return re.sub(" +", SPACE, " " + text.translate(self._known.letters))

    def _likeliest(self, text: str) -> list[int]:
        """Viterbi's way: to each place lead the likeliest pieces, of which all but the last lead to an earlier one."""
        letters = [letter.encode(errors="replace") for letter in text]
        raw, bounds = b"".join(letters), [0, *accumulate(map(len, letters))]
        ways = [(0.0, 0, 0)] + [(-1e30, 0, 0)] * len(letters)  # to each place: how likely, the last piece, its start
        for start in range(len(letters)):
            for end, piece, score in self._from(start, raw, bounds):
                if (likely := ways[start][0] + score) > ways[end][0]:
                    ways[end] = (likely, piece, start)
        found, at = [], len(letters)
        while at:
            _, piece, at = ways[at]
            found.append(piece)
        return found[::-1]

    def _from(self, start: int, raw: bytes, bounds: Sequence[int]) -> Iterator[tuple[int, int, float]]:
        """The pieces that begin at a letter: where each ends, its place, its score."""
        for end in range(start + 1, len(bounds)):
            piece = raw[bounds[start] : bounds[end]]
            if len(piece) > self._longest:
                break
            place = self._known.places.get(piece)
            if place is not None and place not in self._special:
                yield end, place, self._known.scores[place]
        yield start + 1, self._known.unknown, self._rare
