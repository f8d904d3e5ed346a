"""The company's rules: each mistake in the file is told in one sentence that names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.door import ROOT
from tests.workflows.rules.saying import told
from workflows.rules import KINDS, LANGUAGES, Rules, load
from workflows.rules.company import KNOWN
from workflows.rules.retention import Retention
from workflows.rules.wording import GAPS

GOOD = """\
language = "ja"

[tags]
"要望" = "wish"
fault = "fault"

[release]
declined = ["対応しない"]

[slack]
support_channel = "C0SUPPORT"

[reconcile]
minutes = 5

[retention]
bodies = 30
keys = 90

[wording.ja]
told = "{name}様、「{wish}」"
nobody = "ご担当者"
"""

#: A mistake, as a replacement in GOOD; the line it is on; and what is said about it.
MISTAKES = {
    "another language": ('"ja"', '"fr"', 1, "language must be one of: ja, en."),
    "a language that is a number": ('"ja"', "5", 1, "language must be text in quotes."),
    "an unknown setting": ('language = "ja"', 'langauge = "ja"', 1, "langauge is not known here; known are: access,"),
    "an unknown section": ("[slack]", "[slak]", 10, "slak is not known here; known are: access, alerts, calendar,"),
    "a tag without a meaning": (
        '= "wish"',
        '= "wsh"',
        4,
        "[tags] 要望 must be one of: wish, fault, wording, question.",
    ),
    "a tag that means a number": ('fault = "fault"', "fault = 1", 5, "[tags] fault must be text in quotes."),
    "a day that is none": (
        "[release]\n",
        '[filing]\nsince = "12-01"\n[release]\n',
        8,
        "[filing] since must be a day such as 2026-11-30.",
    ),
    "a limit below nothing": (
        "[reconcile]\n",
        "[telling]\nper_day = -1\n[reconcile]\n",
        14,
        "[telling] per_day must be between 0 and 10000.",
    ),
    "a limit on conversations below nothing": (
        "[reconcile]\n",
        "[telling]\nper_day = 20\nopen_per_day = -40\n[reconcile]\n",
        15,
        "[telling] open_per_day must be between 0 and 10000.",
    ),
    "a limit that is no number": (
        "[reconcile]\n",
        '[telling]\nper_day = "20"\n[reconcile]\n',
        14,
        "[telling] per_day must be a whole number.",
    ),
    "gathering for longer than anybody waits": (
        "[reconcile]\n",
        "[telling]\ngather_days = 400\n[reconcile]\n",
        14,
        "[telling] gather_days must be between 0 and 60.",
    ),
    "an hour that is neither yes nor no": (
        "[reconcile]\n",
        '[telling]\nopen_at_any_hour = "night"\n[reconcile]\n',
        14,
        "[telling] open_at_any_hour must be one of: no, yes.",
    ),
    "a season on a day that is none": (
        "[reconcile]\n",
        '[alerts.seasons]\n"年末調整" = { days = "11-01..02-30" }\n[reconcile]\n',
        14,
        '[alerts.seasons."年末調整"] days has "11-01..02-30", in which "02-30" is no day;',
    ),
    "a season without days": (
        "[reconcile]\n",
        '[alerts.seasons]\n"年末調整" = { percent = 140 }\n[reconcile]\n',
        14,
        '[alerts.seasons."年末調整"] days has "", which is no day;',
    ),
    "a season of one year alone": (
        "[reconcile]\n",
        '[alerts.seasons."年末調整"]\ndays = "2026-11-01..2027-01-31"\n[reconcile]\n',
        14,
        '[alerts.seasons."年末調整"] days has "2026-11-01..2027-01-31"; a season comes every year,',
    ),
    "two seasons on one day": (
        "[reconcile]\n",
        '[alerts.seasons]\n"年末調整" = { days = "11-01..01-31" }\n"初売り" = { days = "01-02" }\n[reconcile]\n',
        15,
        '[alerts.seasons] 初売り overlaps "年末調整" on 01-02; let each day be of one season.',
    ),
    "a season of which nothing comes": (
        "[reconcile]\n",
        '[alerts.seasons]\n"年末調整" = { days = "11-01..01-31", percent = 0 }\n[reconcile]\n',
        14,
        '[alerts.seasons."年末調整"] percent must be between 10 and 1000.',
    ),
    "an unknown setting of a season": (
        "[reconcile]\n",
        '[alerts.seasons]\n"年末調整" = { days = "11-01..01-31", factor = 1.4 }\n[reconcile]\n',
        14,
        '[alerts.seasons."年末調整"] factor is not known here; known are: days, percent.',
    ),
    "a season that is a text": (
        "[reconcile]\n",
        '[alerts.seasons]\n"年末調整" = "11-01..01-31"\n[reconcile]\n',
        14,
        '[alerts.seasons] 年末調整 must be a section: [alerts.seasons."年末調整"].',
    ),
    "a drift that is neither wanted nor not": (
        "[reconcile]\n",
        '[alerts]\ndrift = "yes"\n[reconcile]\n',
        14,
        "[alerts] drift must be true or false, without quotes.",
    ),
    "an unknown limit": (
        "[reconcile]\n",
        "[telling]\nper_week = 100\n[reconcile]\n",
        14,
        "[telling] per_week is not known here; known are:",
    ),
    "no tags": (
        '"要望" = "wish"\nfault = "fault"\n',
        "",
        3,
        '[tags] needs at least one tag, for example "要望" = "wish".',
    ),
    "tags that are no section": (
        '[tags]\n"要望" = "wish"\nfault = "fault"',
        'tags = ["要望"]',
        3,
        "tags must be a section: [tags].",
    ),
    "a list of sections": ("[tags]", "[[tags]]", 3, "tags must be a section: [tags]."),
    "tags in braces": (
        '[tags]\n"要望" = "wish"\nfault = "fault"',
        'tags = {"要望" = "wsh"}',
        3,
        "[tags] 要望 must be one of:",
    ),
    "one resolution": ('["対応しない"]', '"対応しない"', 8, "[release] declined must be a list of texts."),
    "resolutions that are numbers": (
        '["対応しない"]',
        '["対応しない", 3]',
        8,
        "[release] declined must be a list of texts in quotes.",
    ),
    "a misspelt setting": (
        "declined",
        "decline",
        8,
        "[release] decline is not known here; known are: declined, gate, projects.",
    ),
    "a channel without quotes": ('"C0SUPPORT"', "5", 11, "[slack] support_channel must be text in quotes."),
    "another setting of Slack": ("support_channel", "channel", 11, "[slack] channel is not known here"),
    "a channel by its name": (
        '"C0SUPPORT"',
        '"#support"',
        11,
        "[slack] support_channel must be a channel's id such as C012AB3CD (in Slack: channel details).",
    ),
    "minutes in words": ("minutes = 5", 'minutes = "5"', 14, "[reconcile] minutes must be a whole number."),
    "minutes that are true": ("minutes = 5", "minutes = true", 14, "[reconcile] minutes must be a whole number."),
    "half a minute": ("minutes = 5", "minutes = 0.5", 14, "[reconcile] minutes must be a whole number."),
    "negative minutes": ("minutes = 5", "minutes = -1", 14, "[reconcile] minutes must be between 0 and 1440."),
    "two days of minutes": ("minutes = 5", "minutes = 2880", 14, "[reconcile] minutes must be between 0 and 1440."),
    "no bodies at all": ("bodies = 30", "bodies = 0", 17, "[retention] bodies must be between 1 and 3650."),
    "keys for ever": ("keys = 90", "keys = 99999", 18, "[retention] keys must be between 1 and 3650."),
    "messages longer than anybody lives": (
        "[retention]",
        "[retention]\nmessages = 4000",
        17,
        "[retention] messages must be between 0 and 3650.",
    ),
    "another kind of retention": (
        "keys = 90",
        "key = 90",
        18,
        "[retention] key is not known here; known are: arguments, bodies, contacts, enquiries, keys, messages.",
    ),
    "a role that is none": (
        "[retention]",
        '[access]\neveryone = "admin"\n[retention]',
        17,
        "[access] everyone must be one of",
    ),
    "an operator by name": (
        "[retention]",
        '[access]\noperators = ["U012AB3CD", "佐藤"]\n[retention]',
        17,
        "[access] operators has '佐藤'; each must be an e-mail address or a Slack id such as U012AB3CD.",
    ),
    "a tag of what we reopen that files requests": (
        "[retention]",
        '[telling]\ntag = "Fault"\n[retention]',
        17,
        "[telling] tag must be another tag than those in [tags], which file requests.",
    ),
    "wording in French": ("[wording.ja]", "[wording.fr]", 20, "[wording] fr is not known here; known are: en, ja."),
    "an unknown wording": (
        "nobody",
        "somebody",
        22,
        "[wording.ja] somebody is not known here; known are: adopted, already, apology, called_off, declined, "
        "existing, gathered,",
    ),
    "an unknown gap": (
        "{wish}",
        "{wisch}",
        21,
        "[wording.ja] told has an unknown gap {wisch}; it may use agent, asked_on, from_us, list, matter, name, "
        "summary, wish.",
    ),
    "a gap without a name": ("{wish}", "{}", 21, "[wording.ja] told has an unknown gap {}"),
    "a gap that is not closed": ("{wish}", "{wish", 21, "[wording.ja] told has an unknown gap {…}"),
    "a gap that looks inside": (
        "{wish}",
        "{wish.__class__}",
        21,
        "[wording.ja] told has an unknown gap {wish.__class__}",
    ),
    "a gap within a gap": ("{wish}", "{wish:{secret}}", 21, "[wording.ja] told has an unknown gap {wish:{secret}}"),
    "a gap with a conversion": ("{wish}", "{wish!r}", 21, "[wording.ja] told has an unknown gap {wish:r}"),
    "a gap where none may be": (
        "ご担当者",
        "{name}",
        22,
        "[wording.ja] nobody has an unknown gap {name}; it may use no {braces} at all.",
    ),
    "a wording that is a number": ('"ご担当者"', "3", 22, "[wording.ja] nobody must be text in quotes."),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_with_its_line(file: Path, what: str) -> None:
    right, wrong, line, sentence = MISTAKES[what]
    assert GOOD.count(right) >= 1
    file.write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
    said = told(file)
    assert said.startswith(f"{file}, line {line}: {sentence}")
    assert said.endswith(".")
    assert "\n" not in said


def test_wording_that_is_no_section_is_told(file: Path) -> None:
    file.write_text('language = "ja"\nwording = 3\n[tags]\na = "wish"\n', encoding="utf-8")
    assert told(file) == f"{file}, line 2: wording must be a section: [wording]."


@pytest.mark.parametrize(
    ("text", "line"),
    [("language = ja\n", 1), ("a = 1\n[tags\n", 2), ("a = 1\na = 2\n", 2), ("[tags]\n\n要望 = 'wish'\n", 3)],
)
def test_what_is_no_toml_is_told_with_its_line(file: Path, text: str, line: int) -> None:
    file.write_text(text, encoding="utf-8")
    assert told(file).startswith(f"{file}: ")
    assert f"(at line {line}," in told(file)


def test_another_encoding_is_told_with_its_line(file: Path) -> None:
    file.write_bytes(GOOD.encode("shift_jis"))
    assert told(file) == f"{file}, line 4: the file is not in UTF-8; save it in that encoding."


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert (
        told(path) == f"{path} cannot be read: `python -m app init` writes one to begin with; or set YAMABIKO_CONFIG."
    )


def test_an_empty_file_lacks_its_tags(file: Path) -> None:
    file.write_text("", encoding="utf-8")
    assert told(file).startswith(f"{file}, line 1: [tags] needs at least one tag")


# -- what is right --------------------------------------------------------------------------------


def test_a_good_file_says_what_it_says(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    rules = load(file)
    assert rules.tags == {"要望": "wish", "fault": "fault"}
    assert (rules.declined, rules.support_channel, rules.reconcile_minutes) == (("対応しない",), "C0SUPPORT", 5)
    assert rules.retention == Retention(bodies=30, keys=90, messages=0, contacts=0, arguments=0, enquiries=0)
    assert rules.words("told", "ja") == "{name}様、「{wish}」"


def test_notepads_invisible_mark_at_the_beginning_does_no_harm(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8-sig")
    assert load(file).language == "ja"


def test_only_tags_are_needed(file: Path) -> None:
    file.write_text('[tags]\n"要望" = "wish"\n', encoding="utf-8")
    assert load(file) == Rules(tags={"要望": "wish"})


def test_names_are_compared_without_case() -> None:
    rules = Rules(tags={"Wish": "wish"}, declined=("Won't Do", "10001"))
    assert (rules.kind_of("wISH"), rules.kind_of("wishes")) == ("wish", None)
    assert rules.is_declined("WON'T DO", "") and rules.is_declined("", "10001")
    assert not rules.is_declined("Done", "")


def test_the_file_that_we_ship_can_be_used() -> None:
    rules = load(ROOT / "yamabiko.example.toml")
    assert set(rules.tags.values()) == set(KINDS)
    assert rules.support_channel and rules.escalation_channel and rules.fallback
    assert rules.calendar == Rules().calendar
    assert set(rules.wording) == set(LANGUAGES)
    assert all(set(words) == set(GAPS) for words in rules.wording.values())


def test_the_file_that_we_ship_shows_every_setting() -> None:
    text = (ROOT / "yamabiko.example.toml").read_text(encoding="utf-8")
    for section, names in KNOWN.items():
        for name in names or ():
            is_shown = any(f"\n{mark}{name} = " in text for mark in ("", "# "))  # "#": what is usually left out
            assert f"[{section}.{name}]" in text or (f"[{section}]" in text and is_shown), (section, name)


def test_a_dry_run_is_for_the_whole_service_or_for_some_parts(file: Path) -> None:
    file.write_text('[tags]\n"要望" = "wish"\n[dry_run]\nstories = ["release", "release"]\n', encoding="utf-8")
    dry = load(file).dry_run
    assert (dry.on, dry.stories, bool(dry)) == (False, ("release",), True)
    assert dry.covers("release") and not dry.covers("feedback") and not dry.covers("")
    file.write_text('[tags]\n"要望" = "wish"\n[dry_run]\non = true\n', encoding="utf-8")
    assert load(file).dry_run.covers("")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('on = "yes"', "line 4: [dry_run] on must be true or false, without quotes."),
        ("on = 1", "line 4: [dry_run] on must be true or false, without quotes."),
        ('stories = ["releases"]', "line 4: [dry_run] stories has 'releases'; each must be one of: feedback,"),
        ("stories = true", "line 4: [dry_run] stories must be a list of texts."),
        ("of = true", "line 4: [dry_run] of is not known here; known are: on, stories."),
    ],
)
def test_a_mistake_in_the_dry_run_names_its_line(file: Path, line: str, said: str) -> None:
    file.write_text(f'[tags]\n"要望" = "wish"\n[dry_run]\n{line}\n', encoding="utf-8")
    assert said in told(file)
