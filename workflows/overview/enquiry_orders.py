"""In which order a list of enquiries goes, and where its next page begins.

order = order_of(WORTH, now)
query.where(passed(order, place.keys)).order_by(*ordered(order))

A page begins after the last row of the one before, whatever came or went meanwhile. What an order says of that row
stands in the address, and so does the moment as of which waiting is reckoned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflows.engine.rows import table_of
from workflows.tables.customer import Company
from workflows.tables.enquiry import Enquiry

#: Who has waited longest; the time waited, weighed by what the company spends; where something was said last.
LONGEST, WORTH, NEWEST = SORTS = ("longest", "worth", "newest")
AT, NUMBER = re.compile(r"\d{1,15}"), re.compile(r"\d{1,15}|\d{1,22}\.\d{1,20}|\d(\.\d{1,20})?e\+\d\d")
LONGEST_ID = 100


class Key(NamedTuple):
    """By what rows are ordered; `falls`: the largest first."""

    column: Any
    falls: bool = False


class Place(NamedTuple):
    """The last row of a page: as of when its waiting was reckoned, and what each key of the order says of it."""

    at: int
    keys: Sequence[Any]


_enquiry = table_of(Enquiry).c
#: Since when somebody waits: the customer, or we for them.
_since = sa.func.coalesce(_enquiry.waiting_since, _enquiry.said_at)
_mrr = sa.func.coalesce(table_of(Company).c.mrr, 0.0)


def order_of(sort: str, at: int) -> list[Key]:
    """The keys of an order, of which the last one is the enquiry itself."""
    if sort == NEWEST:
        return [Key(_enquiry.said_at, falls=True), Key(_enquiry.conversation_id, falls=True)]
    longest = [Key(_since), Key(_enquiry.conversation_id)]
    waited = sa.literal(at, sa.BigInteger()) - _since
    return [Key(sa.type_coerce(waited * _mrr, sa.Float()), falls=True), *longest] if sort == WORTH else longest


def ordered(order: Sequence[Key]) -> list[Any]:
    """What a query is ordered by."""
    return [key.column.desc() if key.falls else key.column.asc() for key in order]


def passed(order: Sequence[Key], keys: Sequence[Any]) -> Any:
    """Is a row behind this place?"""
    key, value = order[0], keys[0]
    further = key.column < value if key.falls else key.column > value
    if len(order) == 1:
        return further
    reached = key.column <= value if key.falls else key.column >= value  # by itself, so that an index begins there
    return reached & (further | ((key.column == value) & passed(order[1:], keys[1:])))


def cursor(place: Place) -> str:
    """A place as it stands in an address."""
    return "~".join((str(place.at), *map(str, place.keys)))


def read(text: str, order: Sequence[Key]) -> Place | None:
    """The place in an address; None where it is none of this order."""
    at, *numbers, id = ["", *text.split("~")] if "~" not in text else text.split("~")
    is_one = AT.fullmatch(at) and all(map(NUMBER.fullmatch, numbers)) and len(numbers) == len(order) - 1
    if not is_one or not id.isprintable() or len(id) > LONGEST_ID:
        return None
    return Place(int(at), [*(int(each) if each.isdigit() else float(each) for each in numbers), id])
