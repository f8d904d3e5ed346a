"""A digest as a mail: plain text and HTML of the same lines, and the address by which one click stops it (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from integrations.slack.blocks import clean
from workflows.language.addresses import page_url
from workflows.language.text import _, language, links_in_html, shortened
from workflows.measure.digest_texts import BETWEEN, Row, headline, mailed, rows
from workflows.measure.digests import Digest

STOP, CHOOSE, OPEN = "Stop this digest", "Choose or stop digests", "Open this digest"
#: Characters of a subject.
SUBJECT = 150


@dataclass(frozen=True)
class Mail:
    """`stop` is the address that stops it, "" where there is none."""

    subject: str
    text: str
    html: str
    stop: str


def mail(digest: Digest, secret: str) -> Mail:
    """The mail; with a `secret` whoever reads it can stop it without signing in."""
    stop = page_url(f"/unsubscribe/{secret}") if secret else ""
    first, found = headline(digest), rows(digest, mailed)
    links = [(_(OPEN), page_url(digest.address)), (_(CHOOSE), page_url("/digests"))]
    links = [(label, url) for label, url in [*links, (_(STOP), stop)] if url]
    return Mail(shortened(first, SUBJECT), _text(first, found, links), _html(first, found, links), stop)


def _text(first: str, found: list[Row], links: list[tuple[str, str]]) -> str:
    lines = [first, ""]
    for row in found:
        lines += [BETWEEN.join([f"■ {row.text}", *row.remarks]), *filter(None, [page_url(row.address)])]
        lines += [f"  - {clean(text)}" for text, _address in row.items] + [""]
    return "\n".join([*lines, *(f"{label}: {url}" for label, url in links)])


def _html(first: str, found: list[Row], links: list[tuple[str, str]]) -> str:
    body = "".join(map(_part, found))
    foot = links_in_html(*links)
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8"><title>{escape(first)}</title></head>'
        f'<body style="font-family:sans-serif;line-height:1.6"><p><strong>{escape(first)}</strong></p>{body}'
        f"<p>{foot}</p></body></html>"
    )


def _part(row: Row) -> str:
    items = "".join(f"<li>{_linked(text, address)}</li>" for text, address in row.items)
    remarks = "".join(f"{BETWEEN}{escape(each)}" for each in row.remarks)
    return f'<h2 style="font-size:1em">{_linked(row.text, row.address)}{remarks}</h2>' + (
        f"<ul>{items}</ul>" if items else ""
    )


def _linked(text: str, path: str) -> str:
    return links_in_html((clean(text), page_url(path))) or escape(clean(text))
