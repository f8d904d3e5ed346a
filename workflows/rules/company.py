"""The company's rules, from one commented TOML file (`yamabiko.toml`), checked before anything starts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from workflows.rules import (
    access,
    alerts,
    chatwork,
    commands,
    digest,
    dry_run,
    enquiry,
    hours,
    kinds,
    meeting,
    retention,
    similar,
    survey,
    telling,
    volume,
    wording,
)
from workflows.rules.access import Access
from workflows.rules.alerts import Alerts
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS
from workflows.rules.choices import URGENCIES
from workflows.rules.digest import Digests
from workflows.rules.dry_run import DryRun
from workflows.rules.enquiry import Enquiry
from workflows.rules.file import CHANNEL, CHANNEL_IS, EMAIL, EMAIL_IS, PERSON, PERSON_IS, USER, USER_IS, Section, read
from workflows.rules.file import BadRules as BadRules
from workflows.rules.kinds import Hearers
from workflows.rules.meeting import Promise, Triage, Weight
from workflows.rules.retention import Retention
from workflows.rules.similar import Similar
from workflows.rules.survey import Survey
from workflows.rules.telling import Gate, Sending
from workflows.rules.volume import Volume

KINDS = ("wish", "fault", "wording", "question")
LANGUAGES = ("ja", "en")


ROLES = ("owner", "deputy", "manager")
#: What each section may hold; in [tags], [colleagues] and [calendar.people] the names are the company's own.
KNOWN: dict[str, set[str] | None] = {
    "company": {"name"},
    "filing": {"since"},
    "slack": {"support_channel", "escalation_channel"},
    **commands.KNOWN,
    "calendar": {"zone", "country", "closed", "open"},
    "calendar.hours": set(WEEKDAYS),
    "escalation": {"fallback", *(f"{role}_attribute" for role in ROLES), "follow_up_minutes", "stale_days"},
    "escalation.minutes": set(URGENCIES),
    "escalation.target": set(URGENCIES),
    "suggest": {"rating", "contacts", "days", "words"},
    "kinds": None,
    "reconcile": {"minutes"},
    "wording": set(LANGUAGES),
    **meeting.KNOWN,
    **access.KNOWN,
    **retention.KNOWN,
    **telling.KNOWN,
    **dry_run.KNOWN,
    **similar.KNOWN,
    **enquiry.KNOWN,
    **chatwork.KNOWN,
    **volume.KNOWN,
    **alerts.KNOWN,
    **digest.KNOWN,
    **survey.KNOWN,
}
#: Business minutes: a year of them is a slip of the pen.
LONGEST = 100_000


@dataclass
class Rules:
    """What the company decided. `tags` maps a tag's name to one of KINDS; minutes and days are business time."""

    language: str = "ja"
    #: By what name customers know us; "" where drafts do not say it.
    company_name: str = ""
    tags: dict[str, str] = field(default_factory=lambda: {"要望": "wish"})
    #: From which day on tags file wishes; None for when the service came.
    file_since: date | None = None
    #: By KINDS: who hears of those requests, beside and instead of support.
    kinds: dict[str, Hearers] = field(default_factory=dict)
    gate: Gate = field(default_factory=Gate)
    sending: Sending = field(default_factory=Sending)
    declined: tuple[str, ...] = ("対応しない", "重複", "Won't Do", "Duplicate")
    support_channel: str = ""
    escalation_channel: str = ""
    #: What a command is called here; colleagues: e-mail (small letters) to Slack id.
    commands: dict[str, str] = field(default_factory=lambda: dict(commands.USUAL))
    colleagues: dict[str, str] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=hours.usual)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    #: A person (e-mail or Slack id), and Intercom's attributes of a company by ROLES; "" for none.
    fallback: str = ""
    owner_attributes: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ROLES, ""))
    #: By URGENCIES: until each of the chain is asked, the last one again and again; until it should be acknowledged.
    escalation_minutes: dict[str, tuple[int, ...]] = field(
        default_factory=lambda: {"now": (15, 15, 30), "today": (60, 60, 120), "week": (480, 480, 480)}
    )
    escalation_targets: dict[str, int] = field(default_factory=lambda: {"now": 15, "today": 120, "week": 960})
    follow_up_minutes: int = 960
    stale_days: int = 10
    #: 0 turns a rule off.
    suggest_rating: int = 2
    suggest_contacts: int = 3
    suggest_days: int = 14
    suggest_words: tuple[str, ...] = ("解約", "返金", "責任者")
    triage: Triage = field(default_factory=Triage)
    weight: Weight = field(default_factory=Weight)
    promises: tuple[Promise, ...] = meeting.USUAL_PROMISES
    #: An agent is reminded once, after so many business minutes, of a wish without background; 0 for never.
    context_remind_minutes: int = 480
    #: Where an issue is created from the meeting; "" for nowhere.
    jira_project: str = ""
    jira_issue_type: str = "Story"
    access: Access = field(default_factory=Access)
    dry_run: DryRun = field(default_factory=DryRun)
    similar: Similar = field(default_factory=Similar)
    enquiry: Enquiry = field(default_factory=Enquiry)
    #: Rooms in Chatwork: the number, as text, by what the rules call them.
    chatwork_rooms: dict[str, str] = field(default_factory=dict)
    #: The name of the room that shows escalations; "" for none.
    escalation_room: str = ""
    volume: Volume = field(default_factory=Volume)
    alerts: Alerts = field(default_factory=Alerts)
    digest: Digests = field(default_factory=Digests)
    survey: Survey = field(default_factory=Survey)
    #: Who can be asked what: people (e-mail or Slack id) by the skill.
    skills: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reconcile_minutes: int = 5
    retention: Retention = field(default_factory=Retention)
    wording: dict[str, dict[str, str]] = field(default_factory=lambda: wording.DEFAULT_WORDING)

    def calendar_of(self, person: str = "") -> Calendar:
        """When somebody works, by e-mail or Slack id; the company's calendar where they have none of their own."""
        names = {person.casefold()}
        for pair in ((mail, user.casefold()) for mail, user in self.colleagues.items()):
            names.update(pair if person.casefold() in pair else ())
        return next((calendar for name, calendar in self.calendars.items() if name in names), self.calendar)

    @property
    def stale_minutes(self) -> int:
        """`stale_days` as business minutes of the company."""
        return self.stale_days * self.calendar.day_minutes

    def kind_of(self, tag: str) -> str | None:
        """What a tag means; names are compared without case, as Intercom does."""
        return next((kind for name, kind in self.tags.items() if name.casefold() == tag.casefold()), None)

    def is_declined(self, *resolution: str) -> bool:
        """Does this resolution (its name, its id) mean that nothing became available?"""
        return bool({name.casefold() for name in self.declined} & {part.casefold() for part in resolution})

    def words(self, name: str, language: str) -> str:
        """A wording in a language."""
        return self.wording[language][name]

    def bind(self, others: Rules) -> None:
        """Use these rules from now on."""
        for entry in fields(self):
            setattr(self, entry.name, getattr(others, entry.name))


