"""Kill -9 of what a service is made of, under a constant load: what fails, and for how long."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from tests.callers import Callers
from tests.open_load import OpenLoad
from tests.service_process import ASKED, ID, ServiceProcess, service_process
from tracer_ray.client import Client
from tracer_ray.errors import TracerError

pytestmark = pytest.mark.soak

PER_SECOND = 50
KILLS, CALLERS = 5, 4


@pytest.fixture(scope="module", params=[True, False], ids=["haproxy", "plain"])
def running(request: pytest.FixtureRequest, promoted_home: str) -> Iterator[ServiceProcess]:
    """Two replicas of one blueprint behind each proxy."""
    tracer = "import sys; from tracer_ray.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ["serve", ID, "--home", promoted_home, "--replicas", "2", "--port"]
    command = [sys.executable, "-c", tracer, *words]
    with service_process(command, is_haproxy=request.param) as service:
        yield service


@pytest.mark.parametrize(
    ("title", "most_failed_s"),
    [(f"ServeReplica:{ID}", 1.0), ("ServeController", 0.0), ("proxy", 20.0)],
    ids=["replica", "controller", "proxy"],
)
def test_what_is_killed_comes_back_and_no_answer_is_wrong(
    running: ServiceProcess, title: str, most_failed_s: float
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


class Calls(Callers):
    """A client that is asked by several callers without a pause, and what failed of it."""

    def __init__(self, client: Client) -> None:
        super().__init__(CALLERS)
        self.client = client
        self.answers: list[object] = []
        self.failures: list[str] = []

    def ask(self, place: int) -> None:
        while not self.is_over.is_set():
            try:
                self.answers.append(self.client.predict(ID, ASKED))
            except TracerError as error:
                self.failures.append(str(error))


def test_a_client_that_asks_again_loses_no_call_to_killed_replicas(
    running: ServiceProcess,
) -> None:
    expected = running.answer()
    with ExitStack() as stack:
        patient = stack.enter_context(Calls(Client(running.base)))
        hasty = stack.enter_context(Calls(Client(running.base, retry_s=0.0)))
        for _ in range(KILLS):
            killed = running.kill(f"ServeReplica:{ID}")
            running.wait_until(partial(_is_replaced, running, killed))
            running.wait_until(partial(_goes_on, patient, len(patient.answers)))
    for name, calls in ("again", patient), ("once", hasty):
        print(f"asking {name}: {len(calls.failures)} of {len(calls.answers)} {calls.failures[:3]}")
    assert patient.failures == []
    assert all(each == expected for each in (*patient.answers, *hasty.answers))


def _goes_on(calls: Calls, before: int) -> bool:
    return len(calls.answers) > before + 200


def _is_replaced(running: ServiceProcess, killed: int) -> bool:
    replicas = running.replicas()
    return len(replicas) == 2 and killed not in replicas
