"""Can charts be drawn here, with their Japanese letters? Part of `python -m app check`."""

from __future__ import annotations

from collections.abc import Iterator

from integrations.vendor import Finding
from workflows.measure import renderer

NO_RENDERER = "Charts are not drawn, pages show their tables: pip install 'yamabiko[charts]' brings the renderer."
NO_FONT = "Charts as pictures lack Japanese letters: install a font, on Debian with: apt install fonts-noto-cjk"


def findings() -> Iterator[Finding]:
    """What is missing; nothing where all is there."""
    try:
        if not renderer.has_japanese():
            yield Finding(False, NO_FONT)
    except ImportError:
        yield Finding(None, NO_RENDERER)
