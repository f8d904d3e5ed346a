"""The child of `process`: `python -m workflows.language.vectors GRADE IDLE` answers questions until nobody asks.

Each line that comes in is a list of texts, each that goes out their vectors, or why there are none. It writes nothing
else: what goes wrong with a text is told by its kind alone, since messages of errors may quote the text.
"""

from __future__ import annotations

import base64
import json
import os
import select
import sys
from contextlib import suppress
from typing import BinaryIO

from workflows.language.vectors.files import Unusable
from workflows.language.vectors.grades import NUMBERS, Grade

#: How much it lets others go first.
NICE = 5


def main(grade: Grade, idle: float) -> None:
    """Answer until there is no question for so many seconds, or nobody who could ask."""
    with suppress(OSError):  # a sandbox may forbid it
        os.nice(NICE)
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    try:
        from workflows.language.vectors.encoder import Encoder

        encoder = None
        while _asked(questions, idle) and (line := questions.readline()):
            encoder = encoder or Encoder(grade)  # only now: whoever still sends could not hear why it fails
            vectors = [base64.b64encode(encoder.of(text)).decode() for text in json.loads(line)]
            _tell(answers, {"vectors": vectors})
    except (BrokenPipeError, ConnectionResetError):
        pass  # nobody waits for it any longer
    except Unusable as error:
        _tell(answers, {"unusable": str(error)})
    except Exception as error:
        _tell(answers, {"unusable": f"the encoder stumbled: {type(error).__name__}"})


def _asked(questions: BinaryIO, idle: float) -> bool:
    ready, _, _ = select.select([questions], [], [], idle)
    return bool(ready)


def _tell(answers: BinaryIO, told: dict[str, object]) -> None:
    answers.write(json.dumps(told).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main(next(grade for grade in NUMBERS if grade == sys.argv[1]), float(sys.argv[2]))
