"""A service of one small blueprint in processes of its own, that tests can kill one by one."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.processes import below, marked
from tracer_ray.ports import free_port

ID = "customer_churn"
ASKED: dict[str, object] = {"tenure_months": 2}
LIMIT_S = 120.0
MARK = "TRACER_TEST_SERVICE"


@dataclass(frozen=True)
class ServiceProcess:
    """A service whose processes all carry its port as a mark."""

    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where it predicts."""
        return f"{self.base}/predict/{ID}"

    def replicas(self) -> list[int]:
        """Its replicas, oldest first."""
        return self.processes(f"ServeReplica:{ID}")

    def answer(self) -> object:
        """What it says; None where it says nothing."""
        try:
            reply = httpx.post(self.url, json=ASKED, timeout=LIMIT_S)
        except httpx.HTTPError:
            return None
        return reply.json() if reply.status_code == 200 else None

    def processes(self, title: str) -> list[int]:
        """Its processes whose command has a word, oldest first."""
        return marked(MARK, str(self.port), title)

    def machines(self) -> dict[int, list[int]]:
        """All processes of each node of the cluster that it runs on, by that of its raylet."""
        raylets = self.processes("raylet/raylet")
        return {each: [each, *below(each)] for each in raylets}

    def kill(self, title: str) -> int:
        """Kill -9 the oldest process of a title."""
        process = self.processes(title)[0]
        os.kill(process, signal.SIGKILL)
        return process

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Poll until something is so; the service must not end before."""
        deadline = time.monotonic() + LIMIT_S
        while not is_so():
            assert time.monotonic() < deadline, "it never happened"
            assert self.process.poll() is None, "the service ended"
            time.sleep(0.1)


def replica_here(application: str) -> int:
    """The process of the only replica of an application of this process's own Ray."""
    title = f"ServeReplica:{application}".encode()
    (found,) = (
        each for each in below(os.getpid()) if title in Path(f"/proc/{each}/cmdline").read_bytes()
    )
    return found


@contextmanager
def service_process(words: Sequence[str], *, is_haproxy: bool) -> Iterator[ServiceProcess]:
    """What a command starts at the port that is added to it, with two replicas running."""
    port = free_port()
    given = {name: text for name, text in os.environ.items() if not name.startswith("RAY_SERVE")}
    asked = {"RAY_SERVE_ENABLE_HA_PROXY": str(int(is_haproxy)), MARK: str(port)}
    process = subprocess.Popen([*words, str(port)], env=given | asked)
    service = ServiceProcess(process, port)
    try:
        service.wait_until(lambda: service.answer() is not None)
        service.wait_until(lambda: len(service.replicas()) == 2)
        yield service
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT_S)
