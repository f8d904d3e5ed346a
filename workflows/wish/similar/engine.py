"""Engine: who finds similar wishes here: both encoders, the small one alone, or the words that two wishes share.

The rules name the best that may be used. What is not installed, or proves unusable in this process, is replaced by the
next one, and `/setup` says so.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence

from workflows.language.company_words import canonical
from workflows.language.vectors import grades
from workflows.language.vectors.files import Unusable
from workflows.language.vectors.grades import Grade
from workflows.language.vectors.process import Encoding
from workflows.rules import rules
from workflows.rules.similar import ENGINES, WORDS

log = logging.getLogger("yamabiko")

#: Seconds that somebody waits for the meaning of what they wrote, the start of the encoder's process among them.
PATIENCE = 8.0


class _State:
    """What proved unusable here, and why; and the encoders' processes."""

    broken: dict[str, str] = {}
    encodings: dict[Grade, Encoding] = {}


def grade() -> str:
    """Which of ENGINES answers."""
    best = max(ENGINES.index(rules.similar.engine), ENGINES.index(grades.installed()))
    return next(each for each in ENGINES[best:] if each not in _State.broken)


def encoder() -> Grade:
    """Which encoder answers. Raises Unusable where words do."""
    match grade():
        case "full":
            return "full"
        case "light":
            return "light"
    raise Unusable("no encoder is used here")


def broken() -> Mapping[str, str]:
    """What is installed and cannot be used, and why not."""
    return dict(_State.broken)


def model() -> str:
    """Which vectors can be compared with each other now; "" where words answer."""
    if grade() == WORDS:
        return ""
    spoken = json.dumps({word: list(others) for word, others in rules.similar.synonyms.items()}, sort_keys=True)
    return f"{grades.tag(encoder())}-{hashlib.sha256(spoken.encode()).hexdigest()[:8]}"


def encode(texts: Sequence[str], patience: float = PATIENCE) -> list[bytes]:
    """The texts' vectors. Raises Unusable where no encoder can be used from now on, TooSlow where it takes too long."""
    answering = encoder()
    encoding = _State.encodings.setdefault(answering, Encoding(answering))
    try:
        return encoding.of([canonical(text, rules.similar.synonyms) for text in texts], patience)
    except Unusable as error:
        _State.broken[answering] = str(error)
        log.error("similar requests: %s cannot be used (%s); %s answers instead", answering, error, grade())
        raise


def forget() -> None:
    """Begin anew: end the encoders' processes, and try what proved unusable."""
    for encoding in _State.encodings.values():
        encoding.close()
    _State.encodings, _State.broken = {}, {}
