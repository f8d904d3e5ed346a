"""The renderer of charts: an extra of its own. Without it pages show their tables, and say so.

is_there()               # can charts be drawn here?
drawn(spec)              # a Vega-Lite specification as SVG; raises ImportError
has_japanese()           # is there a font on this machine for Japanese letters?
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec

#: The version of Vega-Lite in which specifications are written; several come with the converter.
VERSION = "6.4"
#: Where it looks for data that a specification names; ours name none, and addresses of ours are relative to nothing.
ELSEWHERE = "https://vega.github.io/vega-datasets/"
LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="4" y="30" font-size="24" '
    'font-family="Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, sans-serif">{letter}</text></svg>'
)
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
    try:
        import vl_convert  # brings an engine of its own, so only who draws waits for it
    except ImportError as error:
        _broken.append(str(error))
        raise
    picture: str = vl_convert.vegalite_to_svg(spec, vl_version=VERSION, allowed_base_urls=[])
    return picture.replace(f'href="{ELSEWHERE}/', 'href="/')


def has_japanese() -> bool:
    """Two letters that look alike are boxes. Raises ImportError where there is no renderer."""
    import vl_convert

    first, second = (vl_convert.svg_to_png(LETTER.format(letter=letter)) for letter in "日曜")
    return bool(first != second)
