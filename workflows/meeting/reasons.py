"""Reasons that customers may read, offered beside a conclusion as text that can be changed.

A code is only where a text comes from; what is kept is the text, as somebody left it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A reason: what it is called, with which conclusions it is offered, and its sentence by language."""

    code: str
    label: str
    conclusions: Sequence[str]
    words: Mapping[str, str]


REASONS = (
    Reason(
        "priority",
        "Other priorities",
        ("decline",),
        {
            "ja": "多くのお客様に影響する改善を先に進めているため、現時点では着手の予定がございません。"
            "ご要望は記録に残し、計画を見直す際にあらためて検討いたします。",
            "en": "We are working on improvements that affect many customers first, so we have no plan to start on "
            "this yet. We keep your request on record, and will look at it again when we review our plans.",
        },
    ),
    Reason(
        "direction",
        "Not our direction",
        ("decline",),
        {
            "ja": "製品の方針と異なるためです。ご不便の内容をお聞かせいただけましたら、別の方法をご提案いたします。",
            "en": "It does not fit the direction of the product. If you tell us what you need it for, we will suggest "
            "another way.",
        },
    ),
    Reason(
        "safety",
        "Safety",
        ("decline",),
        {
            "ja": "お客様のデータの安全性に影響するおそれがあるためです。",
            "en": "It could weaken how your data is protected.",
        },
    ),
    Reason(
        "technical",
        "Technical limits",
        ("decline",),
        {
            "ja": "現在の仕組みでは、ほかの機能に影響を与えずに実現することが難しいためです。",
            "en": "With the way the product is built today, this cannot be done without affecting other features.",
        },
    ),
    Reason(
        "existing",
        "Possible today",
        ("existing",),
        {
            "ja": "手順は次のとおりです。\n1. ",
            "en": "These are the steps:\n1. ",
        },
    ),
    Reason(
        "setting",
        "With a setting",
        ("existing",),
        {
            "ja": "設定を変更することでご利用いただけます。手順はサポート担当がご案内いたします。",
            "en": "It can be turned on in the settings. We will show you how.",
        },
    ),
)


def spoken(answer: str, language: str) -> str:
    """An answer to a customer in their language, where it is one of these texts as it is; else as somebody wrote it."""
    known = (each.words for each in REASONS if answer.strip() in {text.strip() for text in each.words.values()})
    return next((words[language] for words in known), answer)
