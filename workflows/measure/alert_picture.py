"""The picture of an alert: the chart of its day, with what was expected and what happened, for the thread in Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlmodel import Session

from workflows.engine.store import now_ms
from workflows.language.text import _
from workflows.measure import band, renderer
from workflows.measure.charts import LIGHT, Ink, Spec, Titles, counts
from workflows.measure.limits import DRIFT
from workflows.rules import rules
from workflows.tables.measure import Alert
from workflows.volume import occasions, views
from workflows.volume.periods import DAY, WEEK, Period, Span

Opens = Callable[[Span], str]
#: So long before it began belongs to the picture; and how wide it is, in pixels.
BEFORE_MS, WIDTH = 6 * 3600_000, 720
TITLE, OF_DAYS = "Enquiries by quarter hour; shaded: expected", "Enquiries by hour; shaded: expected"


def specification(session: Session, alert: Alert, ink: Ink = LIGHT, opens: Opens | None = None) -> Spec:
    """Its chart, from the morning of its day on; that of days by hours. `opens`: what a point opens, on a page."""
    kind = WEEK if alert.kind == DRIFT else DAY
    period = Period(kind, _day(alert.since - BEFORE_MS), _day(alert.loud_at))
    points = views.points(session, period, now_ms(), alert.name)
    marks = occasions.of_themes(occasions.marks(session, period), alert.name)
    titles = Titles(_("Enquiries"), _("No counts"))
    expected = band.of(session, points, alert.name)
    addresses = [opens(point) for point in points] if opens else []
    return counts(points, [mark.at for mark in marks], titles, ink, expected, addresses) | {"width": WIDTH}


def title(alert: Alert) -> str:
    """What is written above it."""
    return _(OF_DAYS if alert.kind == DRIFT else TITLE)


def drawn(spec: Spec) -> bytes | None:
    """The picture; None where none can be drawn here."""
    return renderer.png(spec)


def _day(at: int) -> date:
    return rules.calendar.local(at).date()
