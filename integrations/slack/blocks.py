"""Block Kit as pure functions: every text fits Slack's limits, untrusted text cannot become markup.

Texts that are too long are cut and end in an ellipsis. Identifiers (`action_id`, `value`, `url`) are
never cut: they would come back as something else, so too long ones raise ValueError.
`escape` untrusted text before it goes into `section` or `context`; `header` and `button` are plain
text, which Slack shows as it is.

Slack has no escape for *, _, ~ and `. It reads them as marks beside a space or punctuation only, so untrusted ones get
an invisible word joiner on either side and stand within a word; `without_joiners` takes these out of what comes back.

https://docs.slack.dev/reference/block-kit/blocks · https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]

SECTION_TEXT, HEADER_TEXT, BUTTON_TEXT = 3000, 150, 75
CONTEXT_ELEMENTS, ACTIONS_ELEMENTS, MESSAGE_BLOCKS = 10, 25, 50
ACTION_ID, BUTTON_VALUE, URL = 255, 2000, 3000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
#: The longest `text` of a message that `chat.update` accepts as well.
MESSAGE_TEXT = 4000

ELLIPSIS = "…"
#: Slack refuses empty texts.
EMPTY = "–"
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
#: What is left of a link, a mention or an entity when a text is cut inside it.
_HALF = re.compile(r"(<[^<>\s]*|<(?:[@#!]|https?:)[^<>]*|&[a-z]{0,3})$")
#: Invisible, not a space, and no place for a line to break.
JOINER = "\u2060"
#: What Slack reads as marks, in either width; three ` wherever they are. Only _ inside a name or address stays alone:
#: it is never a mark there, and such a name is copied.
_MARKS = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|[*~`＊＿｀]|^(?:&gt;|＞)", re.MULTILINE)
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x85\x0b\x0c]")


# -- text ---------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Text without characters that nobody sees but that reorder, hide or split what people read."""
    lines = _LINE_ENDS.sub("\n", text)
    return "".join(character for character in lines if character in "\n\t" or _is_visible(character))


def _is_visible(character: str) -> bool:
    # Cc control, Cf format (bidirectional overrides, zero width), Cs half of a surrogate pair
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def escape(text: str) -> str:
    """Untrusted text as mrkdwn that mentions nobody, links nowhere and is neither bold, struck out nor code."""
    inert = _MARKS.sub(rf"{JOINER}\g<0>{JOINER}", _literal(text))
    return inert.replace(JOINER * 2, JOINER)


def _literal(text: str) -> str:
    """Without what Slack puts in angle brackets."""
    return clean(text).translate(_MARKUP)


def without_joiners(mrkdwn: str) -> str:
    """A message of ours as somebody reads it, who copies it or sends it back."""
    return mrkdwn.replace(JOINER, "")


def quote(text: str) -> str:
    """Untrusted text as a quotation."""
    return "\n".join(f"> {line}" for line in escape(text).split("\n"))


def link(url: str, label: str) -> str:
    """A link with an untrusted label; the label alone where `url` is not an http(s) address."""
    text = _one_line(escape(label))
    if not re.fullmatch(r"https?://[^\s<>|]+", url):
        return text
    return f"<{_literal(url)}|{text}>" if text else f"<{_literal(url)}>"


def date(epoch: int, fallback: str) -> str:
    """A moment (Unix seconds) in the reader's own time zone; `fallback` where it cannot be shown."""
    return f"<!date^{epoch}^{{date_short_pretty}} {{time}}|{_one_line(escape(fallback)) or EMPTY}>"


def cut(text: str, limit: int) -> str:
    """Mrkdwn of at most `limit` characters; a link or entity is dropped rather than cut in half."""
    if len(text) <= limit:
        return text
    return _HALF.sub("", text[: limit - len(ELLIPSIS)]).rstrip() + ELLIPSIS


def _one_line(text: str) -> str:
    return " ".join(text.split())


def plain(text: str, limit: int) -> dict[str, Any]:
    """Plain text of one line and at most `limit` characters, as Slack's text object."""
    line = _one_line(clean(text)) or EMPTY
    return {"type": "plain_text", "text": line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS}


def _mrkdwn(text: str) -> dict[str, Any]:
    # verbatim: what looks like an address or a channel in a customer's text stays text
    return {"type": "mrkdwn", "text": cut(text, SECTION_TEXT).strip() or EMPTY, "verbatim": True}


# -- blocks -------------------------------------------------------------------------------------


def section(mrkdwn: str) -> Block:
    """A paragraph."""
    return {"type": "section", "text": _mrkdwn(mrkdwn)}


def header(text: str) -> Block:
    """A heading of one line, plain text."""
    return {"type": "header", "text": plain(text, HEADER_TEXT)}


def small(*mrkdwn: str) -> Block:
    """Small print (Slack: a context block): up to ten pieces of text in a row."""
    pieces = mrkdwn if len(mrkdwn) <= CONTEXT_ELEMENTS else (*mrkdwn[: CONTEXT_ELEMENTS - 1], ELLIPSIS)
    return {"type": "context", "elements": [_mrkdwn(piece) for piece in pieces or (EMPTY,)]}


def actions(*elements: Block) -> Block:
    """A row of one to 25 buttons. Raises ValueError for any other number."""
    if not 1 <= len(elements) <= ACTIONS_ELEMENTS:
        raise ValueError(f"{len(elements)} elements in an actions block; 1 to {ACTIONS_ELEMENTS} are allowed")
    return {"type": "actions", "elements": list(elements)}


def button(
    text: str, action_id: str, value: str, url: str = "", *, style: str = "", confirm: Block | None = None
) -> Block:
    """A button; `value` comes back when it is pressed, `url` opens as well. `style`: "primary" or "danger".

    `confirm`: what is asked before it is pressed, from `confirm`.
    """
    within("action_id", action_id, ACTION_ID)
    within("value", value, BUTTON_VALUE)
    within("url", url, URL)
    optional = {"value": value, "url": url, "style": style, "confirm": confirm}
    present = {name: given for name, given in optional.items() if given}
    return {"type": "button", "text": plain(text, BUTTON_TEXT), "action_id": action_id} | present


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """What is asked before a button counts as pressed. All of it is plain text."""
    texts = {"title": plain(title, CONFIRM_TITLE), "text": plain(text, CONFIRM_TEXT)}
    return texts | {"confirm": plain(yes, CONFIRM_BUTTON), "deny": plain(no, CONFIRM_BUTTON)}


def fit(blocks: Sequence[Block], most: int = MESSAGE_BLOCKS) -> list[Block]:
    """The blocks of one message: at most 50 (or `most`), the last one an ellipsis where some had to go."""
    if len(blocks) <= most:
        return list(blocks)
    return [*blocks[: most - 1], small(ELLIPSIS)]


def within(name: str, text: str, limit: int) -> None:
    """Raise ValueError where an identifier is longer than Slack allows."""
    if len(text) > limit:
        raise ValueError(f"{name} has {len(text)} characters; {limit} are allowed")
