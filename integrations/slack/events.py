"""What Slack sends us: signed requests in two forms, told apart by their content type. Pure.

    application/json                    Events API: `event_callback`, `url_verification`, `app_rate_limited`
    application/x-www-form-urlencoded   slash commands, and interactivity as `payload=<JSON>`

Every request is recorded. Three kinds mean something to us: a form that was sent, a button that was
pressed, and a step of a workflow that was started; for all others `Delivery.event` is None.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from integrations.contract import Answer, BadSignature, Delivery, Event, Headers, Malformed
from integrations.slack.reading import form_values, place, step_inputs
from integrations.untrusted import Node, load

NAME = "slack"
MAX_BODY = 5 * 1024 * 1024
REPEATS_AFTER: int | None = None

#: How many seconds a request's timestamp may be away from our clock, either way.
#: https://docs.slack.dev/authentication/verifying-requests-from-slack
TOLERANCE = 300
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_CHALLENGE = re.compile(r"[A-Za-z0-9+/=_.~-]{1,256}")
_MOST_FIELDS = 100


@dataclass(frozen=True)
class FormSubmitted(Event):
    """Somebody sent the modal `form`: each input's value by its block, "" where it was left empty.

    Options are told by their value, people by their id, days as 2026-11-30. `about` is what the modal
    was opened with.
    """

    form: str
    user_id: str
    values: dict[str, str]
    about: str


@dataclass(frozen=True)
class ButtonPressed(Event):
    """Somebody pressed a button in the message `ts` of `channel`; inside a view both are empty."""

    button: str
    value: str
    user_id: str
    channel: str
    ts: str


@dataclass(frozen=True)
class StepStarted(Event):
    """A workflow arrived at our custom step and waits until `execution_id` is completed or failed."""

    step: str
    execution_id: str
    inputs: dict[str, str]


def verify(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise BadSignature unless a signing secret signed timestamp and body at most five minutes from `now`."""
    stamp, signature = _header(headers, "X-Slack-Request-Timestamp"), _header(headers, "X-Slack-Signature")
    if not _TIMESTAMP.fullmatch(stamp):
        raise BadSignature("X-Slack-Request-Timestamp is not a number of seconds")
    if abs(now - int(stamp)) > TOLERANCE:
        raise BadSignature("X-Slack-Request-Timestamp is stale")
    if not _SIGNATURE.fullmatch(signature):
        raise BadSignature("X-Slack-Signature is not of the form v0=<64 hex digits>")
    # An empty secret is no secret: anybody can sign with it. All others are tried, match or not.
    expected = [sign(secret, stamp, body) for secret in secrets if secret]
    if not any([hmac.compare_digest(candidate.encode(), signature.encode()) for candidate in expected]):
        raise BadSignature("X-Slack-Signature does not match")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Slack-Signature`: `v0=` and the hex HMAC-SHA256 of `v0:<timestamp>:<body>`."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


def _header(headers: Headers, name: str) -> str:
    value = headers.get(name)
    if value is None:
        raise BadSignature(f"{name} is missing")
    return value


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """Return the challenge with which Slack checks a new request URL (signed, so nobody else can use us as a mirror).

    Where it only looks at the certificate of a command's address, it names no workspace, and wants a plain yes.

    https://docs.slack.dev/reference/events/url_verification
    """
    if method == "POST" and not body.startswith(b"{") and b"ssl_check=1" in body.split(b"&"):
        return Answer()
    if method != "POST" or b"url_verification" not in body:  # nothing is parsed twice for the sake of this
        return None
    try:
        request = load(body)
        if request["type"].text(or_="") != "url_verification":
            return None
        challenge = request["challenge"].text()
    except Malformed:  # not JSON, or not a handshake: `parse` says what is wrong with it
        return None
    if not _CHALLENGE.fullmatch(challenge):
        return Answer(400, b"The challenge is too long or holds other characters than Slack uses.")
    return Answer(200, challenge.encode())


def parse(headers: Headers, body: bytes) -> Delivery:
    """Name and date a verified request. Raises Malformed for other content types and unreadable bodies."""
    media_type = _media_type(headers)
    if media_type == "application/json":
        return _event(load(body), body)
    if media_type == "application/x-www-form-urlencoded":
        fields = _fields(body)
        payload = fields.get("payload")
        return _command(fields, body) if payload is None else _interaction(load(payload.encode()), body)
    raise Malformed("content-type", "is neither application/json nor application/x-www-form-urlencoded")


def _media_type(headers: Headers) -> str:
    try:
        return (headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    except BadSignature as error:  # the content type is not signed, so this says nothing about the sender
        raise Malformed("content-type", str(error)) from None


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Malformed("body", "is not a UTF-8 form") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Malformed("body", "has the same field twice")
    return fields


def _event(request: Node, body: bytes) -> Delivery:
    """An Events API request. `event_id` is the same on every retry.

    https://docs.slack.dev/apis/events-api
    """
    kind, workspace = request["type"].text(), request["team_id"].text(or_="")
    if kind != "event_callback":
        return Delivery(NAME, _digest(body), kind, workspace=workspace)
    event = request["event"]
    topic, subtype = event["type"].text(), event["subtype"].text(or_="")
    happened = _step(event) if topic == "function_executed" else None
    name = f"{topic}.{subtype}" if subtype else topic
    return Delivery(NAME, request["event_id"].text(), name, happened, workspace)


def _step(event: Node) -> StepStarted:
    """https://docs.slack.dev/reference/events/function_executed"""
    step, execution = event["function"]["callback_id"], event["function_execution_id"]
    return StepStarted(step.text(), execution.text(), step_inputs(event["inputs"]))


def _command(fields: dict[str, str], body: bytes) -> Delivery:
    """A slash command, or the empty request with which Slack checks our certificate (`ssl_check=1`).

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    form = Node(fields, "")
    workspace = form["team_id"].text(or_="")
    if form["ssl_check"]:
        return Delivery(NAME, _digest(body), "ssl_check", workspace=workspace)
    topic = f"command:{form['command'].text()}"
    return Delivery(NAME, _id("command", form, body), topic, workspace=workspace)


def _interaction(payload: Node, body: bytes) -> Delivery:
    """A shortcut, a pressed button, a submitted or closed view, or a request for options.

    https://docs.slack.dev/reference/interaction-payloads
    """
    kind = payload["type"].text()
    name = _name(kind, payload)
    topic = f"{kind}:{name}" if name else kind
    happened = (
        _submission(payload) if kind == "view_submission" else _press(payload) if kind == "block_actions" else None
    )
    return Delivery(NAME, _id(kind, payload, body), topic, happened, _workspace(payload))


def _submission(payload: Node) -> FormSubmitted | None:
    """A form that was sent; None for a view that we gave no name."""
    view = payload["view"]
    if not (form := view["callback_id"].text(or_="")):
        return None
    values, about = form_values(view["state"]), view["private_metadata"].text(or_="")
    return FormSubmitted(form, payload["user"]["id"].text(), values, about)


def _press(payload: Node) -> ButtonPressed | None:
    """A button that was pressed; None for something chosen in a menu, which is read when the form is sent.

    Slack sends a list of actions, and one in it for every press.
    """
    [action, *_] = payload["actions"].items()
    if action["type"].text() != "button":
        return None
    button, value = action["action_id"].text(), action["value"].text(or_="")
    return ButtonPressed(button, value, payload["user"]["id"].text(), *place(payload))


def _name(kind: str, payload: Node) -> str:
    """What we called the thing that somebody used; empty where a payload names nothing."""
    if kind == "block_actions":
        actions = list(payload["actions"].items())
        if not actions:
            raise Malformed("actions", "is empty")
        return actions[0]["action_id"].text()
    if kind == "block_suggestion":
        return payload["action_id"].text()
    owner = payload["view"] if kind in ("view_submission", "view_closed") else payload
    return owner["callback_id"].text(or_="")


def _workspace(payload: Node) -> str:
    """The workspace's id; `team` is null where an app is installed for a whole organisation."""
    owners = (payload["team"]["id"], payload["view"]["team_id"], payload["user"]["team_id"])
    return next((owner.text() for owner in owners if owner), "")


def _id(kind: str, payload: Node, body: bytes) -> str:
    """Slack numbers events only. A view's hash changes with the view, a trigger is good for one interaction.

    A view that was submitted, answered with errors and submitted again keeps its hash: accept only
    the submission that you find valid.
    """
    view, trigger = payload["view"], payload["trigger_id"].text(or_="")
    if kind == "view_submission" and view["hash"]:
        return f"view-{view['id'].text()}-{view['hash'].text()}"
    return f"{kind}-{trigger}" if trigger else _digest(body)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]
