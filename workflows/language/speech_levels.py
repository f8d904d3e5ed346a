"""だ and である among です and ます: sentences of one text that are spoken on different levels. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.language.manners import SHOULD, Fault, Rule

MIXED = Rule("mixed-levels", SHOULD, "“{found}” ends without です or ます, and other sentences end with it.")
_POLITE = re.compile(
    r"(?:です|ます|ません|でした|ました|ましょう|でしょう|ください|下さい)(?:[かねよが]{1,2})?(?=[。\n!?！？]|\Z)"
)
#: Plain ends of sentences that cannot be anything else, and their polite forms.
_PLAIN = {
    "である": "です",
    "であった": "でした",
    "だった": "でした",
    "だろう": "でしょう",
    "(?<![んいまた])だ": "です",
    "ている": "ております",
    "ていた": "ておりました",
    "ていない": "ておりません",
    "(?<![ま])する": "いたします",
    "(?<![まで])した": "いたしました",
    "できる": "できます",
    "できた": "できました",
    "できない": "できません",
    "できなかった": "できませんでした",
    "なる": "なります",
    "なった": "なりました",
    "される": "されます",
    "された": "されました",
    "したい": "したいと考えております",
    "と思う": "と存じます",
    "(?<=[はがも])ない": "ございません",
    "(?<=[はがも])ある": "ございます",
}
_ENDS = re.compile("(?:" + "|".join(f"({plain})" for plain in sorted(_PLAIN, key=len, reverse=True)) + ")(?=。)")
_BETTER = [_PLAIN[plain] for plain in sorted(_PLAIN, key=len, reverse=True)]
PATTERNS = (_POLITE, _ENDS)


def faults(text: str) -> Iterator[Fault]:
    """The plain ends of sentences in a text that has polite ones."""
    if _POLITE.search(text):
        for match in _ENDS.finditer(text):
            yield Fault(MIXED, *match.span(), _BETTER[(match.lastindex or 1) - 1])
