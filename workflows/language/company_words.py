"""Words of the company: what customers call the same thing is one word before it is compared. Pure.

canonical("タイムカードを押す", {"打刻": ("タイムカードを押", "タイムレコーダー")})      "打刻す"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Synonyms = Mapping[str, Sequence[str]]


def canonical(text: str, synonyms: Synonyms) -> str:
    """The text with the first word of each line of synonyms in place of the others; the longest of them count first."""
    if not synonyms:
        return text
    means = {other.casefold(): word for word, others in synonyms.items() for other in others}
    return _pattern(tuple(sorted(means, key=len, reverse=True))).sub(lambda found: means[found[0].casefold()], text)


@lru_cache(4)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
