"""How a page is made: templates, its language and looks, addresses of what belongs to it, and its headers.

return page(request, "setup.html", vendors=...)        # HTML in the reader's language
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app import auth
from app.auth import Reader
from app.pages import badges
from app.pages.access import cookie_name, demo_of, guarded, in_demo, known_reader
from app.pages.rooms import room_of, rooms_for
from workflows.engine.store import now_ms
from workflows.language import difference, dry, wording
from workflows.language.wording import say
from workflows.measure import renderer
from workflows.overview.life import tone
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS, words_of
from workflows.wish.wishes import code

HERE = Path(__file__).parent
#: What a reader chooses in the address of any page, and is remembered in a cookie of that name.
CHOICES = {"lang": ("ja", "en"), "theme": ("auto", "dark", "light"), "keys": ("on", "off")}
LANGUAGES, THEMES = CHOICES["lang"], CHOICES["theme"]
YEAR = 365 * 24 * 3600

#: Nothing but our own files; customers' words cannot become anything else, even if they slipped through as markup.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


# -- the reader -----------------------------------------------------------------------------------


def language_of(request: Request) -> str:
    """What the reader chose, now or before; else Japanese, unless their browser asks for English only."""
    if chosen := _chosen(request, "lang"):
        return chosen
    wanted = request.headers.get("accept-language", "").lower()
    return "en" if "en" in wanted and "ja" not in wanted else "ja"


def theme_of(request: Request) -> str:
    """Light, dark, or as the reader's machine is set."""
    return _chosen(request, "theme") or "auto"


def keys_of(request: Request) -> str:
    """Do single letters do something? Who speaks to their machine switches them off."""
    return _chosen(request, "keys") or "on"


def _chosen(request: Request, name: str) -> str:
    """What a reader chose, now or before; "" for nothing that can be chosen."""
    said = (request.query_params.get(name), request.cookies.get(cookie_name(request, name)))
    return next((str(each) for each in said if each in CHOICES[name]), "")


# -- making a page --------------------------------------------------------------------------------


def page(request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """A whole page; remembers the language and the looks that its address asks for."""
    response = HTMLResponse(render(request, template, **facts), status, HEADERS)
    for name, values in CHOICES.items():
        if (chosen := request.query_params.get(name)) in values:
            response.set_cookie(cookie_name(request, name), str(chosen), max_age=YEAR, **guarded(request))
    return response


def render(request: Request, template: str, **facts: Any) -> str:
    """The text of a page or of a piece of one."""
    return templates.get_template(template).render(common(request) | facts)


def common(request: Request) -> dict[str, Any]:
    """What every template may use."""
    language, now = language_of(request), now_ms()
    return _about(request, known_reader(request)) | {
        "_": partial(say, language),
        "called": partial(wording.called, language),
        "lang": language,
        "theme": theme_of(request),
        "single_keys": keys_of(request),
        "demo": in_demo(request),
        "here": request.url.path,
        "room": room_of(request.url.path),
        "asset": asset,
        "code": code,
        "conclusions": words_of(CONCLUSIONS),
        "web": web,
        "language_of_text": language_of_text,
        "clock": partial(wording.time, language),
        "zoned": partial(wording.zoned, language),
        "zone": rules.calendar.zone.key,
        "day": partial(wording.date, language),
        "promised_day": partial(wording.promised_day, language),
        "exactly": wording.exactly,
        "to_the_second": partial(wording.to_the_second, language, now),
        "hour": wording.hour,
        "now": now,
        "brief": partial(wording.brief, language, now),
        "iso": iso,
        "age": partial(wording.age, language, now),
        "ago": partial(wording.ago, language, now),
        "pieces": difference.pieces,
        "aged": partial(aged, now),
        "tone": tone,
        "switched": partial(_switched, request),
        "dry": dry.words(language),
        "charts_are_drawn": renderer.is_there(),
    }


def _about(request: Request, reader: Reader | None) -> dict[str, Any]:
    """Who reads, and what that changes."""
    return {
        "reader": reader,
        "person": reader.person if reader else None,
        "role": reader.role if reader else "",
        "rooms": rooms_for(reader) if reader and reader.role else (),
        "badges": partial(badges.shown, request, reader),
        "token": reader.csrf if reader else "",
        "login_ends": reader.ends_at if reader else 0,
        "login_lasts": auth.SURELY_MS,
        "csrf": partial(_csrf, reader.csrf if reader else ""),
        "colleagues": demo.colleagues if (demo := demo_of(request)) else tuple,
    }


def _csrf(token: str) -> Markup:
    """What every form of a page holds: the sign that it is a page of ours, made for this reader."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def _switched(request: Request, **choice: str) -> str:
    """The address of this page with another choice. It names no host, as two slashes at its beginning would."""
    url = request.url.remove_query_params(["did", *choice]).include_query_params(**choice)
    return f"/{quote(url.path.lstrip('/'))}?{url.query}"


def piece(request: Request, body: str) -> Response:
    """A piece of a page; 304 without it if the reader has it already."""
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=HEADERS | {"ETag": tag})
    return HTMLResponse(body, headers=HEADERS | {"ETag": tag})


# -- words ----------------------------------------------------------------------------------------


def aged(now: int, at: int) -> str:
    """How long a wait is, as every list colours it: "" up to a fortnight, "waiting" up to a month, "attention"."""
    days = rules.calendar.days(at, now)
    return "attention" if days >= 30 else "waiting" if days >= 14 else ""


def iso(at: int) -> str:
    """A moment for machines."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def language_of_text(text: str) -> str:
    """The language of a customer's words, as far as its letters tell: "ja", or "" for unknown."""
    return "ja" if any("\u3041" <= letter <= "\u30ff" or "\u4e00" <= letter <= "\u9fff" for letter in text) else ""


def web(url: str) -> str:
    """The address if it leads to the web; "" for `javascript:` and everything else."""
    return url if url.startswith(("https://", "http://")) else ""


# -- files ----------------------------------------------------------------------------------------


@cache
def files() -> Mapping[str, tuple[bytes, str]]:
    """Our own style sheets, scripts and pictures: the content and its digest, by name."""
    found = ((path.name, path.read_bytes()) for path in sorted((HERE / "static").iterdir()) if path.is_file())
    return {name: (content, hashlib.sha256(content).hexdigest()[:12]) for name, content in found}


def asset(name: str) -> str:
    """The address of one of our files; it changes with the content, so that browsers may keep it."""
    return f"/static/{name}?v={files()[name][1]}"


def file(name: str) -> Response | None:
    """One of our files; None if there is no such file."""
    if name not in files():
        return None
    headers = {"Cache-Control": f"public, max-age={YEAR}, immutable"}
    return Response(files()[name][0], headers=headers, media_type=MEDIA_TYPES[Path(name).suffix])
