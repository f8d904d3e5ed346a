"""What people filled in, pressed or handed over, out of Slack's payloads. Raises Malformed, naming the field.

https://docs.slack.dev/reference/interaction-payloads · https://docs.slack.dev/reference/views
"""

from __future__ import annotations

from integrations.contract import Malformed
from integrations.slack.blocks import without_joiners
from integrations.untrusted import Node

#: A modal holds a hundred blocks; nobody publishes how many inputs a step may have.
_MOST_BLOCKS, _MOST_INPUTS = 100, 100

#: Where each kind of input keeps what was filled in. https://docs.slack.dev/reference/block-kit/block-elements
_KEPT = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def form_values(state: Node) -> dict[str, str]:
    """What stands in each input of a view's `state`, by its block; "" where somebody left it empty."""
    return {block_id: _filled_in(block) for block_id, block in state["values"].entries(_MOST_BLOCKS)}


def _filled_in(block: Node) -> str:
    """The value of a block's only element, as an input has one."""
    elements = [element for _, element in block.entries(1)]
    if not elements:
        raise Malformed(block.path, "is empty")
    kind = elements[0]["type"]
    if (kept := _KEPT.get(kind.text())) is None:
        raise Malformed(kind.path, "is not an input type that our forms support")
    chosen = elements[0][kept]
    if kept == "selected_option":
        return chosen["value"].text() if chosen else chosen.text(or_="")
    return without_joiners(chosen.text(or_=""))  # somebody may paste what they copied from a message of ours


def place(payload: Node) -> tuple[str, str]:
    """Channel and `ts` of the message that somebody acted on; both empty inside a view."""
    container = payload["container"]
    if container["type"].text() == "view":
        return "", ""
    return container["channel_id"].text(), container["message_ts"].text()


def step_inputs(inputs: Node) -> dict[str, str]:
    """What a workflow hands to a custom step: texts as they are, numbers as digits, the rest as JSON."""
    return {name: value.written() for name, value in inputs.entries(_MOST_INPUTS)}
