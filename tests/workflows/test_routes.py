"""Every event that somebody acts on fits the story that it starts."""

from __future__ import annotations

import inspect
import typing
from dataclasses import fields, is_dataclass

import pytest

from integrations import counts, deploy, intercom, jira, productboard, slack, zendesk
from integrations.contract import Event
from workflows.engine import durable
from workflows.routes import BESIDE, NAMED, READERS, ROUTES, runs_for

ROUTED = sorted(ROUTES.items(), key=lambda route: route[0].__name__)
#: What people do in our Slack app: the event, the field that names the thing, its name, the story.
APP = [(event, field, name, story) for event, (field, table) in NAMED.items() for name, story in table.items()]
KINDS = (str, int, dict[str, str])


@pytest.mark.parametrize(("event", "story"), ROUTED, ids=lambda one: one.__name__)
def test_the_events_fields_are_the_storys_arguments(event: type[Event], story: durable.Story) -> None:
    inspect.signature(story).bind(**{field.name: None for field in fields(event)})


@pytest.mark.parametrize(("event", "story"), ROUTED, ids=lambda one: one.__name__)
def test_they_are_of_the_kind_that_the_story_expects(event: type[Event], story: durable.Story) -> None:
    wanted, given = typing.get_type_hints(story), typing.get_type_hints(event)
    for name, kind in given.items():
        each = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None
        assert kind in KINDS or each is str or is_dataclass(each)
        assert wanted[name] is kind or typing.get_origin(wanted[name]) is not None


@pytest.mark.parametrize(("event", "story"), ROUTED, ids=lambda one: one.__name__)
def test_the_run_names_a_story_that_the_engine_knows(event: type[Event], story: durable.Story) -> None:
    run, *beside = runs_for("jira:1", event(**{field.name: "1" for field in fields(event)}))
    assert run.delivery_id == run.id == "jira:1"
    assert durable.STORIES[run.workflow] is story
    assert [durable.STORIES[each.workflow] for each in beside] == ([BESIDE[event]] if event in BESIDE else [])
    for each in beside:  # it has a run of its own, with which the delivery does not end
        assert each.id == "jira:1/beside" and each.delivery_id is None
        inspect.signature(BESIDE[event]).bind(**each.arguments)


def test_who_reads_the_webhook_again_is_told_which_it_was() -> None:
    [run] = runs_for("intercom:1", intercom.ConversationChanged("215", "conversation.admin.noted"))
    assert durable.STORIES[run.workflow] in READERS and run.arguments["delivery"] == "intercom:1"


@pytest.mark.fault("F20")
@pytest.mark.parametrize(("name", "former"), durable.FORMERLY.items())
def test_a_storys_former_names_lead_to_it(name: str, former: tuple[str, ...]) -> None:
    assert former and {durable.STORIES[each] for each in former} == {durable.STORIES[name]}


def test_no_story_takes_an_argument_by_its_former_name() -> None:
    taken = {name for story in durable.STORIES.values() for name in inspect.signature(story).parameters}
    assert not taken & durable.ARGUMENTS_FORMERLY.keys() and taken >= set(durable.ARGUMENTS_FORMERLY.values())


@pytest.mark.parametrize(("event", "field", "name", "story"), APP, ids=lambda one: one if isinstance(one, str) else "")
def test_a_form_a_button_or_a_step_starts_its_story(
    event: type[Event], field: str, name: str, story: durable.Story
) -> None:
    arguments: dict[str, typing.Any] = {each.name: "1" for each in fields(event)} | {field: name}
    [run] = runs_for("slack:1", event(**arguments))
    assert durable.STORIES[run.workflow] is story
    inspect.signature(story).bind(**run.arguments)


def test_a_button_that_only_opens_a_form_starts_nothing() -> None:
    assert runs_for("slack:1", slack.ButtonPressed("dossier", "12", "U0MORI", "C0ESCALATE", "1.2")) == []
    assert runs_for("slack:1", slack.FormSubmitted("somebody elses", "U0MORI", {}, "")) == []


def test_every_event_is_routed_or_known_not_to_be() -> None:
    unrouted = {event.__name__ for event in all_events()} - {event.__name__ for event in (*ROUTES, *NAMED)}
    assert unrouted == NOT_ACTED_ON, "route a new event in workflows/routes.py, or name it here"


#: What is kept as ignored, on purpose.
NOT_ACTED_ON: set[str] = set()


def all_events() -> list[type[Event]]:
    """Every event that some vendor's webhooks can mean."""
    modules = (intercom.events, jira.events, productboard.events, slack.events, deploy.events)
    modules += (counts.events, zendesk.events)
    found = [one for module in modules for one in vars(module).values() if inspect.isclass(one)]
    return [one for one in found if issubclass(one, Event) and one is not Event]
