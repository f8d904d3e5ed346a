"""How the value of each rule is said on the page of all rules: `HOW` has a way of its own for what is no plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any

from app.pages import rule_values_enquiry
from workflows.language import wording
from workflows.rules import access
from workflows.rules.alerts import Season
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS, Days, Exempt, Hours
from workflows.rules.choices import LEVELS, PROMISES, URGENCIES, Choice
from workflows.rules.dry_run import STORIES
from workflows.rules.kinds import Hearers
from workflows.rules.meeting import Promise
from workflows.wish.similar.texts import ENGINES

NONE = "—"
Say = Callable[..., str]


def lines(path: str, value: Any, language: str) -> Sequence[str]:
    """The value of the rule at this place in `Rules`, in lines, in a language."""
    return HOW.get(path, _plain)(value, partial(wording.say, language), language) or [NONE]


# -- how values are written -----------------------------------------------------------------------


def _plain(value: Any, say_it: Say, language: str) -> Sequence[str]:
    """Whatever needs no words of ours."""
    if isinstance(value, Mapping):
        return [f"{name}: {each}" for name, each in value.items() if each != ""]
    if isinstance(value, time):
        return [f"{value:%H:%M}"]
    if isinstance(value, date):
        return [wording.promised_day(language, value.isoformat())]
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return [str(value)] if value not in ("", None) else []


def _weekday(number: int, say_it: Say, language: str) -> Sequence[str]:
    return [wording.full_weekday(language, number)]


def _language(value: str, say_it: Say, language: str) -> Sequence[str]:
    return [{"ja": say_it("Japanese"), "en": say_it("English")}[value]]


def _tags(tags: Mapping[str, str], say_it: Say, language: str) -> Sequence[str]:
    return [f"{tag}: {say_it(kind)}" for tag, kind in tags.items()]


def _every(minutes: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("every {n} minutes", n=minutes) if minutes else say_it("Not used")]


def _seconds(seconds: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("{n} seconds", n=seconds)]


def _after(minutes: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("{n} minutes", n=minutes) if minutes else say_it("At once, for each decision")]


def _business(minutes: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("{n} business minutes", n=minutes) if minutes else say_it("Not used")]


def _days(days: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("{n} days", n=days)]


def _business_days(days: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("{n} business days", n=days)]


def _kept(days: int, say_it: Say, language: str) -> Sequence[str]:
    return [say_it("{n} days", n=days) if days else say_it("No limit")]


def _used(number: int, say_it: Say, language: str) -> Sequence[str]:
    return [str(number) if number else say_it("Not used")]


def _limited(number: int, say_it: Say, language: str) -> Sequence[str]:
    return [str(number) if number else say_it("Unlimited")]


def _by(choices: Mapping[str, Choice], values: Mapping[str, Any], say_it: Say, language: str) -> Sequence[str]:
    return [f"{say_it(choices[name].words)}: {value}" for name, value in values.items()]


def _by_urgency(values: Mapping[str, Any], say_it: Say, language: str) -> Sequence[str]:
    """One number of business minutes, or one after the other."""
    said = {
        name: say_it("{n} business minutes", n=" → ".join(map(str, each)) if isinstance(each, tuple) else each)
        for name, each in values.items()
    }
    return _by(URGENCIES, said, say_it, language)


def _attributes(attributes: Mapping[str, str], say_it: Say, language: str) -> Sequence[str]:
    return [f"{say_it(role)}: {name or NONE}" for role, name in attributes.items()]


def _role(role: str, say_it: Say, language: str) -> Sequence[str]:
    return [say_it(role) if role in access.ROLES else say_it("no access")]


def _hours(week: tuple[Hours, ...], say_it: Say, language: str) -> Sequence[str]:
    return [
        f"{wording.full_weekday(language, number)}: {', '.join(map(_interval, hours)) or say_it('closed')}"
        for number, hours in zip(range(len(WEEKDAYS)), week, strict=True)
    ]


def _interval(minutes: tuple[int, int]) -> str:
    return "-".join(f"{each // 60}:{each % 60:02}" for each in minutes)


def _exceptions(exceptions: tuple[Exempt, ...], say_it: Say, language: str) -> Sequence[str]:
    return [f"{_span(each.days)}: {say_it('open') if each.is_open else say_it('closed')}" for each in exceptions]


def _span(days: Days) -> str:
    """As the rules have it: 12-29..01-03."""
    ends = dict.fromkeys(f"{f'{year}-' if year else ''}{month:02}-{day:02}" for year, month, day in _ends(days))
    return "..".join(ends)


def _ends(days: Days) -> tuple[tuple[int, int, int], ...]:
    return days.first, days.last


def _seasons(seasons: Sequence[Season], say_it: Say, language: str) -> Sequence[str]:
    """Each with its days and, where the rules give it, how many come of the usual."""
    return [f"{each.name}: {_span(each.days)}" + (f", {each.percent}%" if each.percent else "") for each in seasons]


def _calendars(people: Mapping[str, Calendar], say_it: Say, language: str) -> Sequence[str]:
    """What each person's calendar says, below the person."""
    return [
        line
        for person, calendar in people.items()
        for line in (
            f"{person}: {calendar.zone.key} {calendar.country}".rstrip(),
            *_hours(calendar.hours, say_it, language),
            *_exceptions(calendar.exceptions, say_it, language),
        )
    ]


