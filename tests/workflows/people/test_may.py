"""Who may do what: one table, the rules as they stand now, and nobody who is no full member of the workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.twin import Fault
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.people import colleagues, membership
from workflows.people.may import DECIDE, ERASE, OPERATE, READ, RIGHTS, may, permits, role_of
from workflows.people.person import OPERATOR, Person, somebody
from workflows.rules import current, load, rules
from workflows.rules.access import ROLES, Access
from workflows.tables.people import Colleague

LEAD, AGENT, VIEWER = "U0LEAD", "U0TANAKA", "U0MORI"
ASKED = "POST /api/users.info"
EVERYBODY = Access(everyone="operator")


def test_each_deed_needs_a_role_that_there_is() -> None:
    for deed, right in RIGHTS.items():
        assert right.role in ROLES, deed
        assert permits("operator", deed) and not permits("", deed) and not permits("?", deed)
    assert not permits("operator", "something else")


@pytest.mark.parametrize(("id", "deeds"), [(VIEWER, {READ}), (AGENT, {READ, DECIDE}), (LEAD, {READ, DECIDE, ERASE})])
def test_a_role_may_do_what_those_below_it_may(world: World, id: str, deeds: set[str]) -> None:
    assert {deed for deed in (READ, DECIDE, ERASE) if may(somebody(id), deed)} == deeds


def test_whoever_is_at_the_machine_is_an_operator(world: World) -> None:
    with world.rules(access=Access()):
        assert may(Person(OPERATOR, "root"), OPERATE)


@pytest.mark.parametrize(
    "flags",
    [
        {"is_guest": True},
        {"is_guest": True, "is_single_channel_guest": True},
        {"is_single_channel_guest": True},
        {"team_id": "T0ELSEWHERE"},
        {"deleted": True},
        {"is_bot": True},
    ],
)
def test_whoever_is_no_full_member_is_nobody(world: World, flags: dict[str, object]) -> None:
    world.slack.estrange(LEAD, **flags)
    with world.rules(access=EVERYBODY):
        assert role_of(Person(LEAD, "?", "lead@kanade.example", LEAD)) == ""
        assert role_of(somebody(AGENT)) == "operator"
    assert colleagues.find(LEAD) == ""  # and nobody is asked to answer who may not


def test_a_guest_who_was_a_member_loses_the_role_within_the_running_session(world: World) -> None:
    world.sign_in(LEAD)
    assert world.request("GET", "/setup").status_code == 200
    world.app.state.settings = world.settings.model_copy(update={"demo": False})
    assert world.request("GET", "/setup").status_code == 200
    store.write(
        lambda session: colleagues.remember(session, Colleague(id=LEAD, left=True, seen_at=now_ms()).model_dump())
    )
    assert world.request("GET", "/setup").status_code == 403
    world.slack.estrange(LEAD, is_guest=True)
    membership.sign_out_the_gone()
    assert world.request("GET", "/setup").status_code == 303


def test_while_slack_is_away_those_whom_we_know_stay_and_strangers_stay_outside(world: World) -> None:
    colleagues.met(AGENT)
    store.write(lambda session: setattr(session.get_one(Colleague, AGENT), "seen_at", 0))
    world.slack.fail(ASKED, *[Fault("500")] * 9)
    with world.rules(access=EVERYBODY):
        assert role_of(Person(AGENT, "", "", AGENT)) == "operator"
        assert role_of(Person(LEAD, "", "", LEAD)) == ""


def test_without_the_section_nobody_may_do_anything(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[tags]\n"要望" = "wish"\n', encoding="utf-8")
    assert load(file).access.role_of("U0LEAD", "lead@kanade.example", {}) == ""


# -- the file changes while the service runs ------------------------------------------------------


@pytest.fixture
def file(world: World, tmp_path: Path) -> Iterator[Path]:
    """Rules that are watched."""
    file, before = tmp_path / "rules.toml", rules.access
    write(file, "viewer", at=1)
    current.watch(file)
    yield file
    current.watch(world.settings.yamabiko_config)
    rules.access = before


def write(file: Path, everyone: str, *, at: int, more: str = "") -> None:
    file.write_text(f'[tags]\n"要望" = "wish"\n[access]\neveryone = "{everyone}"\n{more}', encoding="utf-8")
    os.utime(file, (at, at))
    current._Watched.looked_at = 0.0


def test_a_changed_file_counts_without_a_restart(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(file, "agent", at=2)
    assert may(somebody(VIEWER), DECIDE)
    write(file, "", at=3)
    assert not may(somebody(VIEWER), READ)
    assert "was read again" in caplog.text


def test_dry_run_is_switched_on_and_off_without_a_restart(file: Path) -> None:
    assert not current.dry_run()
    write(file, "agent", at=2, more='[dry_run]\nstories = ["release"]\n')
    assert current.dry_run().covers("release")
    write(file, "agent", at=3)
    assert not current.dry_run()


def test_a_file_with_a_mistake_changes_nothing_and_is_told_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(file, "agent", at=2)
    assert may(somebody(VIEWER), DECIDE)
    write(file, "everybody", at=3)
    assert may(somebody(VIEWER), DECIDE) and may(somebody(VIEWER), DECIDE)
    assert caplog.text.count("stays as it was") == 1
