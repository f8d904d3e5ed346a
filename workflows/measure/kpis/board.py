"""Board: every figure by its name, with what it means, and the list behind each of its numbers.

    figures(Look(session, period, now))["first_response"]        # Number(n, open, hits, business, wall)
    listed(Look(session, period, now), "first_response", "open")
    FIGURES["first_response"].meaning                       # the sentence beside it

A figure is of what began within a period; `by` says what that is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from workflows.measure.kpis import cases as counted
from workflows.measure.kpis import escalations, product, resolution, support, told
from workflows.measure.kpis.cases import Cases, Number, Rows
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.meanings import FIGURES, LOAD, TIME, Figure

Reader = Callable[[Look, Collection[str]], dict[str, Cases]]
#: Each subject with what reads it, in the order of the page.
SUBJECTS: dict[str, Reader] = {
    "support": support.cases,
    "resolution": resolution.cases,
    "product": product.cases,
    "told": told.cases,
    "escalations": escalations.cases,
}


@dataclass(frozen=True)
class Shown:
    """A figure as a page shows it; by kind, way or urgency as well where it has such groups."""

    figure: Figure
    number: Number
    groups: Sequence[tuple[str, Number]] = ()


def figures(look: Look, names: Collection[str] = FIGURES) -> dict[str, Shown]:
    """These figures (all where none is named)."""
    found: dict[str, Shown] = {}
    for subject, read in SUBJECTS.items():
        wanted = [name for name in FIGURES if name in names and FIGURES[name].subject == subject]
        made = read(look, wanted) if wanted else {}
        found |= {name: _shown(FIGURES[name], made[name]) for name in wanted}
    return found


def _shown(figure: Figure, found: Cases) -> Shown:
    is_timed = figure.shape in (TIME, LOAD)
    split = counted.groups(found, figure.groups, is_timed=is_timed) if figure.groups is not None else ()
    return Shown(figure, counted.number(found, is_timed=is_timed), split)


def listed(
    look: Look,
    name: str,
    part: str,
    *,
    group: str | None = None,
    first: int = 0,
    most: int | None = None,
) -> Rows:
    """The cases behind one number of a figure, the newest first; `most` of them, from number `first` on."""
    found = SUBJECTS[FIGURES[name].subject](look, (name,))[name]
    return counted.rows(found, part, group, first, most)
