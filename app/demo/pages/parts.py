"""`/demo/parts`: every part that pages are made of, for whoever builds one. It leads nowhere and does nothing."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.demo.pages.desk import the_stage
from app.demo.stage import Stage
from app.pages.view import language_of, page
from workflows.engine.store import DAY_MS, now_ms
from workflows.language.wording import money

router = APIRouter(prefix="/demo")

#: How old the examples are, in days: new, waiting, waiting for too long.
AGES = (2, 20, 45)


@router.get("/parts")
def parts(request: Request, stage: Annotated[Stage, Depends(the_stage)]) -> Response:
    """The whole page."""
    moments = [now_ms() - days * DAY_MS for days in AGES]
    return page(request, "demo/parts.html", moments=moments, money=partial(money, language_of(request)))
