"""`/enquiries/channels`: messenger and email side by side; `/enquiries/cost`: what waiting cost, company by company."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.enquiries import MEDIUMS
from app.pages.escalations import business
from app.pages.measures import percent
from app.pages.view import language_of, page
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.escalation.measures import wilson
from workflows.language.wording import money
from workflows.overview import enquiry_figures, mail_legs
from workflows.overview.enquiry_figures import Spell
from workflows.rules.enquiry import FIRST, NEXT

router = APIRouter()

#: How far back the figures reach; rows of a list.
DAYS, MOST = 30, 200
#: What a customer waited for.
KINDS = {FIRST: "First answer", NEXT: "Next answer"}
ENDS = {"answered": "Answered", "closed": "Closed without an answer", "": "Still waiting"}


@router.get("/enquiries/channels")
def by_channel(request: Request) -> Response:
    """How many customers reach us in which way, and how soon they get their first answer."""
    now = now_ms()
    found = store.read(partial(enquiry_figures.channels, since=now - DAYS * DAY_MS, now=now))
    return page(
        request,
        "enquiry_channels.html",
        channels=found,
        legs=store.read(partial(mail_legs.by_medium, since=now - DAYS * DAY_MS)),
        total=sum(each.n for each in found),
        mediums=MEDIUMS,
        days=DAYS,
        percent=percent,
        wilson=wilson,
        business=partial(business, language_of(request)),
    )


@router.get("/enquiries/cost")
def cost(request: Request, company: str = "") -> Response:
    """What waiting cost; with `company`, the waits behind one company's row."""
    now = now_ms()
    since, company = now - DAYS * DAY_MS, company.replace("\0", "")[:100]
    found = store.read(partial(enquiry_figures.costs, since=since, now=now))
    chosen = next((each for each in found if each.company_id == company), None)
    waits: Sequence[Spell] = ()
    if chosen:
        waits = store.read(partial(enquiry_figures.waits_of, company_id=company, since=since, now=now))
    return page(
        request,
        "enquiry_cost.html",
        costs=found[:MOST],
        chosen=chosen,
        waits=waits[:MOST],
        days=DAYS,
        money=partial(money, language_of(request)),
        business=partial(business, language_of(request)),
        mediums=MEDIUMS,
        wait_kinds=KINDS,
        ends=ENDS,
    )
