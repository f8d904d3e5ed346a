"""How the rules of enquiries and of satisfaction are said on the page of all rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflows.rules.enquiry import CHAT, COMPANY, FIRST, MAIL, NAME, NEXT, OTHER, TEXT, TIER, Route
from workflows.rules.survey import USUAL_REASONS

Say = Callable[..., str]
MEDIA = {CHAT: "Messenger", MAIL: "Email", OTHER: "Others"}
KINDS = {FIRST: "First answer", NEXT: "Later answers"}
NAMES = {True: "with names", False: "without names", None: "only where nobody but colleagues reads along"}
FIELDS = {NAME: "Name", COMPANY: "Company", TIER: "Plan", TEXT: "Message"}


def _between(language: str, texts: Sequence[str]) -> str:
    return ("、" if language == "ja" else ", ").join(texts)


def _fields(fields: frozenset[str], say_it: Say, language: str) -> Sequence[str]:
    return [say_it(words) for name, words in FIELDS.items() if name in fields]


def _routes(routes: Sequence[Route], say_it: Say, language: str) -> Sequence[str]:
    """Each channel, and what it takes."""
    return [f"{route.channel}: {_between(language, _taken(route, say_it))}" for route in routes]


def _taken(route: Route, say_it: Say) -> list[str]:
    media = [say_it(MEDIA[medium]) for medium in route.media]
    names = [] if route.names is None else [say_it(NAMES[route.names])]
    return [*media, *route.tiers, *route.languages, *route.inboxes, *route.words, *names] or ["*"]


def _targets(targets: Mapping[tuple[str, str], int], say_it: Say, language: str) -> Sequence[str]:
    return [
        f"{say_it(KINDS[kind])}, {say_it(MEDIA[medium])}: {say_it('{n} business minutes', n=minutes)}"
        for (kind, medium), minutes in targets.items()
        if minutes
    ]


def _tiers(tiers: Mapping[str, Mapping[tuple[str, str], int]], say_it: Say, language: str) -> Sequence[str]:
    return [f"{tier} – {line}" for tier, targets in tiers.items() for line in _targets(targets, say_it, language)]


def _skills(skills: Mapping[str, Sequence[str]], say_it: Say, language: str) -> Sequence[str]:
    return [f"{skill}: {_between(language, list(people))}" for skill, people in skills.items()]


def _asked_again(days: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("{n} days", n=days) if days else say_it("After each solved conversation")]


def _reasons(reasons: Sequence[str], say_it: Say, language: str) -> Sequence[str]:
    """The company's own, as they are written; else those that it comes with."""
    return list(reasons) or [say_it(reason) for reason in USUAL_REASONS]


HOW: Mapping[str, Callable[[Any, Say, str], Sequence[str]]] = {
    "enquiry.window_names": lambda said, say_it, _: [say_it(NAMES[said])],
    "enquiry.fields": _fields,
    "enquiry.mask": lambda is_on, say_it, _: [say_it("On") if is_on else say_it("Off")],
    "enquiry.routes": _routes,
    "enquiry.most_open": lambda number, say_it, _: [str(number) if number else say_it("Unlimited")],
    "enquiry.targets": _targets,
    "enquiry.tiers": _tiers,
    "enquiry.warn": lambda shares, say_it, _: [f"{share}%" for share in shares],
    "skills": _skills,
    "survey.on": lambda is_on, say_it, _: [say_it("On") if is_on else say_it("Off")],
    "survey.after_minutes": lambda n, say_it, _: [say_it("{n} minutes", n=n) if n else say_it("At once")],
    "survey.good_days": lambda n, say_it, _: [say_it("{n} days", n=n)],
    "survey.per_person_days": _asked_again,
    "survey.reasons": _reasons,
}
