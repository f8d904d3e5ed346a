"""Manners of English: what promises too much, what shouts, what lacks a word. Tables by rule. Pure."""

from __future__ import annotations

from workflows.language.manners import MUST, SHOULD, Rule, promising

_NOT = "".join(rf"(?<!{no} )" for no in ("cannot", "can't", "can’t", "not", "n't", "n’t", "no", "never", "unable to"))
#: Words that are no abbreviation of anything, and stand in every shouted sentence.
_SHOUTED = "PLEASE|IMPORTANT|URGENT|SORRY|NEVER|ALWAYS|VERY|IMMEDIATELY|WARNING|ATTENTION"
_SMALL = "THE|THIS|THAT|YOU|YOUR|WE|OUR|IS|ARE|WILL|DO|AND|WITH"

STYLE = (
    Rule(
        "shouting",
        SHOULD,
        "“{found}” is in capitals.",
        {
            rf"\b(?:[A-Z]{{1,15}} ){{0,6}}(?:{_SMALL}|{_SHOUTED})(?: [A-Z]{{1,15}}){{1,6}}\b": lambda m: m[0].lower(),
            rf"(?<![A-Z] )\b(?:{_SHOUTED})\b(?! [A-Z]{{2}})": lambda m: m[0].lower(),
        },
    ),
    Rule(
        "missing-words",
        MUST,
        "Something is missing at “{found}”.",
        {r",\s{0,3}[.,!?;]": ""},
    ),
)
PROMISES = (
    promising(
        {
            rf"(?i){_NOT}\b(?:definitely|guaranteed?|guarantees|for sure|without fail|100 ?% (?:sure|certain))\b": "",
            rf"(?i){_NOT}\b(?:very soon|coming soon|any day now|in no time)\b": "as soon as we know when",
            rf"(?i){_NOT}\bpromise (?:to|that|you)\b": "",
        },
    ),
)
