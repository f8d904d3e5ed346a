"""敬語リント: what is wrong with a text before a customer reads it, and what to write instead. Pure.

for each in objections("山本様、了解しました。", "ja", name="山本 恵子"):
    say(reader, each.sentence, **each.facts), each.advice      # 「了解しました」は…, 承知いたしました

What customers said themselves is no matter of manners: words in 「…」, and `quoted` wherever they stand. The rules
are in `left_over` (empty gaps, internal codes), `salutation` (names), `manners_ja`, `manners_en` and `speech_levels`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from workflows.language import left_over, manners_en, manners_ja, salutation, speech_levels
from workflows.language.manners import MUST, SHOULD, Fault, Rule
from workflows.language.quoting import PARENTHESES, hidden, without, without_items
from workflows.language.text import shortened

#: Characters of a message in a chat, by language.
LONGEST = {"ja": 300, "en": 600}
#: Characters of what is wrong, as an objection says it.
SHOWN = 40
NO_WORDS = Rule("no-words", MUST, "There are no words in this text.")
TOO_LONG = Rule(
    "too-long", SHOULD, "This text has {count} characters. A message in a conversation should have {most} or fewer."
)
#: In any language. One "!" may stand, and alone.
EXCLAMATION = (
    Rule("exclamation", SHOULD, "There is more than one exclamation mark.", {"[!！]{1,60}": ""}, allowed=1),
    Rule("exclamation", SHOULD, "There is more than one exclamation mark.", {"[!！]{2,60}": ""}),
)
STYLE = {"ja": (*manners_ja.STYLE, *EXCLAMATION), "en": (*manners_en.STYLE, *EXCLAMATION)}
PROMISES = {"ja": manners_ja.PROMISES, "en": manners_en.PROMISES}
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Objection:
    """What is wrong from `start` to `end`. `sentence` says it to whoever reads the text, with `facts` for its gaps;
    `advice` is what to write instead, in the customer's language, "" where nothing can be said.
    """

    rule: str
    start: int
    end: int
    sentence: str
    advice: str
    grade: str = SHOULD
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Does it keep the text from being approved?"""
        return self.grade == MUST


def objections(
    text: str,
    language: str,
    *,
    name: str = "",
    allows_promise: bool = False,
    is_chat: bool = True,
    quoted: Collection[str] = (),
    internal: Collection[str] = (),
) -> tuple[Objection, ...]:
    """Everything that is wrong with a text, in the order of the text.

    `language` is the customer's ("ja" or "en") and `name` their name as it is known. `allows_promise`: something was
    promised, so that words of a promise may stand. `quoted`: what the customer said, such as a request's title, which
    stands in the text as it is. `internal`: our addresses, and the keys of our projects (`KNDE` of `KNDE-12`).
    """
    if not _WORD.search(text):
        return (_objection(text, Fault(NO_WORDS, 0, len(text), "")),)
    faults = [
        *left_over.faults(without(text, quoted), internal),
        *_manners(hidden(without(text, quoted)), "ja" if language == "ja" else "en", name, allows_promise),
        *_too_long(text, language, is_chat),
    ]
    return tuple(_objection(text, fault) for fault in _once(faults))


def _once(faults: Collection[Fault]) -> list[Fault]:
    """Each fault once, in the order of the text; what is known to be a code of ours does not look like one as well."""
    codes = {(fault.start, fault.end) for fault in faults if fault.rule is left_over.CODE}
    unique: dict[tuple[int, int, str], Fault] = {}
    for fault in faults:
        if fault.rule is not left_over.LIKE_CODE or (fault.start, fault.end) not in codes:
            unique.setdefault((fault.start, fault.end, fault.rule.name), fault)
    return [unique[key] for key in sorted(unique)]


def _objection(text: str, fault: Fault) -> Objection:
    rule, start, end, advice = fault
    facts = {"found": shortened(text[start:end], SHOWN)}
    if rule is TOO_LONG:
        facts = {"count": str(len(text)), "most": str(start)}
    return Objection(rule.name, start, end, rule.sentence, advice, rule.grade, facts)


def _manners(text: str, language: str, name: str, allows_promise: bool) -> Iterator[Fault]:
    """How the customer is spoken to, in our own words."""
    for rule in (*STYLE[language], *(() if allows_promise else PROMISES[language])):
        yield from rule.faults(text)
    yield from salutation.faults(text, language, name)
    if language == "ja":
        yield from speech_levels.faults(without_items(hidden(text, PARENTHESES)))


def _too_long(text: str, language: str, is_chat: bool) -> Iterator[Fault]:
    most = LONGEST.get(language, LONGEST["en"])
    if is_chat and len(text) > most:
        yield Fault(TOO_LONG, most, len(text), "")
