"""`/`: the home of whoever reads. What they owe today, and what happened lately."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.view import page

router = APIRouter()


@router.get("/")
def show(request: Request) -> Response:
    """The whole page."""
    return page(request, "home.html")
