"""Hearers: which runs tell those who hear of one kind of request, and what is left for the support channel.

hearers.for_support(wishes, RELEASED)      # those of which no channel of their kind hears
hearers.post("wording", intent, words, …)  # one message to the kind's channel, and to each of its people
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from integrations.slack import is_person
from workflows.engine.actions import Intent
from workflows.engine.durable import NewRun, child
from workflows.engine.outcome import Outcome, done, ignored
from workflows.people import addressing, colleagues
from workflows.people.addressing import Words
from workflows.rules import rules
from workflows.rules.kinds import CONCLUDED, RELEASED
from workflows.tables.telling import Release
from workflows.tables.wish import Feedback


def for_support(wishes: Iterable[Feedback], news: str) -> list[Feedback]:
    """Those of these wishes of which the support channel hears: no channel of their kind takes its place."""
    return [wish for wish in wishes if not _has_channel(wish.kind, news)]


def of_decision(decision_id: int, wishes: Sequence[Feedback]) -> list[NewRun]:
    """The runs that tell of a decision about these wishes."""
    return [
        child(f"kind-decided:{decision_id}/{kind}", "kind_decided.tell", decision_id=decision_id, kind=kind)
        for kind in _kinds(wishes, CONCLUDED)
    ]


def of_release(release: Release, wave_id: int, wishes: Sequence[Feedback]) -> list[NewRun]:
    """The runs that tell of a release to these wishes' customers; without a wave, that it was taken back."""
    names = {"release_id": release.id, "wave_id": wave_id}
    return [
        child(f"{release.id}/kind/{wave_id}/{kind}", "kind_released.tell", kind=kind, **names)
        for kind in _kinds(wishes, RELEASED)
    ]


def _kinds(wishes: Sequence[Feedback], news: str) -> list[str]:
    return sorted({wish.kind for wish in wishes if _hears(wish.kind, news)})


def _hears(kind: str, news: str) -> bool:
    return kind in rules.kinds and news in rules.kinds[kind].hear


def _has_channel(kind: str, news: str) -> bool:
    return _hears(kind, news) and bool(rules.kinds[kind].channel)


NOBODY = "Nobody hears of {kind} requests."


def post(kind: str, intent: Intent, message: Words, since_ms: int) -> Outcome:
    """One message to the kind's channel, and one to each of its people who is in Slack, each once."""
    hearers = rules.kinds.get(kind)
    people = [colleagues.find(person) for person in hearers.people] if hearers else []
    targets = [place for place in (hearers.channel if hearers else "", *people) if place]
    for target in dict.fromkeys(targets):
        key = f"{intent.key}:{target}" if is_person(target) else intent.key
        addressing.post(replace(intent, key=key, target=target), message, since_ms=since_ms)
    return done(intent.sentence, **intent.facts) if targets else ignored(NOBODY, kind=kind)
