"""Rich text in both of Jira's forms: wiki text (REST v2 and webhooks) and ADF objects (REST v3).

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from integrations.contract import Malformed
from integrations.untrusted import Node

#: More links than this in one text are not read; nor are links longer than this many characters.
MOST_LINKS, LONGEST_LINK = 50, 2000

#: What RFC 3986 allows, without the brackets and bars that wiki text puts around a link. Japanese
#: text may follow a link without a space, so anything beyond ASCII ends it.
_LINK = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Json = dict[str, Any]


def links(text: Node) -> tuple[str, ...]:
    """The http(s) links in a description or comment, each once, in reading order, at most 50.

    Takes wiki text, an ADF object or nothing. Never raises: what cannot be read holds no links.
    """
    found: dict[str, None] = {}
    for link in _links_in_adf(text) if text["type"] else _links_in(_text(text)):
        found[link] = None
        if len(found) == MOST_LINKS:
            break
    return tuple(found)


def texts(document: Node) -> list[str]:
    """The pieces of text in an ADF object, in reading order."""
    return [text for node in _walk(document) if (text := _text(node["text"]))]


def document(*paragraphs: str, code: str = "") -> Json:
    """An ADF object: each line of `paragraphs` becomes a paragraph, its links can be clicked.

    `code` is a last paragraph in a fixed-width font, kept in one piece so that `texts` finds it.
    Customers' text becomes text nodes only, so it can neither mention people nor form macros.
    """
    lines = [line for paragraph in paragraphs for line in _CONTROL.sub("", paragraph).splitlines()]
    content = [_paragraph(list(_inline(line))) for line in lines]
    if code:
        content.append(_paragraph([{"type": "text", "text": code, "marks": [{"type": "code"}]}]))
    return {"type": "doc", "version": 1, "content": content}


def _paragraph(content: list[Json]) -> Json:
    return {"type": "paragraph", "content": content}


def _inline(line: str) -> Iterator[Json]:
    """A line as text nodes; ADF allows no empty ones."""
    read = 0
    for link in _links_in(line):
        start = line.index(link, read)
        if start > read:
            yield {"type": "text", "text": line[read:start]}
        yield {"type": "text", "text": link, "marks": [{"type": "link", "attrs": {"href": link}}]}
        read = start + len(link)
    if read < len(line):
        yield {"type": "text", "text": line[read:]}


def _links_in(text: str) -> Iterator[str]:
    for match in _LINK.finditer(text):
        if len(match[0]) <= LONGEST_LINK:
            yield _without_punctuation(match[0])


def _without_punctuation(link: str) -> str:
    """The link without what belongs to the sentence around it."""
    link = link.rstrip(".,;:!?'*")
    while link.endswith(")") and link.count("(") < link.count(")"):
        link = link[:-1].rstrip(".,;:!?'*")
    return link


def _links_in_adf(document: Node) -> Iterator[str]:
    for node in _walk(document):
        marks = (mark["attrs"]["href"] for mark in _items(node["marks"]))
        for target in (*marks, node["attrs"]["url"], node["text"]):  # a mark, a card, plain text
            yield from _links_in(_text(target))


def _walk(document: Node) -> Iterator[Node]:
    """All nodes in reading order; without recursion, so that no nesting is too deep."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(_items(node["content"])))


def _items(node: Node) -> list[Node]:
    try:
        return list(node.items())
    except Malformed:
        return []


def _text(node: Node) -> str:
    try:
        return node.text(or_="")
    except Malformed:
        return ""
