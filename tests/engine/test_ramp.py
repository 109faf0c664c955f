"""Replicas follow the load, and nothing is lost while they come."""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.ports import free_port
from tracer_ray.engine.applications import DEPLOYMENT
from tracer_ray.engine.scaling import (
    DOWNSCALE_DELAY_S,
    LOOK_BACK_PERIOD_S,
    UPSCALE_DELAY_S,
    Replicas,
    scaling_of,
)
from tracer_ray.engine.serve import ServeOptions, Service, start, stop
from tracer_ray.errors import RequestError

ID = "customer_churn"
CLIENTS = 32
LIMIT_S = 90.0


def _running() -> int:
    """How many replicas of the blueprint answer now."""
    from ray import serve

    states = serve.status().applications[ID].deployments[DEPLOYMENT].replica_states
    return sum(number for state, number in states.items() if state == "RUNNING")


@pytest.fixture
def service(promoted_home: str) -> Iterator[Service]:
    """A service of one replica that may have a second one."""
    options = ServeOptions(promoted_home, (ID,), port=free_port(), replicas=Replicas(1, 2))
    yield start(options)
    stop()


@pytest.mark.soak
def test_a_second_replica_comes_under_load_and_no_request_fails(service: Service) -> None:
    url = f"{service.url}/predict/{ID}"
    assert _running() == 1
    statuses: Counter[int] = Counter()
    is_over = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=LIMIT_S) as client:
            while not is_over.is_set():
                statuses[client.post(url, json={"tenure_months": 2}).status_code] += 1

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        deadline = time.monotonic() + LIMIT_S
        while _running() < 2:
            assert time.monotonic() < deadline, "no second replica came"
            time.sleep(0.5)
        before = statuses.total()
        while statuses.total() < before + 1000:
            assert time.monotonic() < deadline, "it answers no more"
            time.sleep(0.1)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert set(statuses) == {200}


def test_the_average_is_over_no_longer_than_any_delay() -> None:
    """Else a load that is gone would still add replicas, and they would come and go in turns."""
    assert LOOK_BACK_PERIOD_S <= UPSCALE_DELAY_S < DOWNSCALE_DELAY_S
    scaling = scaling_of(Replicas(1, 4))["autoscaling_config"]
    assert (scaling["min_replicas"], scaling["max_replicas"]) == (1, 4)
    assert scaling_of(Replicas(2, 2)) == {"num_replicas": 2}


@pytest.mark.parametrize("text", ["", "0", "4:1", "a", "1:2:3", "-1", "1:", ":4"])
def test_a_range_that_makes_no_sense_is_explained(text: str) -> None:
    with pytest.raises(RequestError, match="expected MIN:MAX such as 1:4"):
        Replicas.parse(text)