def _promises(promises: tuple[Promise, ...], say_it: Say, language: str) -> Sequence[str]:
    return [
        line
        for each in promises
        for line in (f"{each.name}: {say_it(PROMISES[each.level].words)}", *_texts(each.words))
    ]


def _wording(words: Mapping[str, Mapping[str, str]], say_it: Say, language: str) -> Sequence[str]:
    names = next(iter(words.values()))
    return [line for name in names for line in (name, *_texts({each: texts[name] for each, texts in words.items()}))]


def _texts(by_language: Mapping[str, str]) -> Sequence[str]:
    return [f"[{name}] {text}" for name, text in by_language.items()]


#: How a setting is written where its value alone says too little.
GATES = {"done": "At once", "release": "Once it is released"}


#: Of what account owners hear.
NEWS = {"released": "Releases", "declined": "Declined requests", "withdrawn": "Releases that were undone"}


def _gate(gate: str, say_it: Say, _: str) -> Sequence[str]:
    return [say_it(GATES[gate])]


def _gates(projects: Mapping[str, str], say_it: Say, _: str) -> Sequence[str]:
    return [f"{project}: {say_it(GATES[gate])}" for project, gate in projects.items()]


def _on_or_off(is_on: bool, say_it: Say, _: str) -> Sequence[str]:
    return [say_it("On") if is_on else say_it("Off")]


#: Of what those hear who care for one kind of request.
KIND_NEWS = {"new": "new requests", "concluded": "decisions", "released": "releases"}


def _kinds(kinds: Mapping[str, Hearers], say_it: Say, _: str) -> Sequence[str]:
    return [
        f"{say_it(kind)}: {', '.join(hears.places)} ({', '.join(say_it(KIND_NEWS[news]) for news in hears.hear)})"
        for kind, hears in kinds.items()
    ]


def _numbers(numbers: tuple[float, ...], say_it: Say, _: str) -> Sequence[str]:
    """What `app similar fit` found in the company's own history, or that nobody has asked it yet."""
    if not numbers:
        return [say_it("As shipped with the encoder")]
    return [f"{say_it(name)}: {number:g}" for name, number in zip(SCALE, numbers, strict=True)]


#: What the three numbers are for.
SCALE = ("Weight of likeness", "Weight of standing out", "Constant")


def _synonyms(synonyms: Mapping[str, tuple[str, ...]], say_it: Say, language: str) -> Sequence[str]:
    between = "、" if language == "ja" else ", "
    return [f"{word}: {between.join(others)}" for word, others in synonyms.items()]


HOW: Mapping[str, Callable[[Any, Say, str], Sequence[str]]] = {
    "language": _language,
    "tags": _tags,
    "reconcile_minutes": _every,
    "calendar.hours": _hours,
    "calendar.exceptions": _exceptions,
    "calendars": _calendars,
    "triage.weekday": _weekday,
    "triage.agenda_weekday": _weekday,
    "triage.undo_seconds": _seconds,
    "triage.mail_minutes": _after,
    "context_remind_minutes": _business,
    "weight.money": _used,
    "weight.importance": partial(_by, LEVELS),
    "weight.temperature": partial(_by, LEVELS),
    "gate.usual": _gate,
    "gate.projects": _gates,
    "sending.undo_seconds": _seconds,
    "sending.at_any_hour": _on_or_off,
    "sending.lead_temperature": lambda heat, say_it, _: [say_it(LEVELS[heat].words)] if heat else [],
    "sending.tell_owners": lambda news, say_it, _: [say_it(NEWS[name]) for name in news],
    "kinds": _kinds,
    "sending.per_day": _limited,
    "sending.open_per_day": _limited,
    "sending.open_at_any_hour": _on_or_off,
    "sending.gather_days": lambda days, say_it, language: (_days if days else _used)(days, say_it, language),
    "owner_attributes": _attributes,
    "escalation_targets": _by_urgency,
    "escalation_minutes": _by_urgency,
    "follow_up_minutes": _business,
    "stale_days": _business_days,
    "suggest_rating": _used,
    "suggest_contacts": _used,
    "suggest_days": _days,
    "dry_run.on": _on_or_off,
    "dry_run.stories": lambda stories, say_it, _: [say_it(STORIES[story]) for story in stories],
    "access.everyone": _role,
    **{f"retention.{name}": _kept for name in ("bodies", "keys", "messages", "contacts", "arguments", "enquiries")},
    "promises": _promises,
    "similar.engine": lambda engine, say_it, _: [say_it(ENGINES[engine])],
    "similar.numbers": _numbers,
    "similar.synonyms": _synonyms,
    "wording": _wording,
    "volume.themes": _synonyms,
    "digest.weekly_day": _weekday,
    "volume.actives": lambda n, say_it, _: [f"{n:,}" if n else say_it("Not set")],
    "volume.poll_minutes": _every,
    "alerts.ceiling": lambda n, say_it, _: [f"{n:,}" if n else say_it("Not set")],
    "alerts.silence": _on_or_off,
    "alerts.themes": _on_or_off,
    "alerts.drift": _on_or_off,
    "alerts.seasons": _seasons,
    **rule_values_enquiry.HOW,
}
