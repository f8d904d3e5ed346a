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
        "Other things first",
        ("decline",),
        {
            "ja": "多くのお客様に影響する改善を先に進めているため、いまの時点では着手の予定がございません。"
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
            "ja": "製品としては設定をできるだけ少なく保つ方針のため、今回は対応を見送りました。"
            "お困りの点がほかの方法で解決できるか、担当者がご相談を承ります。",
            "en": "We try to keep the product simple, and decided not to add this. If you tell us what you need it "
            "for, we will look for another way together with you.",
        },
    ),
    Reason(
        "safety",
        "Safety",
        ("decline",),
        {
            "ja": "大切な勤怠データを守るうえで影響が大きいため、今回は対応を見送りました。",
            "en": "It would weaken how your data is protected, so we decided not to do it.",
        },
    ),
    Reason(
        "technical",
        "Technical limits",
        ("decline",),
        {
            "ja": "いまの仕組みでは、ほかの機能に影響を与えずに実現することが難しいため、今回は対応を見送りました。",
            "en": "With the way the product is built today we cannot do this without affecting other features.",
        },
    ),
    Reason(
        "existing",
        "Possible as it is",
        ("existing",),
        {
            "ja": "次の手順でお使いいただけます。\n1. ",
            "en": "You can do it like this:\n1. ",
        },
    ),
    Reason(
        "setting",
        "By a setting",
        ("existing",),
        {
            "ja": "設定を変更することでお使いいただけます。変更の手順は、担当者がご案内いたします。",
            "en": "It can be turned on in the settings. We will show you how.",
        },
    ),
)
