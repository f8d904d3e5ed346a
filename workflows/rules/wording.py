"""[wording]: what customers are told, in drafts that a person sends."""

from __future__ import annotations

import string

from workflows.rules.choices import CONCLUSIONS
from workflows.rules.file import Section

#: What a wording may be filled in with.
_CONCLUDED = {"name", "asked_on", "wish", "answer", "agent"}
GAPS = {
    "told": {"name", "asked_on", "wish", "summary", "agent"},
    "already": {"name", "asked_on", "wish", "summary", "agent"},
    **{each.draft: _CONCLUDED for each in CONCLUSIONS.values() if each.draft},
    "nobody": set(),
}

#: The usual wordings, by language.
DEFAULT_WORDING = {
    "ja": {
        "told": "{name}様、お世話になっております。{asked_on}にご要望いただいておりました「{wish}」が、"
        "ご利用いただけるようになりました。",
        "already": "{name}様、お世話になっております。{asked_on}にお問い合わせいただきました「{wish}」につきまして、"
        "すでにご利用いただけます。ご不明な点がございましたら、お知らせください。",
        "adopted": "{name}様、お世話になっております。{asked_on}にご要望いただいた「{wish}」につきまして、検討の結果、"
        "対応を進めることとなりました。ご利用いただけるようになりましたら、改めてご連絡いたします。\n{answer}",
        "declined": "{name}様、お世話になっております。{asked_on}にご要望いただいた「{wish}」につきまして、検討の結果、"
        "現時点では対応を見送ることとなりました。ご期待に沿えず申し訳ございません。\n{answer}",
        "existing": "{name}様、お世話になっております。{asked_on}にご要望いただいた「{wish}」につきまして、"
        "いまの機能でお使いいただけることがわかりました。\n{answer}",
        "nobody": "ご担当者",
    },
    "en": {
        "told": 'Hello {name}, on {asked_on} you asked us about "{wish}". It is available now.',
        "already": 'Hello {name}, on {asked_on} you asked us about "{wish}". It is available already. '
        "Please tell us if anything about it is unclear.",
        "adopted": 'Hello {name}, on {asked_on} you asked us about "{wish}". We have decided to work on it, '
        "and will write to you again when it is available.\n{answer}",
        "declined": 'Hello {name}, on {asked_on} you asked us about "{wish}". We have looked into it, and decided not '
        "to build it for now. We are sorry to disappoint you.\n{answer}",
        "existing": 'Hello {name}, on {asked_on} you asked us about "{wish}". It is possible already.\n{answer}',
        "nobody": "there",
    },
}


def wording(section: Section, language: str) -> dict[str, str]:
    """The wordings in one language, those of the file before the usual ones. Raises BadRules."""
    section = section.section(language)
    section.only(GAPS)
    given = {name: section.written(name, "") for name in section.table}
    for name, words in given.items():
        if unknown := _gaps(words) - GAPS[name]:
            known = ", ".join(sorted(GAPS[name])) or "no {braces} at all"
            section.wrong(name, f"has an unknown gap {{{unknown.pop()}}}; it may use {known}")
    return DEFAULT_WORDING[language] | {name: words.strip() for name, words in given.items()}


def _gaps(words: str) -> set[str]:
    try:
        gaps = [gap for gap in string.Formatter().parse(words) if gap[1] is not None]
    except ValueError:
        return {"…"}
    return {f"{name}:{form or how}" if form or how else str(name) for _, name, form, how in gaps}
