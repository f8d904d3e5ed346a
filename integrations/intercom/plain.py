"""The plain text of what people wrote: Intercom's message bodies are small pieces of HTML.

    text("<p>請求書が<b>出ない</b></p><ul><li>PDF</li></ul>")  # 請求書が出ない / - PDF, on two lines

Line breaks and list items stay visible, scripts and styles go, a link whose address is not its text
becomes `text (address)`. Nothing that a customer can write makes this fail or take long.
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import escape
from html.parser import HTMLParser

#: Characters of HTML that are read; a chat message is far shorter.
LONGEST = 100_000

BLOCKS = frozenset({"blockquote", "div", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"}) | frozenset(
    f"h{level}" for level in range(1, 7)
)
UNSPOKEN = frozenset(("script", "style", "template", "title"))

#: A `<` that opens no tag. html.parser would look for its end again and again, which takes minutes.
_STRAY = re.compile(r"<(?!/?[a-zA-Z][^<>]{0,2000}>)")
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_SPACE = re.compile(r"[ \t\r\n\f]+")


def text(html: str | None) -> str:
    """The text of an HTML body, '' for None. A body without any tag keeps its line breaks."""
    html = (html or "")[:LONGEST]
    if "<" not in html and "&" not in html:
        return html.strip()
    reader = _Reader(keeps_lines="<" not in html)
    with suppress(Exception):  # html.parser asserts on some malformed mark-up; what was read so far is kept
        reader.feed(_well_formed(html))
        reader.close()
    return reader.text()


def html(text: str) -> str:
    """The body by which a text is sent: each line as it is, with nothing of it read as HTML."""
    return "<p>" + escape(text, quote=False).replace("\n", "<br>") + "</p>"


def is_same(one: str, other: str) -> bool:
    """Do two texts say the same, but for spaces and line breaks?"""
    return one.split() == other.split()


def _well_formed(html: str) -> str:
    """The same without comments and declarations; every `<` left opens a tag."""
    first, *rest = html.split("<!--")
    spoken = first + "".join(piece.partition("-->")[2] for piece in rest)
    return _STRAY.sub("&lt;", _DECLARATION.sub("", spoken))


class _Reader(HTMLParser):
    """Collects text; `keeps_lines` where line breaks in the source are meant as such."""

    def __init__(self, *, keeps_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._silent = 0
        self._verbatim = int(keeps_lines)
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in UNSPOKEN
        self._verbatim += tag == "pre"
        if tag in BLOCKS:
            self._end_line()
        if tag == "li":
            self._pieces.append("- ")
        elif tag == "br":
            self._pieces.append("\n")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self._pieces)))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in UNSPOKEN and self._silent > 0
        self._verbatim -= tag == "pre" and self._verbatim > 0
        if tag in BLOCKS:
            self._end_line()
        elif tag == "a" and self._links:
            self._name_address(*self._links.pop())

    def handle_data(self, data: str) -> None:
        data = data if self._verbatim else _SPACE.sub(" ", data)
        if not self._silent and not (data == " " and self._at_line_start()):
            self._pieces.append(data)

    def _at_line_start(self) -> bool:
        return not self._pieces or self._pieces[-1] in ("\n", "- ")

    def _end_line(self) -> None:
        if not self._at_line_start():
            self._pieces.append("\n")

    def _name_address(self, address: str, start: int) -> None:
        label = "".join(self._pieces[start:]).strip()
        if re.match(r"https?://", address) and address != label:
            self._pieces.append(f" ({address})" if label else address)

    def text(self) -> str:
        """What was collected: no blank space at line ends, never two empty lines in a row."""
        lines = (line.rstrip() for line in "".join(self._pieces).replace("\xa0", " ").split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
