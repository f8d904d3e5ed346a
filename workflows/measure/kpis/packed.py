"""Packed: columns of whole numbers in as few bytes as they take, and back.

    blob = pack({"began_at": began, "answers": answers})   # one, two, four or eight bytes a number
    unpack(blob)["answers"]                                # the same numbers again

The first line says which columns there are and how wide each is. A version that wants other columns packs every day
anew: its migration notes a change of each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate

import numpy as np

from workflows.measure.kpis.cases import Ints

#: Widths in bytes, and the least and greatest number of each.
WIDTHS = [(width, np.iinfo(f"i{width}")) for width in (1, 2, 4)]
WIDEST = 8


def pack(columns: Mapping[str, Ints]) -> bytes:
    """Columns of one length as bytes."""
    widths = {name: _width(column) for name, column in columns.items()}
    data = (column.astype(f"<i{widths[name]}").tobytes() for name, column in columns.items())
    return json.dumps(widths).encode() + b"\n" + b"".join(data)


def unpack(blob: bytes) -> dict[str, Ints]:
    """The columns that were packed, each as narrow as it was."""
    first, _, data = blob.partition(b"\n")
    widths = _widths(first)
    many = len(data) // (sum(widths.values()) or 1)
    starts = accumulate(widths.values(), lambda at, width: at + many * width, initial=0)
    return {
        name: np.frombuffer(data, f"<i{width}", many, at)
        for (name, width), at in zip(widths.items(), starts, strict=False)
    }


@lru_cache(maxsize=1024)
def _widths(line: bytes) -> Mapping[str, int]:
    found: dict[str, int] = json.loads(line)
    return found


def _width(column: Ints) -> int:
    """The fewest bytes in which every number of the column has room."""
    if not len(column):
        return 1
    least, most = int(column.min()), int(column.max())
    return next((width for width, room in WIDTHS if room.min <= least and most <= room.max), WIDEST)
