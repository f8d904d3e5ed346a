"""Custom steps of workflows: the app is told that one runs, and says how it ended.

https://docs.slack.dev/workflows/workflow-steps
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from integrations.slack.twin.calls import Arguments, method
from integrations.slack.twin.data import Json, Refusal
from integrations.slack.twin.workspace import APP, Workspace
from integrations.twin import Ask, Said

RUNNING, COMPLETED, FAILED = "running", "completed", "failed"
#: Seconds for which the token of a step is good, unless the step ends earlier.
TOKEN_SECONDS = 900.0


@dataclass
class Execution:
    """One run of a step, in somebody's workflow."""

    callback_id: str
    user: str
    inputs: Json
    token: str
    began: float
    state: str = RUNNING
    outputs: Json = field(default_factory=dict)
    error: str = ""


class Steps(Workspace):
    """Runs of the app's functions."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._executions: dict[str, Execution] = {}
        self._functions: dict[str, Json] = {}

    def declare(self, functions: Mapping[str, Json]) -> None:
        """Take the steps and their parameters from the `functions` of the app's manifest."""
        self._functions = {callback_id: dict(function) for callback_id, function in functions.items()}

    def start_step(self, callback_id: str, inputs: Mapping[str, Any], user: str) -> str:
        """Somebody's workflow reaches a step of the app; returns the id of its execution.

        Of a step that is declared, inputs that are absent are null; LookupError is raised for those that
        are needed or unknown: Slack lets nobody build such a workflow.
        """
        with self.lock:
            if user not in self.people:
                raise LookupError(f"nobody here has the id {user!r}")
            number, given = len(self._executions) + 1, self._inputs(callback_id, inputs)
            id, token = f"Fx{number:010d}", f"xwfp-{self.uuid()}"
            self._executions[id] = Execution(callback_id, user, given, token, self.clock())
            event = {"type": "function_executed", "function": self._function(callback_id, given)}
            event |= {"inputs": copy.deepcopy(given), "function_execution_id": id, "bot_access_token": token}
            self.event(event | {"workflow_execution_id": f"Wx{number:010d}", "event_ts": self.stamps.next()})
            return id

    def step(self, execution_id: str) -> Json:
        """What became of a step: its `state` (running, completed or failed), `outputs` and `error`."""
        with self.lock:
            return asdict(self._executions[execution_id])

    def guard(self, ask: Ask) -> Said | None:
        """The token that came with a step is good for a quarter of an hour, until the step ends."""
        given = ask.headers.get("authorization", "").removeprefix("Bearer ")
        running = [one for one in self._executions.values() if one.state == RUNNING and one.token == given]
        fresh = running and self.clock() - running[0].began <= TOKEN_SECONDS
        return None if fresh else super().guard(ask)

    @method("functions.completeSuccess", takes_json=True)
    def _complete(self, given: Arguments) -> Json:
        execution = self._running(given)
        outputs = given.data("outputs", "parameter_validation_failed")
        self._need_outputs(execution.callback_id, outputs)
        execution.state, execution.outputs = COMPLETED, outputs
        self.note_effect("functions.completeSuccess", given.text("function_execution_id"), outputs=outputs)
        return {}

    @method("functions.completeError", takes_json=True)
    def _fail(self, given: Arguments) -> Json:
        execution, error = self._running(given), given.need("error")
        execution.state, execution.error = FAILED, error
        self.note_effect("functions.completeError", given.text("function_execution_id"), error=error)
        return {}

    def _running(self, given: Arguments) -> Execution:
        execution = self._executions.get(given.need("function_execution_id"))
        if execution is None:
            raise Refusal("function_execution_not_found")
        if execution.state != RUNNING:
            raise Refusal("execution_not_in_running_state")
        return execution

    def _inputs(self, callback_id: str, given: Mapping[str, Any]) -> Json:
        if not self._functions:
            return dict(given)
        if callback_id not in self._functions:
            raise LookupError(f"the app declares no step {callback_id!r}")
        known = self._functions[callback_id].get("input_parameters", {})
        needed = {name for name, parameter in known.items() if parameter.get("is_required")}
        if wrong := (needed - set(given)) | (set(given) - set(known)):
            raise LookupError(f"{callback_id} needs, or does not know, {', '.join(sorted(wrong))}")
        return {name: given.get(name) for name in known}

    def _need_outputs(self, callback_id: str, outputs: Any) -> None:
        """Refuse outputs that are no object, or not those that the step declares."""
        declared = self._functions.get(callback_id, {}).get("output_parameters", {})
        needed = {name for name, parameter in declared.items() if parameter.get("is_required")}
        texts = [name for name, parameter in declared.items() if parameter["type"] == "string"]
        if not isinstance(outputs, dict) or not needed <= set(outputs):
            raise Refusal("parameter_validation_failed")
        strange = set(outputs) - set(declared) if callback_id in self._functions else set()
        if strange or not all(isinstance(outputs.get(name, ""), str) for name in texts):
            raise Refusal("parameter_validation_failed")

    def _function(self, callback_id: str, inputs: Mapping[str, Any]) -> Json:
        """The function as the event describes it: as declared, else as far as the inputs show it."""
        declared = self._functions.get(callback_id, {})
        undeclared = {name: {"type": self._type(value), "is_required": True} for name, value in inputs.items()}
        about: Json = {"id": f"Fn{callback_id.upper()[:9]}", "callback_id": callback_id, "type": "app", "app_id": APP}
        about |= {name: declared.get(name, callback_id) for name in ("title", "description")}
        about |= dict.fromkeys(("date_created", "date_updated"), 1_795_000_000) | {"date_deleted": 0}
        return about | {
            "input_parameters": _listed(declared.get("input_parameters", undeclared)),
            "output_parameters": _listed(declared.get("output_parameters", {})),
        }

    def _type(self, value: Any) -> str:
        if isinstance(value, str):
            return "slack#/types/user_id" if value in self.people else "string"
        kinds = {bool: "boolean", int: "integer", float: "number", list: "array"}
        return kinds.get(type(value), "object")


def _listed(parameters: Mapping[str, Json]) -> list[Json]:
    """Parameters as an event lists them."""
    return [
        {
            "type": parameter["type"],
            "name": name,
            "title": parameter.get("title", name),
            "description": parameter.get("description", ""),
            "is_required": bool(parameter.get("is_required")),
        }
        for name, parameter in parameters.items()
    ]
