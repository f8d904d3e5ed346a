"""Slack's mrkdwn as HTML, as safe as it is faithful: every letter is escaped, and only elements of ours are made.

    render("*至急* <@U0MORI> さん\\n> 返金して", reader)
    # <p><b>至急</b> <span class="mention">@森 拓也</span> さん</p><blockquote>返金して</blockquote>

Links lead to http(s) addresses or nowhere. https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from integrations.slack.blocks import JOINER
from workflows.rules import rules

#: Texts are not nested deeper than this: bold, italic, struck, a link's label.
DEEPEST = 4
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_ENTITY = re.compile("&(amp|lt|gt);")
_LETTERS = {"amp": "&", "lt": "<", "gt": ">"}
_EMPHASES = {"*": "b", "_": "i", "~": "s"}


#: An invisible letter that stands beside a mark which is none.
_J = JOINER


def _emphasis(mark: str) -> str:
    """`*bold*`, at the borders of a word; what stands in <…> is never cut in half."""
    each = re.escape(mark)
    inner = rf"(?:<[^<>\n]*>|{_J}{each}+(?={_J})|[^{each}<\n])+?"
    return rf"(?<![\w{_J}{each}]){each}(?=[^\s{each}])({inner})(?<!\s){each}(?![\w{_J}])"


_CODE = rf"(?<!{_J})`((?:{_J}`|[^`\n])+)`(?!{_J})"
_SPAN = re.compile("|".join((r"<([^<>\n]*)>", _CODE, *map(_emphasis, _EMPHASES))))


@dataclass(frozen=True)
class Reader:
    """Who reads: the names of people and channels by id, the reader's locale and time zone."""

    names: Mapping[str, str]
    locale: str = "ja-JP"
    zone: ZoneInfo = field(default_factory=lambda: rules.calendar.zone)


def plain(text: str) -> Markup:
    """Plain text, which Slack shows as it is."""
    return escape(text)


def render(text: str, reader: Reader) -> Markup:
    """Mrkdwn as HTML."""
    pieces = _FENCE.split(text)
    shown = [_pre(piece) if number % 2 else _lines(piece, reader) for number, piece in enumerate(pieces)]
    return Markup("").join(shown)


def unescaped(text: str) -> str:
    """Slack's three entities as the letters they stand for, each once: `&amp;lt;` is `&lt;`."""
    return _ENTITY.sub(lambda match: _LETTERS[match[1]], text)


def _pre(text: str) -> Markup:
    return Markup("<pre>{}</pre>").format(unescaped(text))


def _lines(text: str, reader: Reader) -> Markup:
    """Lines, of which neighbours that begin with `>` are one quotation."""
    if not text:
        return Markup("")
    shown = Markup("")
    for is_quote, some in groupby(text.split("\n"), key=lambda line: line.startswith(("&gt;", ">"))):
        said = Markup("<br>").join(_inline(_quoted(line) if is_quote else line, reader) for line in some)
        shown += Markup("<blockquote>{}</blockquote>").format(said) if is_quote else Markup("<p>{}</p>").format(said)
    return shown


def _quoted(line: str) -> str:
    return line.removeprefix("&gt;").removeprefix(">").removeprefix(" ")


def _inline(line: str, reader: Reader, depth: int = 0) -> Markup:
    return Markup("").join(_pieces(line, reader, depth))


def _pieces(line: str, reader: Reader, depth: int) -> Iterator[Markup]:
    at = 0
    for match in _SPAN.finditer(line):
        yield escape(unescaped(line[at : match.start()]))
        yield _span(match, reader, depth)
        at = match.end()
    yield escape(unescaped(line[at:]))


def _span(match: re.Match[str], reader: Reader, depth: int) -> Markup:
    control, code, *emphasised = match.groups()
    if control is not None:
        return _control(control, reader)
    if code is not None:
        return Markup("<code>{}</code>").format(unescaped(code))
    [(element, text)] = [pair for pair in zip(_EMPHASES.values(), emphasised, strict=True) if pair[1] is not None]
    inner = _inline(text, reader, depth + 1) if depth < DEEPEST else escape(unescaped(text))
    return Markup(f"<{element}>{{}}</{element}>").format(inner)


# -- what stands in <…> -----------------------------------------------------------------------------


def _control(said: str, reader: Reader) -> Markup:
    """A mention, a moment or a link."""
    target, _, label = said.partition("|")
    label = unescaped(label)
    if target[:1] in ("@", "#"):
        return _mention(target[0], reader.names.get(target[1:], label or target[1:]))
    if target.startswith("!date^"):
        return escape(_moment(target, label, reader))
    if target.startswith("!"):
        return _mention("@", (label or target[1:].partition("^")[0]).removeprefix("@"))
    return link(unescaped(target), label)


def _mention(mark: str, name: str) -> Markup:
    return Markup('<span class="mention">{}{}</span>').format(mark, name)


def link(url: str, label: str) -> Markup:
    """A link into the web, in a page of its own; the label alone for any other address."""
    if not re.fullmatch(r"https?://[^\s<>\"]+", url, re.IGNORECASE):
        return escape(label or url)
    return Markup('<a href="{}" target="_blank" rel="noreferrer noopener external">{}</a>').format(url, label or url)


def _moment(target: str, fallback: str, reader: Reader) -> str:
    """`!date^1795000000^{date_num} {time}^link` in the reader's own zone; the fallback where it is no moment."""
    _, epoch, form, *_ = [*target.split("^"), "", ""]
    if not re.fullmatch(r"[0-9]{1,11}", epoch, re.ASCII):
        return fallback
    moment = datetime.fromtimestamp(int(epoch), reader.zone)
    words = _japanese(moment) if reader.locale.startswith("ja") else _english(moment)
    return re.sub(r"\{(\w+)\}", lambda gap: words.get(gap[1].removesuffix("_pretty"), gap[0]), unescaped(form))


def _japanese(moment: datetime) -> dict[str, str]:
    day, weekday = f"{moment.year}年{moment.month}月{moment.day}日", "月火水木金土日"[moment.weekday()]
    long = f"{day} {weekday}曜日"
    return {"date": day, "date_short": f"{moment:%Y/%m/%d}", "date_long": long} | _numbers(moment, f"{moment:%H:%M}")


def _english(moment: datetime) -> dict[str, str]:
    clock = f"{moment:%I:%M %p}".removeprefix("0")
    day = f"{moment:%b} {moment.day}, {moment.year}"
    long = f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}"
    return {"date": f"{moment:%B} {moment.day}, {moment.year}", "date_short": day, "date_long": long} | _numbers(
        moment, clock
    )


def _numbers(moment: datetime, clock: str) -> dict[str, str]:
    return {"date_num": f"{moment:%Y-%m-%d}", "time": clock, "time_secs": f"{moment:%H:%M:%S}"}
