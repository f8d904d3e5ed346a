"""Text as all rooms write it: in the language of whoever reads it, shortened, and with customers' words escaped.

That is the company's, unless it is written for one person: with speaking("en"): _("Acknowledge")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape as escape_html

from workflows.language.wording import say
from workflows.rules import rules

_READER: ContextVar[str] = ContextVar("reader", default="")
TITLE_LENGTH = 80
QUOTE_LENGTH = 1500


def language() -> str:
    """The language in which is written: a reader's own within `speaking`, else the company's."""
    return _READER.get() or rules.language


@contextmanager
def speaking(reader: str) -> Iterator[None]:
    """Whatever is written within is in this language; "" for the company's."""
    before = _READER.set(reader)
    try:
        yield
    finally:
        _READER.reset(before)


def _(sentence: str, /, **facts: object) -> str:
    """A sentence in the reader's language."""
    return say(language(), sentence, **facts)


def kind(name: str) -> str:
    """wish, fault, wording, question in the reader's language."""
    return _(name)


def shortened(text: str, length: int) -> str:
    """The text in one line, cut at `length` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def shortened_lines(text: str, length: int) -> str:
    """The beginning of a long text, its lines kept."""
    return text if len(text) <= length else text[: length - 1] + "…"


def title(quote: str, company: str) -> str:
    """A note's title: what is wished for, and by whom."""
    wish = shortened(quote, TITLE_LENGTH) or _("(no message text)")
    return f"{wish} — {shortened(company, 60)}" if company else wish


def quoted_html(text: str) -> str:
    """A customer's words in an internal note."""
    return "「" + escape_html(shortened(text, QUOTE_LENGTH)) + "」"


def links_in_html(*links: tuple[str, str]) -> str:
    """Labels with their addresses, those that lead to the web."""
    return " · ".join(
        f'<a href="{escape_html(url, quote=True)}">{escape_html(label)}</a>'
        for label, url in links
        if url.startswith(("https://", "http://"))
    )


def note_html(lines: Sequence[str], ref: str) -> str:
    """Paragraphs, and last the marker by which we find this note again."""
    return "".join(f"<p>{line}</p>" for line in (*lines, f"Ref {ref}") if line)
