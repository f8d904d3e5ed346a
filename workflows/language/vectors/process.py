"""Encoding in a process of its own: it takes hundreds of megabytes, which are given back when nobody asks for a while.

    Encoding("full").of(["カゴ落ちメールを送りたい"], patience=10.0)     # one vector, as it is stored

The child (`__main__`) is started at the first question. It ends two minutes after the last one, and when we die,
because then its input ends. One that was killed is replaced. A question is a line of JSON, and so is its answer.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from integrations.waiting import waiting
from workflows.language.vectors import ONE_THREAD
from workflows.language.vectors.files import Unusable
from workflows.language.vectors.grades import NUMBERS, Grade

ROOT = Path(__file__).resolve().parents[3]
CHILD = "workflows.language.vectors"
#: Seconds without a question after which the child ends.
IDLE = 120.0
#: All that a child learns of our environment: no secret of ours is among it.
PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH")

NO_START = "the encoder's process cannot be started ({why})"
ENDED = "the encoder's process ended without an answer (exit status {status})"
ODD = "the encoder's process gave an odd answer"


class TooSlow(RuntimeError):
    """There was no answer in time. The next question begins anew."""


class Encoding:
    """One grade's child process. Threads may share it: it answers one question at a time."""

    def __init__(self, grade: Grade, idle: float = IDLE) -> None:
        self._grade, self._idle = grade, idle
        self._turn = threading.Lock()
        self._child: _Child | None = None

    @property
    def pid(self) -> int | None:
        """The child's, if there is one."""
        child = self._child
        return child.pid if child else None

    def of(self, texts: Sequence[str], patience: float) -> list[bytes]:
        """The texts' vectors. Raises Unusable where none can be had here, TooSlow after so many seconds."""
        if not texts:
            return []
        until = time.monotonic() + patience
        with waiting():
            if not self._turn.acquire(timeout=max(patience, 0)):
                raise TooSlow("others were asking")
            try:
                return self._read(self._answer(json.dumps(list(texts)).encode() + b"\n", until), len(texts))
            except BaseException:
                self._end()
                raise
            finally:
                self._turn.release()

    def close(self) -> None:
        """End the child, after the question that it answers."""
        with self._turn:
            self._end()

    def _answer(self, question: bytes, until: float) -> bytes:
        """What a child says; a second one, where the first had ended since it was asked last."""
        if self._child:
            with suppress(_Gone):
                return self._child.ask(question, until)
            self._end()
        self._child = _Child(self._grade, self._idle)
        try:
            return self._child.ask(question, until)
        except _Gone as gone:
            raise Unusable(ENDED.format(status=self._child.end())) from gone

    def _read(self, answer: bytes, count: int) -> list[bytes]:
        told = json.loads(answer)
        if "unusable" in told:
            raise Unusable(told["unusable"])
        vectors = [base64.b64decode(each) for each in told["vectors"]]
        if [len(vector) for vector in vectors] != [2 * NUMBERS[self._grade]] * count:
            raise Unusable(ODD)
        return vectors

    def _end(self) -> None:
        if self._child:
            self._child.end()
        self._child = None


class _Gone(Exception):
    """The child ended before it answered."""


class _Child:
    """A running child, and our end of the pair of sockets that it has for its input and output."""

    def __init__(self, grade: Grade, idle: float) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = self._started([sys.executable, "-m", CHILD, grade, str(idle)], theirs)
        # Collected as soon as it ends, or it would stay in the list of processes until the next question.
        threading.Thread(target=self._process.wait, name="encoder's end", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The process's number, unless it has ended."""
        return self._process.pid if self._process.poll() is None else None

    def ask(self, question: bytes, until: float) -> bytes:
        """Its answer. Raises _Gone if it ended instead, TooSlow when time is over."""
        try:
            self._patience(until)
            self._socket.sendall(question)
            answer = b""
            while not answer.endswith(b"\n"):
                self._patience(until)
                if not (piece := self._socket.recv(1 << 16)):
                    raise _Gone
                answer += piece
            return answer
        except TimeoutError as late:
            raise TooSlow("the encoder took too long") from late
        except OSError as broken:
            raise _Gone from broken

    def end(self) -> int:
        """Kill it if it has not ended, wait until it is gone, and tell its exit status."""
        self._socket.close()
        self._process.kill()
        return self._process.wait()

    def _started(self, command: list[str], theirs: socket.socket) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | ONE_THREAD
        try:
            return subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env=environment,
                start_new_session=True,  # whoever presses Ctrl-C means us; and then its input ends
            )
        except OSError as error:
            self._socket.close()
            raise Unusable(NO_START.format(why=type(error).__name__)) from error

    def _patience(self, until: float) -> None:
        if (left := until - time.monotonic()) <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
