"""A short title for a wish: proposed from the customer's words, until somebody writes a better one. Pure.

proposed("お世話になっております。勤務表をExcelでも出力したいです。監査で…")     # 「勤務表をExcelでも出力したい」
"""

from __future__ import annotations

import re

#: Characters of a title.
LONGEST = 40
CUT = "…"
_SENTENCE = re.compile(r"(?<=[。!?！？])|(?<=\.)\s+|\n+")
_CLAUSE = re.compile(r"(?<=[、，,;；:：])")
#: What follows says why, and can be left out.
_REASON = re.compile(r",? (?:because|so that|since) ", re.IGNORECASE)
#: What people say before they come to the point.
_GREETING = re.compile(
    r"(いつも|大変|平素)?[^。]{0,12}お世話になって(おり|い)ます|こんにち[はわ]|こんばん[はわ]|おはようございます"
    r"|お疲れ様です|はじめまして|初めまして|突然(の|すみません|失礼)[^。]*|すみません|恐れ入ります"
    r"|.{0,30}(者です|と申します|でございます)|いつも[^。]*ありがとうございます"
    r"|(hi|hello|hey|dear)\b(?:\s+\w+){0,3}|good (morning|afternoon|evening)(?:\s+\w+){0,3}|thank(s| you)[^.!?]*",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^((hi|hello|hey|dear)\b[^,!.]{0,30}[,!.]\s*|(please|could you( please)?|can you( please)?)\s+"
    r"|(i|we)('d| would)? (like|love|want|need) to\s+|(it would|it'd) be (great|nice|helpful) if\s+)",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?<=たい|しい)(です|のですが|んですが|と思います|と思っています|と考えています)?(?:が)?$")
_MARKS = " 、。，,.;；:：!！"


def proposed(quote: str) -> str:
    """The first thing that is asked for, without greetings; what had to be cut ends with an ellipsis."""
    for sentence in _SENTENCE.split(quote):
        words = _pointed(" ".join(sentence.split()))
        if words:
            return words if len(words) <= LONGEST else _cut(words)
    return ""


def is_cut(title: str) -> bool:
    """Does a title leave something out? Then no customer is told that it is available."""
    return title.endswith(CUT)


def _pointed(sentence: str) -> str:
    """A sentence without its greeting, its polite frame and its marks; "" where nothing else is in it."""
    rest = sentence.strip(_MARKS)
    if _GREETING.fullmatch(rest):
        return ""
    while (shorter := _OPENING.sub("", rest).strip(_MARKS)) != rest:
        rest = shorter
    if rest != sentence.strip(_MARKS):
        rest = rest[:1].upper() + rest[1:]
    return _ENDING.sub("", rest)


def _cut(words: str) -> str:
    """As many clauses as fit; of one that is too long, as many words."""
    first, *_reasons = _REASON.split(words)
    if len(first) <= LONGEST:
        return first.strip(_MARKS)
    kept = ""
    for clause in _CLAUSE.split(words):
        if len(kept + clause) > LONGEST:
            break
        kept += clause
    if len(kept) < LONGEST // 4:
        kept = words[: LONGEST - len(CUT)]
        between, space, _half = kept.rpartition(" ")
        kept = between if space and len(between) >= LONGEST // 2 else kept
    return kept.strip(_MARKS) + CUT
