"""`/wishes`: every wish in lists, narrowed and ordered as the address says; the same as a CSV file; views to keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.pages import typed
from app.pages.access import asks, person_of, require_same_origin
from app.pages.meeting import number
from app.pages.typed import Typed, leads_to
from app.pages.view import HEADERS, language_of, page
from workflows.engine.store import now_ms, store
from workflows.language.wording import money, say
from workflows.meeting import export
from workflows.overview import life, wish_lists, wish_sheet
from workflows.overview.wish_lists import Wanted
from workflows.overview.wish_orders import SORTS
from workflows.people import saved_views
from workflows.people.may import EXPORT, READ
from workflows.people.person import Person, ids_of
from workflows.rules import KINDS
from workflows.wish.wishes import id_of

router = APIRouter()

#: Rows on a page, and in a file; names that are offered.
ROWS, FILED, NAMES = 50, 10_000, 200
SHOWS = {"all": "All", "unfilled": "No background", "mine": "Filed by me"} | {
    "owed": "Filed by me, no background",
    "decided": "Decided",
    "unissued": "Adopted, no issue",
    "withdrawn": "Withdrawn",
}
#: Why a list may be empty, and what fills it.
EMPTY = {
    "all": "No requests yet. They are filed by tags in Intercom, from Slack, or by hand.",
    "unfilled": "Every request has background.",
    "mine": "You haven't filed any requests yet.",
    "owed": "Every request of yours has background, or is decided.",
    "decided": "Nothing has been decided yet. Decisions are made in the meeting.",
    "unissued": "Every adopted request has a Jira issue.",
    "withdrawn": "No withdrawn requests. If a request was filed by mistake, you can withdraw it on its page.",
}
SORTED = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "weight": "Highest weight",
    "spend": "Highest monthly spend",
}
AGES = {14: "14 days or older", 30: "30 days or older", 90: "90 days or older"}


@dataclass(frozen=True)
class Narrowed:
    """What an address says of a list; what we do not know of it is left out."""

    show: str = "all"
    stage: str = ""
    kind: str = ""
    company: str = ""
    by: str = ""
    age: str = ""
    sort: str = "newest"

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Narrowed:
        """What an address or a form says."""
        one_of, text = partial(typed.one_of, values), partial(typed.text, values)
        return cls(
            show=one_of("show", wish_lists.SHOWS, "all"),
            stage=one_of("stage", life.STAGES),
            kind=one_of("kind", KINDS),
            company=text("company"),
            by=text("by"),
            age=one_of("age", [str(days) for days in AGES]),
            sort=one_of("sort", SORTS, "newest"),
        )

    @property
    def query(self) -> str:
        """What an address says for it; "" for the list as it is at first."""
        plain = vars(Narrowed())
        return urlencode({name: value for name, value in vars(self).items() if value != plain[name]})

    @property
    def is_narrowed(self) -> bool:
        """Does it show less than the whole tab?"""
        return replace(self, show="all", sort="newest") != Narrowed()

    @property
    def without_filters(self) -> str:
        """The address of the whole tab."""
        return Narrowed(show=self.show).address()

    def address(self, path: str = "/wishes", more: int = 0, **changes: str) -> str:
        """The address of the same with other choices, or of what follows the wish `more`."""
        query = "&".join(filter(None, (replace(self, **changes).query, f"before={more}" if more else "")))
        return f"{path}?{query}" if query else path

    def wanted(self, person: Person) -> Wanted:
        """The same as a question, asked by somebody."""
        asked = {name: value for name, value in vars(self).items() if name != "age"}
        return Wanted(**asked, days=int(self.age or 0), ids=ids_of(person))


@router.get("/wishes")
def listed(request: Request, before: str = "", said: str = "") -> Response:
    """A list; `before` (the number of the last row) pages on."""
    return show(request, Narrowed.of(request.query_params), id_of(before) or 0, said=SAID.get(said, ""))


SAID = {"saved": "The view is saved.", "deleted": "The view is deleted."}


def show(
    request: Request,
    narrowed: Narrowed,
    start: int = 0,
    status: int = 200,
    *,
    said: str = "",
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The page of a list."""
    person = person_of(request).person
    wanted = narrowed.wanted(person)
    found = store.read(partial(wish_lists.found, wanted=wanted, after=start, most=ROWS))
    facts: dict[str, Any] = {
        "rows": found.rows,
        "more": found.more,
        "start": start,
        "counts": {} if narrowed.stage else store.read(partial(wish_lists.counts, wanted=wanted)),
        "takers": store.read(partial(wish_lists.takers, most=NAMES)),
        "views": store.read(partial(saved_views.of, person=person)),
        "empty": EMPTY[narrowed.show],
    }
    choices = {"shows": SHOWS, "sorts": SORTED, "ages": AGES, "stages": life.WORDS, "kinds": KINDS}
    words = {"money": partial(money, language_of(request)), "wrong": defaultdict(str, wrong or {}), "said": said}
    return page(request, "wishes.html", status, narrowed=narrowed, **facts, **choices, **words)


@router.get("/wishes.csv", dependencies=[asks(EXPORT)])
def as_csv(request: Request) -> Response:
    """All of a list as a file that Excel opens as it is."""
    wanted, now = Narrowed.of(request.query_params).wanted(person_of(request).person), now_ms()
    rows = store.read(lambda session: list(wish_lists.everything(session, wanted, FILED)))
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="requests-{export.day(now)}.csv"'}
    data = wish_sheet.table(language_of(request), rows, now)
    return Response(data, headers=headers, media_type="text/csv; charset=utf-8")


# -- views ----------------------------------------------------------------------------------------


@router.post("/wishes/views", dependencies=[asks(READ), Depends(require_same_origin)])
def keep(request: Request, typed: Typed) -> Response:
    """Somebody wants to see this list again, and gives it a name."""
    language, narrowed = language_of(request), _of_query(typed.get("query", ""))
    if wrong := saved_views.problems(language, typed):
        return show(request, narrowed, status=400, wrong=wrong)
    name, person = typed["name"].strip(), person_of(request).person
    if why := store.write(partial(saved_views.keep, person=person, name=name, query=narrowed.query)):
        return show(request, narrowed, status=400, wrong={"name": say(language, why, n=saved_views.MOST)})
    return leads_to(_said(narrowed, "saved"))


@router.post("/wishes/views/{id}/delete", dependencies=[asks(READ), Depends(require_same_origin)])
def drop(request: Request, id: str, typed: Typed) -> Response:
    """Somebody does not need one of their views any more."""
    store.write(partial(saved_views.drop, person=person_of(request).person, id=number(id)))
    return leads_to(_said(_of_query(typed.get("query", "")), "deleted"))


def _of_query(query: str) -> Narrowed:
    return Narrowed.of(dict(parse_qsl(query)))


def _said(narrowed: Narrowed, said: str) -> str:
    address = narrowed.address()
    return f"{address}{'&' if '?' in address else '?'}said={said}"
