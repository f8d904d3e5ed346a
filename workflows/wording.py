"""Sentences in Japanese and English. English is the key; `locale/ja.po` holds the Japanese.

wording.say("ja", "Filed as {feedback}.", feedback="FB-12")   # 「FB-12 として登録しました。」
"""

from __future__ import annotations

import gettext
import io
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).with_name("locale")
ZONE = ZoneInfo("Asia/Tokyo")
WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations of a language; English needs none."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def say(language: str, sentence: str, /, **facts: Any) -> str:
    """The sentence in a language, with its gaps filled. A sentence without a translation stays English."""
    if not sentence:
        return ""
    translated = catalogue(language).gettext(sentence)
    try:
        return translated.format_map(_Facts(language, facts))
    except (ValueError, IndexError):  # a vendor's error text with stray braces
        return translated


class _Facts(dict[str, Any]):
    """Facts for a sentence; an absent one shows as its own name, and words like `wish` are translated."""

    def __init__(self, language: str, facts: dict[str, Any]) -> None:
        super().__init__(facts)
        self._language = language

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def date(language: str, at_ms: int, zone: ZoneInfo = ZONE) -> str:
    """2026/11/21(土), or 21 Nov 2026."""
    moment = datetime.fromtimestamp(at_ms / 1000, zone)
    if language == "ja":
        return f"{moment:%Y/%m/%d}({WEEKDAYS['ja'][moment.weekday()]})"
    return f"{moment.day} {moment:%b %Y}"


def time(language: str, at_ms: int, zone: ZoneInfo = ZONE) -> str:
    """The date and 14:05."""
    return f"{date(language, at_ms, zone)} {datetime.fromtimestamp(at_ms / 1000, zone):%H:%M}"