rules = Rules()


def load(path: Path) -> Rules:
    """Read and check a file. Raises BadRules."""
    file, usual = read(path), Rules()  # the second for what the file leaves out
    file.only({"language", "tags", "colleagues", "promises", *(name.partition(".")[0] for name in KNOWN)})
    for name in KNOWN:
        if not name.startswith("calendar") and KNOWN[name] is not None:  # which say themselves what they know
            _section(file, name).only(_known(name))
    return Rules(
        **_loop(file, usual),
        **_people(file, usual),
        **_escalation(file, usual),
        **_suggest(file, usual),
        **meeting.triage(file),
        **access.access(file),
        **retention.retention(file),
        **telling.gate(file),
        **telling.sending(file),
        **dry_run.dry_run(file),
        **similar.similar(file),
        **enquiry.enquiry(file),
        **chatwork.rooms(file),
        **volume.volume(file),
        **alerts.alerts(file),
        **digest.digest(file),
        **survey.survey(file),
        **kinds.kinds(file, KINDS, _tags(file.section("tags"))),
    )


def _section(file: Section, name: str) -> Section:
    for part in name.split("."):
        file = file.section(part)
    return file


def _known(name: str) -> set[str]:
    """What may stand in a section: its settings and its own sections."""
    return (KNOWN[name] or set()) | {other.rpartition(".")[2] for other in KNOWN if other.rpartition(".")[0] == name}


