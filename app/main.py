"""The web application, served by `app.serving`; on SQLite it works off the runs as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.datastructures import State

from app import health
from app.door import intercom_card, slack, webhooks
from app.door.inbox import Inbox
from app.headers import Headers
from app.pages import routes as pages
from app.pages.access import Demo
from app.pages.view import HEADERS
from app.runtime import Runtime
from app.settings import Settings, load
from app.slack_login import SlackLogin


def create(settings: Settings | None = None, started: Runtime | None = None, *, demo: Demo | None = None) -> FastAPI:
    """The application, for these settings or those of the environment.

    Its runtime is `started` already (so that a wrong configuration is told before anything is served),
    or starts with it; it stops with the application in either case. `demo` hands in its readers and pages.
    """
    settings = settings or load()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        runtime = started or Runtime(settings, worker=settings.is_sqlite)
        if not started:
            await asyncio.to_thread(runtime.start)
        app.state.inbox = Inbox(runtime.store)
        app.state.ready = True
        yield
        app.state.ready = False
        await asyncio.to_thread(runtime.stop)

    routes = [*webhooks.ROUTES, *intercom_card.ROUTES]
    app = FastAPI(title="Yamabiko", lifespan=lifespan, routes=routes, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health.router)
    pages.mount(app, demo.routers if demo else ())
    app.add_middleware(Headers, to_all=HEADERS)
    furnish(app, settings, demo)
    return app


def furnish(app: FastAPI, settings: Settings, demo: Demo | None = None) -> None:
    """What stands at the application's routes without being one: all that depends on settings is here."""
    app.state = State()
    app.state.settings, app.state.slack, app.state.demo = settings, slack.build(), demo
    app.state.slack_login = SlackLogin(settings) if settings.signs_in_by_slack else None


def __getattr__(name: str) -> FastAPI:
    """`app.main:app` is built when it is asked for, so that importing this module reads no environment."""
    if name == "app":
        return create()
    raise AttributeError(name)
