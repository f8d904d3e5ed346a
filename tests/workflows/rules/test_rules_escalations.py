"""The rules of escalations: channels, hours, people, minutes. A mistake is told in one sentence that names its line."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.workflows.rules.saying import told
from workflows.rules import Rules, load

GOOD = """\
[tags]
"要望" = "wish"

[commands]
escalate = "/escalate"
dossier = "/経緯"

[calendar]
zone = "Asia/Tokyo"
country = "JP"
closed = [
  "12-29..01-03",
  "2026-08-13",  # お盆
]
open = ["2026-11-28"]
hours = {mon = ["9:00-12:00", "13:00-18:00"], sat = []}

[calendar.people."Sato@kanade.example"]
closed = ["2026-12-01"]
hours.tue = ["10:00-11:00"]

[calendar.people.U012AB3CD]
country = ""

[escalation]
fallback = "lead@kanade.example"
owner_attribute = "account_owner"
follow_up_minutes = 480
stale_days = 5

[escalation.minutes]
now = [15, 15, 30]

[escalation.target]
now = 20

[suggest]
rating = 1
contacts = 4
days = 7
words = ["解約", "返金"]

[colleagues]
"sato@kanade.example" = "U0SATOMI01"
"""

#: A mistake, as a replacement in GOOD; the line it is on; and what is said about it.
MISTAKES = {
    # -- commands, channels, colleagues
    "a command without its slash": (
        '"/escalate"',
        '"escalate"',
        5,
        "[commands] escalate must be a slash and up to 31 letters without spaces or capitals, for example",
    ),
    "a command of two words": ('"/経緯"', '"/経緯 会社"', 6, "[commands] dossier must be a slash and up to 31 letters"),
    "a command in capitals": ('"/escalate"', '"/Escalate"', 5, "[commands] escalate must be a slash"),
    "a command that is too long": ('"/経緯"', f'"/{"経" * 32}"', 6, "[commands] dossier must be a slash"),
    "no command": ('"/経緯"', '""', 6, "[commands] dossier must be a slash and up to 31 letters"),
    "one command for two things": (
        '"/経緯"',
        '"/escalate"',
        6,
        '[commands] dossier must be a slash and up to 31 letters without spaces or capitals, for example "/dossier", '
        "and another one than those of the other commands.",
    ),
    "a command for another thing": ("dossier", "history", 6, "[commands] history is not known here"),
    "a colleague by name": (
        '"U0SATOMI01"',
        '"@sato"',
        44,
        "[colleagues] sato@kanade.example must be a Slack id such as U012AB3CD (in Slack: profile, Copy member ID).",
    ),
    "a colleague without an id": ('"U0SATOMI01"', '""', 44, "[colleagues] sato@kanade.example must be a Slack id"),
    "a colleague that is a number": (
        '"U0SATOMI01"',
        "5",
        44,
        "[colleagues] sato@kanade.example must be text in quotes.",
    ),
    "a colleague without an address": (
        '"sato@kanade.example" = "U0SATOMI01"',
        'sato = "U0SATOMI01"',
        44,
        "[colleagues] sato must be an e-mail address in quotes, left of the =.",
    ),
    # -- the calendar
    "a time zone that is none": ("Asia/Tokyo", "Tokyo", 9, "[calendar] zone is no time zone; write its name as in"),
    "a country that is none": ('"JP"', '"JPN"', 10, "[calendar] country is no country whose holidays are known;"),
    "a day that is none, on its own line": (
        "2026-08-13",
        "13-40",
        13,
        '[calendar] closed has "13-40", which is no day; write month and day (12-29), or year, month and day '
        "(2026-08-13).",
    ),
    "a span that is none": ("12-29..01-03", "12-29..13-40", 12, '[calendar] closed has "12-29..13-40", in which'),
    "a day over two lines": ('"2026-11-28"', '"""2026-\n11-28"""', 15, '[calendar] open has "2026- 11-28", which is'),
    "a day that is no text": (
        '["2026-11-28"]',
        "[2026-11-28]",
        15,
        "[calendar] open must be a list of texts in quotes.",
    ),
    "one day": ('["2026-11-28"]', '"2026-11-28"', 15, "[calendar] open must be a list of texts."),
    "hours that are none": (
        "9:00-12:00",
        "9-12",
        16,
        '[calendar.hours] mon has "9-12", which is no interval; write hours and minutes as in "9:00-12:00".',
    ),
    "hours that overlap": ("13:00", "11:00", 16, "[calendar.hours] mon has intervals that overlap; let each begin"),
    "hours of no weekday": ("sat", "saturday", 16, "[calendar.hours] saturday is not known here; known are: fri, mon,"),
    "hours that are no section": (
        'hours = {mon = ["9:00-12:00", "13:00-18:00"], sat = []}',
        'hours = "9:00-18:00"',
        16,
        "[calendar] hours must be a section: [calendar.hours].",
    ),
    "no hours at all": (
        'mon = ["9:00-12:00", "13:00-18:00"]',
        "mon = []",
        16,
        "[calendar] hours leaves no hours at all: nobody would ever be asked; let at least one weekday have some.",
    ),
    "never open": (
        "12-29..01-03",
        "01-01..12-31",
        11,
        "[calendar] closed leaves no hours at all: nobody would ever be",
    ),
    "another setting of the calendar": ("zone", "timezone", 9, "[calendar] timezone is not known here; known are: clo"),
    "a person by name": (
        "people.U012AB3CD",
        "people.sato",
        22,
        "[calendar.people] sato must be an e-mail address or a Slack id such as U012AB3CD.",
    ),
    "a person whom nobody knows": (
        '"Sato@kanade.example"',
        '"kato@kanade.example"',
        18,
        "[calendar.people] kato@kanade.example needs a line in [colleagues] with the Slack id of this address.",
    ),
    "a person's day that is none": (
        "2026-12-01",
        "12-32",
        19,
        '[calendar.people."Sato@kanade.example"] closed has "12-32", which is no day;',
    ),
    "a person's hours that are none": (
        "10:00-11:00",
        "10:00",
        20,
        '[calendar.people."Sato@kanade.example".hours] tue has "10:00", which is no interval;',
    ),
    "a person who never works": (
        "2026-12-01",
        "01-01..12-31",
        19,
        '[calendar.people."Sato@kanade.example"] closed leaves no hours at all',
    ),
    "a person's country that is none": (
        'country = ""',
        'country = "X"',
        23,
        "[calendar.people.U012AB3CD] country is no",
    ),
    "another setting of a person": (
        'country = ""',
        "people = {}",
        23,
        "[calendar.people.U012AB3CD] people is not known",
    ),
    # -- escalations
    "a fallback by name": (
        '"lead@kanade.example"',
        '"佐藤"',
        26,
        "[escalation] fallback must be an e-mail address or a Slack id such as U012AB3CD.",
    ),
    "an attribute that is a number": (
        '"account_owner"',
        "1",
        27,
        "[escalation] owner_attribute must be text in quotes.",
    ),
    "another role": (
        "owner_attribute",
        "boss_attribute",
        27,
        "[escalation] boss_attribute is not known here; known are",
    ),
    "asked again at once": (
        "follow_up_minutes = 480",
        "follow_up_minutes = 0",
        28,
        "[escalation] follow_up_minutes must be between 1 and 100000.",
    ),
    "stale at once": ("stale_days = 5", "stale_days = 0", 29, "[escalation] stale_days must be between 1 and 365."),
    "one number of minutes": (
        "[15, 15, 30]",
        "15",
        32,
        "[escalation.minutes] now must be a list of whole numbers, for example [15, 15, 30].",
    ),
    "no minutes": ("[15, 15, 30]", "[]", 32, "[escalation.minutes] now must be a list of whole numbers, for example"),
    "minutes as texts": ("[15, 15, 30]", '["15"]', 32, "[escalation.minutes] now must be a list of whole numbers"),
    "minutes that are yes": ("[15, 15, 30]", "[true]", 32, "[escalation.minutes] now must be a list of whole numbers"),
    "minutes of no length, on their own line": (
        "[15, 15, 30]",
        "[\n  15,\n  0,\n  30]",
        34,
        "[escalation.minutes] now has 0; each must be between 1 and 100000.",
    ),
    "an urgency that is none": (
        "now = [15",
        "soon = [15",
        32,
        "[escalation.minutes] soon is not known here; known are: now, today, week.",
    ),
    "a target that is a list": ("now = 20", "now = [20]", 35, "[escalation.target] now must be a whole number."),
    "no target": ("now = 20", "now = 0", 35, "[escalation.target] now must be between 1 and 100000."),
    # -- suggestions
    "six stars": ("rating = 1", "rating = 6", 38, "[suggest] rating must be between 0 and 5."),
    "each contact": (
        "contacts = 4",
        "contacts = 1",
        39,
        "[suggest] contacts must be 2 or more, or 0 to turn it off; 1 would be every conversation.",
    ),
    "no days": ("days = 7", "days = 0", 40, "[suggest] days must be between 1 and 365."),
    "an empty word": (
        '"返金"',
        '" "',
        41,
        "[suggest] words has an empty word, which every message contains; take it out.",
    ),
    "one word": ('["解約", "返金"]', '"解約"', 41, "[suggest] words must be a list of texts."),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


def loaded(file: Path, text: str) -> Rules:
    """The rules that a text says."""
    file.write_text(text, encoding="utf-8")
    return load(file)


def opens(rules: Rules, day: str, person: str = "") -> str:
    """When somebody first works from a day on, on the wall clock there."""
    calendar = rules.calendar_of(person)
    at = datetime.fromtimestamp(calendar.start_of(date.fromisoformat(day)) / 1000, calendar.zone)
    return f"{at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_with_its_line(file: Path, what: str) -> None:
    right, wrong, line, sentence = MISTAKES[what]
    assert right in GOOD
    file.write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
    said = told(file)
    assert said.startswith(f"{file}, line {line}: {sentence}")
    assert said.endswith(".")
    assert "\n" not in said


def test_what_only_looks_like_a_section_is_none(file: Path) -> None:
    """A draft may hold anything, also lines that look like settings."""
    wording = '[wording.ja]\ntold = """\n[suggest]\nrating = 9\n{wish}"""\n\n'
    file.write_text(wording + GOOD.replace("rating = 1", "rating = 9"), encoding="utf-8")
    assert told(file) == f"{file}, line 44: [suggest] rating must be between 0 and 5."


def test_a_setting_is_found_however_it_is_written(file: Path) -> None:
    file.write_text('[tags]\na = "wish"\n[escalation]\nminutes.now = [1]\nminutes . "week" = [0]\n', encoding="utf-8")
    assert told(file) == (f"{file}, line 5: [escalation.minutes] week has 0; each must be between 1 and 100000.")


def test_windows_ends_of_lines_do_no_harm(file: Path) -> None:
    file.write_bytes(GOOD.replace("2026-08-13", "13-40").replace("\n", "\r\n").encode())
    assert told(file).startswith(f'{file}, line 13: [calendar] closed has "13-40"')


# -- what is right --------------------------------------------------------------------------------


def test_a_good_file_says_what_it_says(file: Path) -> None:
    rules = loaded(file, GOOD)
    usual = {"escalate": "/escalate", "owner": "/owner", "answers": "/定型文", "voice": "/voice", "voice_ja": "/声"}
    assert rules.commands == usual | {"dossier": "/経緯"}
    assert (rules.fallback, rules.follow_up_minutes, rules.stale_days) == ("lead@kanade.example", 480, 5)
    assert rules.owner_attributes == {"owner": "account_owner", "deputy": "", "manager": ""}
    assert rules.escalation_minutes == Rules().escalation_minutes | {"now": (15, 15, 30)}
    assert rules.escalation_targets == Rules().escalation_targets | {"now": 20}
    assert (rules.suggest_rating, rules.suggest_contacts, rules.suggest_days) == (1, 4, 7)
    assert rules.suggest_words == ("解約", "返金")
    assert rules.colleagues == {"sato@kanade.example": "U0SATOMI01"}


def test_the_company_works_on_the_weekdays_that_it_names(file: Path) -> None:
    rules = loaded(file, GOOD)
    assert opens(rules, "2026-11-25") == "2026-11-28 09:00"  # the extra Saturday has Monday's hours
    assert opens(rules, "2026-11-29") == "2026-11-30 09:00"
    assert opens(rules, "2026-12-29") == "2027-01-04 09:00"
    assert rules.stale_minutes == 5 * 480


def test_what_is_left_out_is_an_office_in_japan(file: Path) -> None:
    rules = loaded(file, '[tags]\n"要望" = "wish"\n')
    assert opens(rules, "2026-05-02") == "2026-05-07 09:00"
    assert opens(rules, "2026-12-29") == "2027-01-04 09:00"
    assert rules.calendar == Rules().calendar


def test_a_person_has_the_companys_calendar_but_for_what_they_say(file: Path) -> None:
    rules = loaded(file, GOOD)
    assert opens(rules, "2026-12-01", "sato@kanade.example") == "2026-12-07 09:00"  # their own Tuesday off
    assert opens(rules, "2026-12-08", "sato@kanade.example") == "2026-12-08 10:00"  # their own Tuesday
    assert opens(rules, "2026-12-29", "sato@kanade.example") == "2027-01-04 09:00"
    assert opens(rules, "2026-07-20", "U012AB3CD") == "2026-07-20 09:00"  # 海の日 is none of theirs
    assert opens(rules, "2026-07-20") == "2026-07-27 09:00"


@pytest.mark.parametrize("person", ["sato@kanade.example", "SATO@kanade.example", "U0SATOMI01"])
def test_a_person_is_known_by_address_and_by_id(file: Path, person: str) -> None:
    assert opens(loaded(file, GOOD), "2026-12-08", person) == "2026-12-08 10:00"


@pytest.mark.parametrize("person", ["", "tanaka@kanade.example", "U0TANAKA02"])
def test_everybody_else_has_the_companys_calendar(file: Path, person: str) -> None:
    rules = loaded(file, GOOD)
    assert rules.calendar_of(person) is rules.calendar


def test_a_persons_closed_day_goes_before_the_companys_open_one(file: Path) -> None:
    rules = loaded(file, GOOD.replace('["2026-12-01"]', '["2026-11-28"]'))
    assert opens(rules, "2026-11-28") == "2026-11-28 09:00"
    assert opens(rules, "2026-11-28", "sato@kanade.example") == "2026-11-30 09:00"


def test_a_persons_clock_may_be_another_one(file: Path) -> None:
    rules = loaded(file, GOOD.replace('country = ""', 'zone = "Europe/Berlin"\ncountry = "DE-BY"'))
    assert str(rules.calendar_of("U012AB3CD").zone) == "Europe/Berlin"
    assert opens(rules, "2027-03-29", "U012AB3CD") == "2027-04-05 09:00"  # Easter Monday


def test_nothing_may_be_switched_off_by_nought_but_the_suggestions(file: Path) -> None:
    rules = loaded(file, GOOD.replace("rating = 1", "rating = 0").replace("contacts = 4", "contacts = 0"))
    assert (rules.suggest_rating, rules.suggest_contacts) == (0, 0)


def test_rules_that_are_bound_bring_their_calendars(file: Path) -> None:
    bound = Rules()
    bound.bind(loaded(file, GOOD))
    assert bound == load(file)
    assert opens(bound, "2026-12-08", "U0SATOMI01") == "2026-12-08 10:00"
