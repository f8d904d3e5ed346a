"""`/find`: what the palette offers while somebody types: pages, codes, companies, people, and what was said.

A piece of HTML for palette.js. Without scripts the same form leads to `/search`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import search as pages
from app.pages.access import person_of
from app.pages.rooms import rooms_for
from app.pages.view import language_of, piece, render
from workflows.customer import companies, contacts
from workflows.engine.store import store
from workflows.language.folding import fold
from workflows.language.wording import say
from workflows.search import codes, search
from workflows.search.search import Hit
from workflows.tables.search import Document

router = APIRouter()

#: So many of each kind are offered; so many results are read, of which each conversation is offered once.
MOST, READ = 4, 24


@dataclass(frozen=True)
class Offer:
    """One thing to go to. `code`: what it is called for short; `note`: whose it is, or where it stands."""

    title: str
    address: str
    code: str = ""
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Offers of one kind, under its name."""

    name: str
    title: str
    offers: Sequence[Offer]


@router.get("/find")
def found(request: Request, q: str = "") -> Response:
    """What fits what was typed so far; every page where nothing was."""
    typed = "".join(letter for letter in q if letter.isprintable()).strip()[: search.LONGEST]
    offered = [Group("pages", "Pages", _pages(request, typed))]
    if typed:
        offered = [*store.read(partial(_coded, typed=typed)), *offered, *store.read(partial(_named, typed=typed))]
        offered.append(Group("said", "Requests and conversations", _said(request, typed)))
    groups = [group for group in offered if group.offers]
    rest = f"/search?{urlencode({'q': typed})}" if typed else ""
    return piece(request, render(request, "_found.html", groups=groups, rest=rest, typed=typed))


def _pages(request: Request, typed: str) -> list[Offer]:
    """The rooms and tabs of whoever reads whose name holds this."""
    say_it, wanted = partial(say, language_of(request)), fold(typed).strip()
    tabs = [(room, *tab) for room in rooms_for(person_of(request)) for tab in room.tabs]
    offers = [
        Offer(say_it(room.title), address, note=say_it(title) if len(room.tabs) > 1 else "")
        for room, address, title in tabs
    ]
    return [each for each in offers if wanted in fold(f"{each.title} {each.note}")]


def _coded(session: Session, typed: str) -> list[Group]:
    """What bears exactly this code, or waits for the issue with this key."""
    code = codes.read(typed)
    meant = codes.meant(session, code) if code else []
    return [Group("codes", code, [_of_document(each) for each in meant[:MOST]])]


def _of_document(document: Document) -> Offer:
    title = document.text.partition("\n")[0]
    return Offer(title, document.place, pages.label(document), document.company or document.who)


def _named(session: Session, typed: str) -> list[Group]:
    """Companies, and people at customers, of this name. Whoever looks for a person looks for their company's page."""
    firms = [Offer(each.name, _page_of(each.id), note=each.tier) for each in companies.named(session, typed, MOST)]
    people = [
        Offer(contact.name, _page_of(company.id), note=company.name)
        for contact, company in contacts.named(session, typed, MOST)
    ]
    return [Group("companies", "Companies", firms), Group("people", "People", people)]


def _page_of(company_id: str) -> str:
    return f"/companies/{quote(company_id, safe='')}"


def _said(request: Request, typed: str) -> list[Offer]:
    """What holds all of these words, the newest first; of each place one."""
    hits = () if search.problem(typed) else search.search(typed, most=READ).hits
    places: dict[str, Hit] = {}
    for hit in hits:
        places.setdefault(hit.document.place.partition("#")[0], hit)
    return [_of_hit(request, hit) for hit in list(places.values())[: 2 * MOST]]


def _of_hit(request: Request, hit: Hit) -> Offer:
    document, excerpt = hit.document, "".join(part.text for part in hit.excerpt)
    is_chat = document.place.startswith(pages.CHAT)
    kind = say(language_of(request), pages.NAMES[document.kind])
    note = " · ".join(each for each in (kind, document.company, document.who) if each)
    return Offer(excerpt, document.place, "" if is_chat else pages.label(document), note)
