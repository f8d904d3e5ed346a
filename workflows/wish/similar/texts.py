"""What people read about similar requests: how sure that is, and why."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.language.wording import say
from workflows.rules.choices import CONCLUSIONS
from workflows.wish.similar.matching import Match
from workflows.wish.similar.offered import Pair
from workflows.wish.wishes import code

LIKELY = "Very likely the same request"
PERHAPS = "Possibly related"
DISTANT = "Probably not the same"
VOICES = LIKELY, PERHAPS, DISTANT
NONE = "No similar requests."
SHARED = "Both say {words}."
IN_MEANING = "Close in meaning, in other words."
SAME, NOT_SAME, UNDO = "Same request", "Not the same", "Undo"
#: What was answered, and stands in its place.
MERGED, MERGED_ALREADY = "{code} is merged into {into}", "Already merged into {into}."
APART, UNDO_ONE = "Not the same: {codes}", "Undo ({code})"
#: A form about a request.
LOOKING = "Looking for similar requests…"
WHICH, IS_NEW, SAME_AS = "Is it one of these?", "No, it is a new request", "Same as {code}: {quote}"
#: What merging does, before somebody does it.
SURE = "Merge {code} into {into}?"
WHAT_HAPPENS = (
    "Merged requests share one decision and one Jira issue, and every customer is notified. You can undo this."
)
IS_DECIDED = "{into} already has a decision ({kind}), so the customers behind {code} will be notified, too."
MERGE, CANCEL = "Merge", "Cancel"
DECIDED = "Decision: {kind}."
#: Who answers, by grade.
ENGINES: Mapping[str, str] = {
    "full": "by meaning (both encoders)",
    "light": "by meaning (the small encoder)",
    "words": "by shared words",
}


def voice(match: Match, language: str) -> str:
    """How sure it is that two requests are the same."""
    said = LIKELY if match.is_likely else PERHAPS if match.is_named else DISTANT
    return say(language, said)


def why(match: Match, language: str) -> str:
    """Why one is taken for the other."""
    if not match.shared:
        return say(language, IN_MEANING)
    quoted = [f"「{word}」" if language == "ja" else f"“{word}”" for word in match.shared]
    return say(language, SHARED, words=("" if language == "ja" else ", ").join(quoted))


def decided(language: str, kind: str) -> str:
    """Which decision there is."""
    return say(language, DECIDED, kind=say(language, CONCLUSIONS[kind].words))


def confirming(language: str, pair: Pair) -> tuple[str, str, str, str]:
    """What is asked before two requests are merged: the title, what happens, yes, no."""
    return (
        say(language, SURE, code=code(pair.one), into=code(pair.other)),
        " ".join(consequences(language, pair)),
        say(language, MERGE),
        say(language, CANCEL),
    )


def consequences(language: str, pair: Pair) -> list[str]:
    """What merging these two does, a sentence each."""
    told = [say(language, WHAT_HAPPENS)]
    if pair.seen:
        kind = say(language, CONCLUSIONS[pair.seen].words)
        told.append(say(language, IS_DECIDED, into=code(pair.other), code=code(pair.one), kind=kind))
    return told
