"""`python -m tests.bench [door|loop|fanout|idle]…`: all of them by default; exit 1 if a target is missed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from rich.console import Console

from tests.bench import door, fanout, idle, loop
from tests.bench.figures import Figure, show

BENCHES: dict[str, Callable[[], Iterator[Figure]]] = {
    "idle": idle.measure,
    "door": door.measure,
    "loop": loop.measure,
    "fanout": fanout.measure,
}


def main() -> int:
    """Measure, print each figure as it comes, and all of them at the end."""
    console, figures = Console(highlight=False), list[Figure]()
    for name in sys.argv[1:] or BENCHES:
        for figure in BENCHES[name]():
            console.print(f"[dim]{name}[/]  {figure.name}: {figure.measured}  ({figure.yardstick})")
            figures.append(figure)
    console.print()
    return show(console, figures)


if __name__ == "__main__":
    sys.exit(main())
