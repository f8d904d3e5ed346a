"""The page of the rules: all of them, read-only, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass, replace
from datetime import time
from typing import Any

import pytest

from tests.pages.reading import Element, flat, get
from tests.world import World
from workflows.rules import rules
from workflows.rules.alerts import Season
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import days_of
from workflows.rules.company import Rules


def settings(value: Any, before: str = "") -> Iterator[str]:
    """The place of every setting in the rules' dataclasses, also of those in another."""
    for entry in filter(_is_given, fields(value)):
        held, path = getattr(value, entry.name), before + entry.name
        if is_dataclass(held):
            yield from settings(held, f"{path}.")
        else:
            yield path


def _is_given(entry: Field[Any]) -> bool:
    """Is it no memory of the dataclass itself?"""
    return entry.init


def shown(page: Element) -> dict[str, str]:
    """Every setting on the page, and what it says."""
    return {
        each.attributes["data-setting"]: flat(each.all("dd")[0])
        for each in page.all("div")
        if "data-setting" in each.attributes
    }


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_setting_of_the_rules_is_on_the_page(world: World, language: str) -> None:
    assert set(shown(get(world, f"/rules?lang={language}"))) == set(settings(Rules()))


def test_they_are_the_rules_in_force(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "triage", replace(rules.triage, weekday=3, meets_at=time(16, 45), mail=("a@b.example",)))
    monkeypatch.setattr(rules, "calendar", Calendar.of("Europe/Berlin", hours={"mon": ["8:00-12:00"]}))
    monkeypatch.setattr(
        rules, "calendars", {"u012": Calendar.of(hours={"sun": ["7:00-7:30"]}, closed=["12-29..01-03"])}
    )
    monkeypatch.setattr(rules, "retention", replace(rules.retention, messages=0, contacts=400))
    found = shown(get(world, "/rules"))
    assert (found["triage.weekday"], found["triage.meets_at"], found["triage.mail"]) == (
        "木曜日",
        "16:45",
        "a@b.example",
    )
    assert found["calendar.zone"] == "Europe/Berlin" and "月曜日: 8:00-12:00 火曜日: 休み" in found["calendar.hours"]
    assert "日曜日: 7:00-7:30" in found["calendars"] and "12-29..01-03: 休み" in found["calendars"]
    assert (found["retention.messages"], found["retention.contacts"]) == ("期限なし", "400日")
    assert found["escalation_minutes"].startswith("至急: 営業時間で15 → 15 → 30分")


def test_seasons_stand_there_with_their_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seasons = Season("年末調整", days_of("11-01..01-31"), 140), Season("夏季休業", days_of("08-10..08-16"))
    monkeypatch.setattr(rules, "alerts", replace(rules.alerts, seasons=seasons))
    assert shown(get(world, "/rules"))["alerts.seasons"] == "年末調整: 11-01..01-31, 140% 夏季休業: 08-10..08-16"


def test_what_is_not_set_says_nothing_of_python(world: World) -> None:
    found = shown(get(world, "/rules"))
    assert rules.file_since is None and found["file_since"] == "—"
    assert (found["sending.per_day"], found["sending.open_per_day"]) == ("上限なし", "上限なし")


def test_they_are_said_in_english_too(world: World) -> None:
    found = shown(get(world, "/rules?lang=en"))
    assert found["triage.weekday"] == "Wednesday" and found["access.everyone"] == "Viewer"
    assert found["escalation_targets"].startswith("Urgent: 15 business minutes")
    assert "told" in found["wording"] and "{name}様" in found["wording"] and "Hello {name}" in found["wording"]
