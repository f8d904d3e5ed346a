"""Every page, in one place."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

router = APIRouter()


def mount(app: FastAPI) -> None:
    """Static files."""
