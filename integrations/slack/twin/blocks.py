"""What Slack refuses about blocks, so that a wrong message fails here and not in production.

    problems([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])
    # ['must be less than 151 characters [json-pointer:/blocks/0/text/text]'], each as Slack words it

Limits: https://docs.slack.dev/reference/block-kit/blocks; those of elements are in `elements`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.slack.twin.check import Check, Json
from integrations.slack.twin.elements import ACCESSORIES, ACTIONS, INPUTS, element, interactive


def problems(blocks: Any, most: int = 50) -> list[str]:
    """What is wrong with the blocks of a message; empty if nothing is."""
    check = Check()
    look_at(check, blocks, "/blocks", most)
    return check.found


def look_at(check: Check, blocks: Any, at: str, most: int) -> None:
    """Check the blocks of a message (`most` 50) or of a view (100)."""
    for place, block in check.items(blocks, at, most, fewest=0):
        check.strings(block, place)
        look = BLOCKS.get(block.get("type", ""))
        if look is None:
            check.say(f"unsupported type: {block.get('type')}", f"{place}/type")
        else:
            look(check, block, place)
    check.unique(blocks, "block_id", at)


def _section(check: Check, block: Json, at: str) -> None:
    check.text(block, "text", at, 3000, needed="fields" not in block)
    if "fields" in block:
        for place, field in check.items(block["fields"], f"{at}/fields", 10):
            check.text_object(field, place, 2000)
    if "accessory" in block:
        element(check, block, "accessory", at, ACCESSORIES)


def _header(check: Check, block: Json, at: str) -> None:
    check.text(block, "text", at, 150, plain=True)


def _context(check: Check, block: Json, at: str) -> None:
    for place, one in check.items(block.get("elements"), f"{at}/elements", 10):
        if one.get("type") == "image":
            check.strings(one, place)
        else:
            check.text_object(one, place, 3000)


def _actions(check: Check, block: Json, at: str) -> None:
    for place, one in check.items(block.get("elements"), f"{at}/elements", 25):
        interactive(check, one, place, ACTIONS)
    check.unique(block.get("elements"), "action_id", f"{at}/elements")


def _image(check: Check, block: Json, at: str) -> None:
    check.text(block, "title", at, 2000, plain=True, needed=False)
    if "alt_text" not in block:
        check.say("missing required field: alt_text", at)
    if ("image_url" in block) == ("slack_file" in block):
        check.say("either image_url or slack_file is required", at)


def _input(check: Check, block: Json, at: str) -> None:
    check.only(block, at, ("type", "block_id", "label", "hint", "element", "optional", "dispatch_action"))
    check.truth(block, at, "optional", "dispatch_action")
    check.text(block, "label", at, 2000, plain=True)
    check.text(block, "hint", at, 2000, plain=True, needed=False)
    element(check, block, "element", at, INPUTS)


def _markdown(check: Check, block: Json, at: str) -> None:
    check.length(block.get("text"), f"{at}/text", 12_000)


def _rich_text(check: Check, block: Json, at: str) -> None:
    list(check.items(block.get("elements"), f"{at}/elements", 10_000))


def _nothing(check: Check, block: Json, at: str) -> None:
    """Blocks that hold nothing we could get wrong."""


BLOCKS: dict[str, Callable[[Check, Json, str], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "divider": _nothing,
}
