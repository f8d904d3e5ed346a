"""What the adapters learn from: invented requests to invented services, in other trades than those that measure them.

A file of `wishes/` has the shape of `tests/corpora/wishes_ja.json`. Neighbours in it are of one subject, which is what
makes them hard to tell apart; a `near` single resembles its topic and asks for something else.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workflows.language.vectors.sentences import plain

WISHES = Path(__file__).parent / "wishes"

GREETINGS = (
    "お世話になっております。",
    "いつもお世話になっております。",
    "はじめまして。",
    "こんにちは。",
    "お疲れさまです。",
    "ご相談です。",
    "質問です。",
    "要望です。",
    "総務の者です。",
    "いつも使わせていただいています。",
    *[""] * 4,
)
ENDINGS = (
    "をお願いします。",
    "がほしいです",
    "できるようにしてほしいです。",
    "できませんか？",
    "希望",
    "したい",
    "していただけないでしょうか。",
    "してもらえると助かります。",
    "の件、対応予定はありますか",
    *[""] * 3,
)
SENTENCE = re.compile("(?<=[。！？!?])")
WORDS = re.compile("[一-鿿々]+|[ァ-ヿー]+|[A-Za-z0-9]+")


@dataclass(frozen=True)
class Topic:
    """One request in several wordings, and texts that resemble it and ask for something else."""

    name: str
    wordings: Sequence[str]
    near: Sequence[str]

    @property
    def texts(self) -> tuple[str, ...]:
        """The wordings, and what resembles them."""
        return (*self.wordings, *self.near)


def topics() -> list[list[Topic]]:
    """Those of each file, in its order."""
    return [_topics(path) for path in sorted(WISHES.glob("*.json"))]


def _topics(path: Path) -> list[Topic]:
    said = json.loads(path.read_text(encoding="utf-8"))
    near: dict[str, list[str]] = {}
    for single in said["singles"]:
        near.setdefault(single["near"], []).append(single["text"])
    return [Topic(each["topic"], each["wordings"], near.get(each["topic"], [])) for each in said["topics"]]


def roughened(text: str, dice: random.Random) -> str:
    """The same request as others would type it: without a sentence, with another courtesy, with a letter missing."""
    text = _without_a_sentence(text, dice)
    if dice.random() < 0.25:
        text = plain(text) + dice.choice(ENDINGS)
    if dice.random() < 0.25:
        text = dice.choice(GREETINGS) + text
    if dice.random() < 0.08:
        text = " ".join(WORDS.findall(text)) or text
    if dice.random() < 0.08:
        at = dice.randrange(len(text))
        text = text[:at] + text[at + 1 :]
    return text or "x"


def _without_a_sentence(text: str, dice: random.Random) -> str:
    parts = [part for part in SENTENCE.split(text) if part.strip()]
    if len(parts) < 2 or dice.random() >= 0.3:
        return "".join(parts)
    if dice.random() < 0.4:
        return dice.choice(parts)
    return "".join(parts[1:] if dice.random() < 0.5 else parts[:-1])
