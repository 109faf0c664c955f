"""Kill -9 of what a service is made of, under a constant load: what fails, and for how long."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.open_load import OpenLoad
from tests.ports import free_port

pytestmark = pytest.mark.soak

ID = "customer_churn"
ASKED: dict[str, object] = {"tenure_months": 2}
PER_SECOND = 50
LIMIT_S = 120.0
MARK = "TRACER_TEST_SERVICE"


@dataclass(frozen=True)
class Running:
    """`tracer serve` in processes of its own, which carry its port as a mark."""

    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/predict/{ID}"

    def answer(self) -> object:
        """What it says; None where it says nothing."""
        try:
            reply = httpx.post(self.url, json=ASKED, timeout=LIMIT_S)
        except httpx.HTTPError:
            return None
        return reply.json() if reply.status_code == 200 else None

    def processes(self, title: str) -> list[int]:
        """Its processes whose command has a word, oldest first."""
        return sorted(
            int(place.name) for place in Path("/proc").glob("[0-9]*") if self._is(place, title)
        )

    def kill(self, title: str) -> int:
        """Kill -9 the oldest process of a title."""
        process = self.processes(title)[0]
        os.kill(process, signal.SIGKILL)
        return process

    def _is(self, place: Path, title: str) -> bool:
        try:
            is_ours = f"{MARK}={self.port}".encode() in (place / "environ").read_bytes()
            return is_ours and title.encode() in (place / "cmdline").read_bytes()
        except OSError:  # it has just ended
            return False


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


@pytest.fixture(scope="module", params=["1", "0"], ids=["haproxy", "plain"])
def running(request: pytest.FixtureRequest, promoted_home: str) -> Iterator[Running]:
    """Two replicas of one blueprint behind each proxy."""
    command, running = shutil.which("tracer"), Running(free_port())
    assert command is not None
    given = {name: text for name, text in os.environ.items() if not name.startswith("RAY_SERVE")}
    mode = {"RAY_SERVE_ENABLE_HA_PROXY": request.param, MARK: str(running.port)}
    words = [command, "serve", ID, "--home", promoted_home, "--port", str(running.port)]
    process = subprocess.Popen([*words, "--replicas", "2"], env=given | mode)
    try:
        _until(lambda: running.answer() is not None)
        _until(lambda: len(running.processes(f"ServeReplica:{ID}")) == 2)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT_S)


@pytest.mark.parametrize(
    ("title", "most_failed_s"),
    [(f"ServeReplica:{ID}", 1.0), ("ServeController", 0.0), ("proxy", 20.0)],
    ids=["replica", "controller", "proxy"],
)
def test_what_is_killed_comes_back_and_no_answer_is_wrong(
    running: Running, title: str, most_failed_s: float
) -> None:
    if title == "proxy":
        title = "bin/haproxy" if running.processes("bin/haproxy") else "ProxyActor"
    before = len(running.processes(title))
    with OpenLoad(running.url, ASKED, PER_SECOND, running.answer()) as load:
        load.go_on(3.0)
        assert not load.failures
        killed, fault_s = running.kill(title), load.now_s
        load.wait_until(
            lambda: (
                len(running.processes(title)) == before and killed not in running.processes(title)
            )
        )
        load.go_on(10.0)
        load.wait_until(lambda: load.is_calm(10.0))
    print(f"{title}: {load.recovery(fault_s)}")
    assert load.failures.total() <= PER_SECOND * most_failed_s
    assert "another answer" not in load.failures
