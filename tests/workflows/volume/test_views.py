"""What a page shows of counts: every figure is what a count by hand finds, and what is missing is never zero."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from sqlmodel import Session

from workflows.engine.rows import Values
from workflows.engine.store import now_ms
from workflows.rules import rules
from workflows.rules.volume import Volume
from workflows.tables.customer import Company, Conversation
from workflows.tables.volume import Actives
from workflows.volume import accounts, arrivals, causes, counts, firms, listed, sources, views
from workflows.volume.listed import Sought
from workflows.volume.periods import DAY, HOUR_MS, WEEK, YEAR, Period, day_span, lately
from workflows.volume.slots import SLOT_MS
from workflows.volume.views import AHEAD, KNOWN, MISSING, OTHERS, RUNNING

TODAY = rules.calendar.local(now_ms()).date()
#: A Wednesday some weeks ago, and its noon.
DAY_AGO = TODAY - timedelta(days=TODAY.weekday() + 19)
NOON = rules.calendar.moment(DAY_AGO) + 12 * HOUR_MS


def arrival(
    id: str, at: int, *about: str, source: str = "intercom", company: str = "c1", medium: str = "chat"
) -> Values:
    return arrivals.row(source, id, at, medium=medium, company_id=company, themes=about)


def many(session: Session, dice: Random, days: int = 60, n: int = 400) -> list[Values]:
    """Enquiries at random moments of these days, counted from their first day on."""
    begins = rules.calendar.moment(TODAY - timedelta(days=days))
    counts.cover(session, "intercom", now_ms(), since=begins)
    known = [
        arrival(
            str(number),
            begins + dice.randrange(now_ms() - begins),
            *dice.sample([f"tag:{letter}" for letter in "abcdefghijkl"], dice.randrange(4)),
            company=dice.choice(("", "c1", "c2", "c3")),
            medium=dice.choice(("chat", "email")),
        )
        for number in range(n)
    ]
    arrivals.keep(session, known)
    return known


# -- periods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [DAY, WEEK, YEAR])
def test_periods_follow_one_another_without_a_gap(kind: str) -> None:
    for on in (date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), TODAY):
        period = Period.of(kind, on)
        assert period.first <= on <= period.last
        assert period.before.ends == period.begins and period.after.begins == period.ends
        assert period.after.before == period == period.before.after
        for pieces in (period.spans(), period.parts()):
            assert [each.begins for each in pieces] == [period.begins, *(each.ends for each in pieces[:-1])]
            assert pieces[-1].ends == period.ends


def test_a_year_is_twelve_whole_months_and_ends_with_this_one() -> None:
    period = Period.of(YEAR, date(2026, 11, 30))
    assert (period.first, period.last) == (date(2025, 12, 1), date(2026, 11, 30))
    assert len(period.parts()) == 12 and len(period.spans()) == 365


# -- what is known ---------------------------------------------------------------------------------


def test_nothing_is_known_where_nothing_was_ever_counted(session: Session) -> None:
    period = Period.of(DAY, DAY_AGO)
    assert {each.state for each in views.points(session, period, now_ms())} == {MISSING}
    assert views.gaps(session, period, now_ms()) == [] and views.counted_since(session) is None


def test_a_source_that_stops_is_missing_from_then_on_and_not_zero(session: Session) -> None:
    now = NOON + 3 * HOUR_MS
    counts.cover(session, "intercom", NOON - SLOT_MS, since=NOON - 40 * HOUR_MS)
    arrivals.keep(session, [arrival("1", NOON - HOUR_MS), arrival("2", NOON + HOUR_MS)])
    found = {each.begins: each for each in views.points(session, Period.of(DAY, DAY_AGO), now)}
    assert found[NOON - HOUR_MS].state == KNOWN and found[NOON - HOUR_MS].n == 1
    assert found[NOON - 2 * SLOT_MS].state == KNOWN and found[NOON - 2 * SLOT_MS].n == 0
    assert found[NOON - SLOT_MS].state == MISSING
    assert found[NOON + HOUR_MS].state == MISSING and found[NOON + HOUR_MS].n == 1
    assert found[now - SLOT_MS].state == RUNNING and found[now].state == AHEAD
    for kind in (DAY, WEEK, YEAR):
        [gap] = views.gaps(session, Period.of(kind, DAY_AGO), now)
        assert (gap.source, gap.begins, gap.is_open) == ("intercom", NOON - SLOT_MS, True), kind


def test_what_is_not_over_or_was_a_moment_ago_is_not_missing(session: Session) -> None:
    now = NOON + SLOT_MS + 60_000
    counts.cover(session, "intercom", NOON, since=NOON - 10 * HOUR_MS)
    assert views.gaps(session, Period.of(DAY, DAY_AGO), now) == []
    [hour] = [each for each in views.points(session, Period.of(WEEK, DAY_AGO), now) if each.begins == NOON]
    assert hour.state == RUNNING


def test_of_two_sources_each_gap_names_its_own(session: Session) -> None:
    now = NOON + 8 * HOUR_MS
    counts.cover(session, "intercom", now, since=NOON - 20 * HOUR_MS)
    counts.cover(session, "desk", NOON, since=NOON - 2 * HOUR_MS)
    counts.put(session, "desk", NOON + HOUR_MS, 4, {})
    counts.cover(session, "desk", NOON)
    period = Period.of(DAY, DAY_AGO)
    assert {each.source for each in views.gaps(session, period, now)} == {"desk"}
    found = {each.begins: each for each in views.points(session, period, now)}
    assert found[NOON - 3 * HOUR_MS].state == KNOWN, "the other one was not counted by then"
    assert found[NOON].state == MISSING and found[NOON + HOUR_MS].state == KNOWN
    assert all(each.state == KNOWN for each in views.points(session, period, now, source="intercom")[20:70])


# -- every figure against a count by hand ----------------------------------------------------------


@pytest.mark.parametrize("about", ["", "tag:b"])
def test_points_parts_and_totals_are_what_came_in(session: Session, about: str) -> None:
    known = many(session, Random(4))
    mine = [each for each in known if not about or about in each["themes"]]
    for kind in (DAY, WEEK, YEAR):
        period = Period.of(kind, DAY_AGO)
        found = views.points(session, period, now_ms(), about)
        for point in (*found, *views.merged(found, period.parts())):
            assert point.n == sum(point.begins <= each["at"] < point.ends for each in mine)
        assert views.total(session, period, about) == sum(point.n for point in found)


def test_the_heat_map_is_the_mean_of_the_hours_that_are_known(session: Session) -> None:
    known = many(session, Random(5))
    by_hand: Counter[tuple[int, int]] = Counter()
    for each in known:
        at = rules.calendar.local(each["at"])
        by_hand[at.weekday(), at.hour] += 1
    now = rules.calendar.moment(TODAY)
    for cell in views.heat(session, now_ms()):
        assert 0 <= cell.weeks <= 13 and cell.weeks in (8, 9)
        assert cell.mean is not None
        assert round(cell.mean * cell.weeks) <= by_hand[cell.weekday, cell.hour]
    late = sum(each["at"] >= now for each in known)
    counted = sum(round((cell.mean or 0) * cell.weeks) for cell in views.heat(session, now_ms()))
    assert len(known) - late - 30 <= counted <= len(known)


def test_the_most_frequent_themes_stand_by_themselves_and_the_others_together(session: Session) -> None:
    known = many(session, Random(6))
    for kind in (DAY, WEEK, YEAR):
        period = Period.of(kind, DAY_AGO)
        stack = views.stacked(session, period)
        inside = [each for each in known if period.begins <= each["at"] < period.ends]
        totals = Counter(theme for each in inside for theme in each["themes"])
        names = [name for name, _ in sorted(totals.items(), key=lambda each: (-each[1], each[0]))]
        assert list(stack.names) == [*names[:8], *([OTHERS] if len(names) > 8 else [])]
        for number, part in enumerate(stack.parts):
            then = Counter(t for each in inside if part.begins <= each["at"] < part.ends for t in each["themes"])
            assert [stack.n[name, number] for name in names[:8]] == [then[name] for name in names[:8]]
            assert stack.n[OTHERS, number] == sum(then[name] for name in names[8:])


def test_media_companies_and_silent_tiers(session: Session) -> None:
    known = many(session, Random(7))
    tiers = {"c1": "Small", "c2": "Business", "c3": "Business", "c9": "Enterprise", "c8": ""}
    session.add_all(Company(id=id, name=f"会社{id}", tier=tier) for id, tier in tiers.items())
    session.flush()
    period = Period.of(YEAR, DAY_AGO)
    inside = [each for each in known if period.begins <= each["at"] < period.ends]
    assert dict(views.mediums(session, period)) == Counter(each["medium"] for each in inside)
    most, found = firms.of(session, period)
    by_company = Counter(each["company_id"] for each in inside if each["company_id"])
    assert [(each.id, each.n) for each in most] == by_company.most_common()
    assert {tier.name: (tier.companies, tier.wrote, tier.n) for tier in found} == {
        "": (1, 0, 0),
        "Enterprise": (1, 0, 0),
        "Small": (1, 1, by_company["c1"]),
        "Business": (2, 2, by_company["c2"] + by_company["c3"]),
    }
    assert [tier.name for tier in found if tier.is_silent] == ["", "Enterprise"]


def test_active_accounts_are_those_said_of_the_days_else_of_the_rules(session: Session) -> None:
    period, before = Period.of(WEEK, DAY_AGO), rules.volume
    rules.volume = Volume(actives=500)
    try:
        assert accounts.actives(session, period) == 500
        for days, n in ((0, 100), (1, 300), (9, 9000)):
            session.add(Actives(day=(period.first + timedelta(days=days)).isoformat(), n=n, said_at=1))
        session.flush()
        assert accounts.actives(session, period) == 200
        days_of = accounts.actives_of(session, period)
        assert [days_of[part.begins] for part in period.parts()] == [100, 300, 500, 500, 500, 500, 500]
        months = accounts.actives_of(session, Period.of(YEAR, DAY_AGO))
        assert max(months.values()) in (9400 / 3, 9000, 4650)
    finally:
        rules.volume = before


@pytest.mark.parametrize("kind", [DAY, WEEK, YEAR])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_known_is_the_same_however_it_is_found_out(
    session: Session, monkeypatch: pytest.MonkeyPatch, kind: str, seed: int
) -> None:
    dice, now = Random(seed), now_ms()
    many(session, dice, days=30, n=60)
    for name in ("desk", "zendesk"):  # one is younger, and each has holes
        begins = rules.calendar.moment(TODAY - timedelta(days=dice.randrange(1, 25)))
        until = begins + dice.randrange(1, 200) * SLOT_MS
        counts.cover(session, name, until, since=begins)
    if dice.random() < 0.5:
        sources.end(session, "desk")
    session.flush()
    for on in (TODAY, TODAY - timedelta(days=7), TODAY - timedelta(days=20)):
        period = Period.of(kind, on)
        for source in ("", "intercom", "desk"):
            found = views.points(session, period, now, source=source)
            with monkeypatch.context() as one_by_one:
                one_by_one.setattr(views, "_always", lambda period, counted: 0)
                assert views.points(session, period, now, source=source) == found
        assert views.gaps(session, period, now, views.points(session, period, now)) == views.gaps(session, period, now)


# -- lists -----------------------------------------------------------------------------------------


def test_behind_every_figure_is_exactly_what_it_counts(session: Session) -> None:
    known = many(session, Random(8))
    period = Period.of(YEAR, TODAY)
    spans = listed.hours_of(lately(now_ms()).begins, lately(now_ms()).ends, 2, 14)
    at = [rules.calendar.local(each["at"]) for each in known]
    for sought, wanted in (
        (Sought(period.begins, period.ends), known),
        (Sought(period.begins, period.ends, about="tag:c"), [e for e in known if "tag:c" in e["themes"]]),
        (Sought(period.begins, period.ends, medium="email"), [e for e in known if e["medium"] == "email"]),
        (Sought(period.begins, period.ends, company="c2"), [e for e in known if e["company_id"] == "c2"]),
        (
            Sought(period.begins, period.ends, spans=spans),
            [e for e, when in zip(known, at, strict=True) if (when.weekday(), when.hour) == (2, 14)],
        ),
    ):
        rows, before = [], ""
        while page := listed.found(session, Sought(**{**vars(sought), "before": before}), most=37):
            rows += [each.arrival.id for each in page]
            before = page[-1].mark
        assert sorted(rows) == sorted(each["id"] for each in wanted)
        assert len(rows) == len(set(rows)) == len(wanted)


@pytest.mark.parametrize("theme", ['tag:100%_"引用"', "tag:a\\b", "word:請求書", "tag:%"])
def test_a_theme_of_any_letters_is_found_and_no_other(session: Session, theme: str) -> None:
    arrivals.keep(session, [arrival("1", NOON, theme), arrival("2", NOON, "tag:100 引用"), arrival("3", NOON)])
    found = listed.found(session, Sought(NOON, NOON + 1, about=theme), most=10)
    assert [each.arrival.id for each in found] == ["intercom/1"]


def test_a_list_names_the_company_and_the_chat_that_we_know(session: Session) -> None:
    arrivals.keep(session, [arrival("1", NOON), arrival("2", NOON + 1), arrival("7", NOON + 2, source="desk")])
    session.add(Company(id="c1", name="株式会社あおば"))
    session.add(Conversation(id="1", url="", opening="請求書が届きません", created_at=NOON))
    session.add(Conversation(id="7", url="", opening="別の会話", created_at=NOON))
    session.flush()
    found = listed.found(session, Sought(NOON, NOON + 9), most=10)
    assert [(each.company, each.chat, each.words) for each in found] == [
        ("株式会社あおば", "", ""),
        ("株式会社あおば", "", ""),
        ("株式会社あおば", "1", "請求書が届きません"),
    ]


# -- causes ----------------------------------------------------------------------------------------


def test_before_and_since_something_was_done_only_whole_days_are_compared(session: Session) -> None:
    now = now_ms()
    since = TODAY - timedelta(days=10)
    counts.cover(session, "intercom", day_span(TODAY).begins, since=day_span(TODAY - timedelta(days=24)).begins)
    rows = [arrival(f"b{n}", day_span(since).begins - 1 - n * 1000, "tag:請求") for n in range(20)]
    rows += [arrival(f"s{n}", day_span(since).begins + n * 1000, "tag:請求", "tag:他") for n in range(5)]
    rows += [arrival("now", now, "tag:請求")]
    arrivals.keep(session, rows)
    effect = causes.effect(session, "tag:請求", since.isoformat(), now)
    assert (effect.days_before, effect.days_since) == (14, 10)
    assert (effect.before, effect.since) == (10.0, 3.5)
    assert [(each.theme, each.n) for each in causes.listed(session, now)] == [("tag:請求", 26), ("tag:他", 5)]
    assert causes.is_known(session, "tag:請求") and not causes.is_known(session, "tag:")
