"""Messages in Chatwork's notation, whose tags nobody can write but us. Pure.

    parts = message("急増", [plain(said), words(customers, 200)], "https://yamabiko.example/volume/alerts/17")

A tag notifies people, frames or hides text, and Chatwork documents no way to escape one. So every text goes through
`plain` (or `words`, `title`, which are made of it): no ASCII bracket is left in it, and so no tag, however it is spelt.
What is made of such text has the type `Notation`, and nothing else can be sent.

Nothing may change a text afterwards: NFKC, for instance, makes ASCII brackets of the full-width ones again.
https://developer.chatwork.com/docs/message-notation
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NewType

#: Text that can be sent as it is: of ours, or of others and made harmless.
Notation = NewType("Notation", str)

#: Of one message, after escaping. Chatwork allows 65,535 and does not say of what; in bytes these are 21,845 kanji.
CHARACTERS, BYTES = 20_000, 60_000
#: More messages than these are not sent for one: the rest is on our page.
PARTS = 3
TITLE = 80
CUT = "…"

#: Control characters but for the line feed; what turns the direction of writing; halves of characters.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ADDRESS = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_IN_ADDRESSES, _ELSEWHERE = str.maketrans({"[": "%5B", "]": "%5D"}), str.maketrans({"[": "［", "]": "］"})
_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)


# -- text -----------------------------------------------------------------------------------------


def plain(text: str) -> Notation:
    """A text of which nothing is a tag: brackets become full-width, and percent-encoded within an address."""
    return Notation(_ADDRESS.sub(lambda found: found[0].translate(_IN_ADDRESSES), _seen(text)).translate(_ELSEWHERE))


def words(text: str, most: int, more: str = CUT) -> Notation:
    """What a stranger wrote: at most so many characters of it, then `more`; an address in it is no link."""
    without = _SCHEME.sub("", _seen(text))
    # what was cut out may have brought another one together
    return plain(cut(_SCHEME.sub(lambda found: found[0].replace(":", "："), without), most, more))


def title(text: str) -> Notation:
    """One line of at most 80 characters."""
    return plain(cut(" ".join(text.split()), TITLE))


def cut(text: str, most: int, more: str = CUT) -> str:
    """At most so many characters of a text, and then `more` where there were others."""
    return text if len(text) <= most else text[: max(0, most - len(more))].rstrip() + more


def _seen(text: str) -> str:
    """What people see of a text."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def lines(*parts: Notation) -> Notation:
    """Each on a line of its own."""
    return Notation("\n".join(parts))


# -- tags -----------------------------------------------------------------------------------------


def mention(account: str, name: str = "") -> Notation:
    """Notifies the person with this account. The name is text beside it. Raises ValueError for what is no account."""
    return Notation(f"[To:{_number(account)}]{title(name)}")


def reply(account: str, room: str, message: str, text: Notation) -> Notation:
    """A text that answers somebody's message in a room, and notifies them."""
    return Notation(f"[rp aid={_number(account)} to={_number(room)}-{_number(message)}]\n{text}")


def info(heading: str, *blocks: Notation) -> Notation:
    """A framed text under a title; a rule stands between blocks."""
    return Notation(f"[info][title]{title(heading)}[/title]{'[hr]'.join(blocks)}[/info]")


def _number(id: str) -> str:
    if not _NUMBER.fullmatch(id):
        raise ValueError(f"{id!r} is no number of Chatwork's")
    return id


# -- messages -------------------------------------------------------------------------------------


def message(
    heading: str, blocks: Sequence[Notation], link: str, *, to: Sequence[Notation] = (), more: str = CUT
) -> tuple[Notation, ...]:
    """One message, or up to three where it is long: each frames its share of the blocks, and names its `marker`.

    `link` is the page of ours that stands for this message and for no other; `to`, the mentions, stand above the first.
    What does not fit into three is left out, and `more` says so. A block is text without tags; one that is too long is
    cut. Raises ValueError for a block with a tag, and a link that cannot be recognised again.
    """
    if any("[" in block for block in blocks):
        raise ValueError("a block holds a tag")
    called = "".join(f"{mention}\n" for mention in to)
    rest = plain(more)
    # brackets in an address take three characters each
    shares = list(_shares(blocks, _Room(len(called) + 3 * TITLE + len(marker(link, PARTS)) + len(rest) + 100)))
    kept = shares[:PARTS]
    if len(shares) > PARTS:
        kept[-1] = [*kept[-1], rest]
    of = len(kept)
    return tuple(
        Notation((called if part == 1 else "") + _framed(heading, share, marker(link, part), part, of))
        for part, share in enumerate(kept, 1)
    )


def marker(link: str, part: int = 1) -> str:
    """By what the n-th part of a message is found again: its link. Raises ValueError for one that cannot be."""
    if plain(link) != link or "#" in link or not link or any(letter.isspace() for letter in link):
        raise ValueError(f"{link!r} cannot be found again in a message")
    return link if part == 1 else f"{link}#{part}"


def carries(body: str, marker: str) -> bool:
    """Does a message carry this marker, and not one that only begins like it (`…/alerts/17` in `…/alerts/170`)?"""
    return re.search(re.escape(marker) + r"(?![\w%&=?#/.~+-])", body, re.ASCII) is not None


def _framed(heading: str, share: Sequence[Notation], marker: str, part: int, of: int) -> Notation:
    number = f" ({part}/{of})" if of > 1 else ""
    name = cut(" ".join(heading.split()), TITLE - len(number)) + number
    *before, last = share or [Notation("")]
    return info(name, *before, lines(*(each for each in (last, Notation(marker)) if each)))


class _Room:
    """How much text fits into one message, beside what stands in every one."""

    def __init__(self, taken: int) -> None:
        self.characters, self.bytes = CHARACTERS - taken, BYTES - 4 * taken

    def holds(self, share: Sequence[Notation]) -> bool:
        """Do these blocks fit in?"""
        text = "[hr]".join(share)
        return len(text) <= self.characters and len(text.encode()) <= self.bytes


def _shares(blocks: Sequence[Notation], room: _Room) -> Iterator[list[Notation]]:
    """The blocks in their order, as many together as fit; one that fits nowhere is cut."""
    share: list[Notation] = []
    for block in blocks:
        whole = block if room.holds([block]) else plain(cut(block, min(room.characters, room.bytes // 4)))
        if share and not room.holds([*share, whole]):
            yield share
            share = []
        share.append(whole)
    yield share
