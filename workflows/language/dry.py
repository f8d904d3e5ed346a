"""Dry run in words, for every page and every form: nobody shall believe that somebody was told.

words("ja")     # 試運転中: 外部には何も書き込みません。 · "" while everything is real
"""

from __future__ import annotations

from workflows.language.wording import say
from workflows.rules import current
from workflows.rules.dry_run import STORIES

WHOLE = "Dry run: nothing is written to other tools."
PARTS = "Dry run ({stories}): nothing of this is written to other tools."


def words(language: str) -> str:
    """That nothing leaves the service, or nothing of some parts; "" where all does."""
    dry = current.dry_run()
    if not dry or dry.on:
        return say(language, WHOLE) if dry else ""
    titles = ("、" if language == "ja" else ", ").join(say(language, STORIES[story]) for story in dry.stories)
    return say(language, PARTS, stories=titles)