def _loop(file: Section, usual: Rules) -> dict[str, Any]:
    """From the tag to the customer who is told."""
    return {
        "language": file.choice("language", usual.language, LANGUAGES),
        "company_name": file.section("company").written("name", "").strip(),
        "tags": _tags(file.section("tags")),
        "file_since": file.section("filing").day("since"),
        "declined": tuple(file.section("release").texts("declined", usual.declined)),
        "reconcile_minutes": file.section("reconcile").number("minutes", usual.reconcile_minutes, 0, 1440),
        "wording": {language: wording.wording(file.section("wording"), language) for language in LANGUAGES},
    }


def _tags(tags: Section) -> dict[str, str]:
    if not tags.table:
        tags.wrong("", 'needs at least one tag, for example "要望" = "wish"')
    return {name: tags.choice(name, "", KINDS) for name in tags.table}


def _people(file: Section, usual: Rules) -> dict[str, Any]:
    """Where and how people are met: channels, commands, ids, hours."""
    slack, calendar = file.section("slack"), file.section("calendar")
    company, colleagues = hours.company(calendar), _colleagues(file.section("colleagues"))
    calendars = hours.people(calendar.section("people"), company)
    for name in calendar.section("people").table:
        if "@" in name and name.casefold() not in colleagues:  # people are known to each other by their ids in Slack
            calendar.section("people").wrong(name, "needs a line in [colleagues] with the Slack id of this address")
    return {
        "support_channel": slack.matching("support_channel", usual.support_channel, CHANNEL, CHANNEL_IS),
        "escalation_channel": slack.matching("escalation_channel", usual.escalation_channel, CHANNEL, CHANNEL_IS),
        "commands": commands.commands(file.section("commands")),
        "colleagues": colleagues,
        "calendar": company,
        "calendars": calendars,
    }


def _colleagues(section: Section) -> dict[str, str]:
    for mail in section.table:
        if not EMAIL.fullmatch(mail):
            section.wrong(mail, f"must be {EMAIL_IS}, left of the =")
        if not section.matching(mail, "", USER, USER_IS):
            section.wrong(mail, f"must be {USER_IS}")
    return {mail.casefold(): str(user).strip() for mail, user in section.table.items()}


def _escalation(file: Section, usual: Rules) -> dict[str, Any]:
    """Who answers for a customer, and when somebody else is asked."""
    section = file.section("escalation")
    minutes, target = section.section("minutes"), section.section("target")
    return {
        "fallback": section.matching("fallback", usual.fallback, PERSON, PERSON_IS),
        "owner_attributes": {role: section.written(f"{role}_attribute", "").strip() for role in ROLES},
        "escalation_minutes": {
            urgency: minutes.numbers(urgency, usual.escalation_minutes[urgency], 1, LONGEST) for urgency in URGENCIES
        },
        "escalation_targets": {
            urgency: target.number(urgency, usual.escalation_targets[urgency], 1, LONGEST) for urgency in URGENCIES
        },
        "follow_up_minutes": section.number("follow_up_minutes", usual.follow_up_minutes, 1, LONGEST),
        "stale_days": section.number("stale_days", usual.stale_days, 1, 365),
    }


def _suggest(file: Section, usual: Rules) -> dict[str, Any]:
    """When an escalation is suggested to the agent."""
    section = file.section("suggest")
    words = [word.strip() for word in section.texts("words", usual.suggest_words)]
    if "" in words:
        section.wrong("words", "has an empty word, which every message contains; take it out")
    if section.number("contacts", usual.suggest_contacts, 0, 100) == 1:
        section.wrong("contacts", "must be 2 or more, or 0 to turn it off; 1 would be every conversation")
    return {
        "suggest_rating": section.number("rating", usual.suggest_rating, 0, 5),
        "suggest_contacts": section.number("contacts", usual.suggest_contacts, 0, 100),
        "suggest_days": section.number("days", usual.suggest_days, 1, 365),
        "suggest_words": tuple(words),
    }
