"""Rich text as Jira itself treats it: checking ADF, and turning it into wiki text and back.

Written apart from `richtext.py` on purpose, so that the client is tested against another hand's reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

BLOCKS = {"paragraph", "heading", "blockquote", "bulletList", "orderedList", "listItem", "codeBlock", "panel", "rule"}
INLINES = {"text", "inlineCard", "hardBreak", "mention", "emoji", "date", "status"}
MARKS = {"link", "code", "em", "strong", "strike", "underline", "textColor", "subsup"}

_WIKI = re.compile(r"\[(?:(?P<title>[^\]|]*)\|)?(?P<href>https?://[^\]|\s]+)(?P<smart>\|smart-link)?\]")
_INLINE = re.compile(rf"{_WIKI.pattern}|\{{\{{(?P<code>.+?)\}}\}}|(?P<bare>https?://[!-~]+)")


def is_document(value: Any) -> bool:
    """Would Jira take this as the body of a comment or as a description?"""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and all(_is_node(node) for node in value["content"])
    )


def _is_node(node: Any) -> bool:
    if not isinstance(node, dict) or node.get("type") not in BLOCKS | INLINES:
        return False
    if node["type"] == "text":
        return bool(node.get("text")) and isinstance(node["text"], str) and all(map(_is_mark, node.get("marks", [])))
    return all(_is_node(child) for child in node.get("content", []))


def _is_mark(mark: Any) -> bool:
    if not isinstance(mark, dict) or mark.get("type") not in MARKS:
        return False
    return mark["type"] != "link" or isinstance(mark.get("attrs", {}).get("href"), str)


def to_adf(wiki: str) -> Json:
    """What the editor makes of wiki text; a bare address becomes a smart link."""
    paragraphs = [{"type": "paragraph", "content": list(_nodes(line))} for line in wiki.splitlines()]
    return {"type": "doc", "version": 1, "content": paragraphs}


def _nodes(line: str) -> Iterator[Json]:
    read = 0
    for match in _INLINE.finditer(line):
        if match.start() > read:
            yield {"type": "text", "text": line[read : match.start()]}
        yield _node(match)
        read = match.end()
    if read < len(line):
        yield {"type": "text", "text": line[read:]}


def _node(match: re.Match[str]) -> Json:
    if match["code"]:
        return {"type": "text", "text": match["code"], "marks": [{"type": "code"}]}
    href = match["href"] or match["bare"]
    if match["bare"] or match["smart"]:
        return {"type": "inlineCard", "attrs": {"url": href}}
    return {"type": "text", "text": match["title"] or href, "marks": [{"type": "link", "attrs": {"href": href}}]}


def to_wiki(node: Json) -> str:
    """What REST v2 and webhooks show of a document."""
    if node["type"] == "doc":
        return "\n".join(to_wiki(child) for child in node["content"])
    if node["type"] == "inlineCard":
        return "[{0}|{0}|smart-link]".format(node["attrs"]["url"])
    if node["type"] == "text":
        return _marked(node)
    return "".join(to_wiki(child) for child in node.get("content", []))


def _marked(node: Json) -> str:
    text: str = node["text"]
    for mark in node.get("marks", []):
        if mark["type"] == "link":
            text = f"[{text}|{mark['attrs']['href']}]"
        elif mark["type"] == "code":
            text = f"{{{{{text}}}}}"
    return text


def is_rich(given: Any, api: int) -> bool:
    """Is this rich text as that version of the API takes it: a document, or wiki text before version 3?"""
    return is_document(given) if api == 3 else isinstance(given, str) and bool(given)


def as_adf(given: Any, api: int) -> Json | None:
    """The rich text of a request as a document; None where there is none."""
    return given if api == 3 or given is None else to_adf(given)
