"""Places where a test may kill the process, to prove that nothing is lost and nothing is done twice.

    YAMABIKO_FAILPOINT="action.called.intercom.note:2" python -m app run   # SIGKILL at the second hit of this name
    YAMABIKO_FAILPOINT="record:hits.txt" python -m app run                 # writes down every hit, one a line

Read once, at import. Without the variable `hit` is an empty function.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

Hit = Callable[..., None]


def planned(plan: str) -> Hit:
    """What a hit does under this plan."""
    name, _, rest = plan.rpartition(":")
    if not name:
        return lambda *parts: None
    return _recorder(rest) if name == "record" else _killer(name, int(rest))


def _killer(name: str, hits: int) -> Hit:
    lock = threading.Lock()

    def count(*parts: str) -> None:
        nonlocal hits
        if ".".join(parts) == name:
            with lock:
                hits -= 1
                if hits == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

    return count


def _recorder(path: str) -> Hit:
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def write(*parts: str) -> None:
        os.write(file, ".".join(parts).encode() + b"\n")

    return write


#: `hit("action.called", "intercom", "note")`: this place was reached.
hit: Hit = planned(os.environ.get("YAMABIKO_FAILPOINT", ""))
