"""The little HTML that a note's content needs. Everything given is escaped; each builder returns a
block, and blocks are joined with `+`:

    quote("CSV に出せますか") + paragraph("背景: 月次の締め") + link("https://app.example/c/1", "会話を開く")

Only tags that Productboard documents for rich text, each one closed, attributes quoted:
https://developer.productboard.com/reference/richtext
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

_PIECE = re.compile(r"<[^>]*>|&#?\w+;|.", re.DOTALL)
_TAG = re.compile(r"<(/?)(\w+)")
_VOID = {"br", "hr"}


def paragraph(text: str) -> str:
    """A paragraph for each line of a text that is not blank; `<br>` is not among the documented tags."""
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def quote(text: str) -> str:
    """What somebody said, set apart; nothing for a blank text."""
    lines = paragraph(text)
    return f"<blockquote>{lines}</blockquote>" if lines else ""


def link(url: str, text: str) -> str:
    """A paragraph that leads to an http or https URL; for any other URL just the text."""
    if not _is_web_address(url):
        return paragraph(text)
    return f'<p><a href="{escape(url)}">{escape(text.strip() or url)}</a></p>'


def fit(html: str, longest: int) -> str:
    """Shorten HTML to at most `longest` characters, with no tag torn apart and every tag closed."""
    if len(html) <= longest:
        return html
    kept: list[str] = []
    open_tags: list[str] = []
    room = longest
    for piece in _PIECE.findall(html):
        after = _opened(open_tags, piece)
        if len(piece) + len(_closing(after)) > room:
            break
        kept.append(piece)
        room -= len(piece)
        open_tags = after
    return "".join(kept) + _closing(open_tags)


def _opened(tags: list[str], piece: str) -> list[str]:
    """The tags that are open after a piece; the same list when it changes nothing."""
    tag = _TAG.match(piece)
    if tag is None or tag[2] in _VOID:
        return tags
    return tags[:-1] if tag[1] else [*tags, tag[2]]


def _closing(tags: list[str]) -> str:
    return "".join(f"</{tag}>" for tag in reversed(tags))


def _is_web_address(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
