"""The renderer of charts: an extra of its own. Without it pages show their tables and messages their words.

is_there()               # can charts be drawn here?
drawn(spec)              # a Vega-Lite specification as SVG; raises ImportError
png(spec)                # the same as a picture, for a message; None where it cannot be drawn
has_japanese()           # is there a font on this machine for Japanese letters?
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

log = logging.getLogger("yamabiko")

#: The version of Vega-Lite in which specifications are written; several come with the converter.
VERSION = "6.4"
#: Where it looks for data that a specification names; ours name none, and addresses of ours are relative to nothing.
ELSEWHERE = "https://vega.github.io/vega-datasets/"
LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="4" y="30" font-size="24" '
    'font-family="Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, sans-serif">{letter}</text></svg>'
)
#: What a picture stands on: where Slack is dark, dark letters on nothing could not be read.
PAPER = "#ffffff"
_broken: list[str] = []


def is_there() -> bool:
    """Is it installed? Once it could not be loaded, it is not."""
    return not _broken and _is_installed()


@cache
def _is_installed() -> bool:
    return find_spec("vl_convert") is not None


@lru_cache(maxsize=64)
def drawn(spec: str) -> str:
    """The picture. What was drawn before is not drawn again. Raises ImportError where there is no renderer."""
    picture: str = _converter().vegalite_to_svg(spec, vl_version=VERSION, allowed_base_urls=[])
    return picture.replace(f'href="{ELSEWHERE}/', 'href="/')


def png(spec: Mapping[str, Any], scale: float = 2) -> bytes | None:
    """A specification as a picture on white, so many times as large as its pixels; what its points open is left out.

    None where there is no renderer, or it cannot draw this: whoever posts it says the same in words, and goes on.
    """
    text = json.dumps(_unlinked(spec) | {"background": spec.get("background") or PAPER})
    try:
        picture: bytes = _converter().vegalite_to_png(text, vl_version=VERSION, scale=scale, allowed_base_urls=[])
    except ImportError:
        return None
    except Exception as error:  # the converter has no errors of its own, and its texts quote what was to be drawn
        log.warning("a chart could not be drawn: %s", type(error).__name__)
        return None
    return picture


def _unlinked(part: Any) -> Any:
    """The same without addresses."""
    if isinstance(part, Mapping):
        return {key: _unlinked(value) for key, value in part.items() if key != "href"}
    return [_unlinked(each) for each in part] if isinstance(part, list | tuple) else part


def _converter() -> Any:
    """It brings an engine of its own, so only who draws waits for it. Raises ImportError where it cannot be loaded."""
    try:
        import vl_convert
    except ImportError as error:
        _broken.append(str(error))
        raise
    return vl_convert


def has_japanese() -> bool:
    """Two letters that look alike are boxes. Raises ImportError where there is no renderer."""
    first, second = (_converter().svg_to_png(LETTER.format(letter=letter)) for letter in "日曜")
    return bool(first != second)
