"""Replicas follow the load, and nothing is lost while they come."""

import time
from collections import Counter
from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from tests.callers import Callers
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
from tracer_ray.ports import free_port

ID = "customer_churn"
CLIENTS, APART_S = 12, 0.25  # of 16 batches that may be inside
ROWS = 10  # of a request: one replica has to be busy, and not those who ask
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


class Ramp(Callers):
    """Clients that join one after another and then ask without a pause."""

    def __init__(self, url: str) -> None:
        super().__init__(CLIENTS)
        self.url = url
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []

    def ask(self, place: int) -> None:
        self.is_over.wait(place * APART_S)
        with httpx.Client(timeout=LIMIT_S) as client:
            while not self.is_over.is_set():
                asked_s = time.monotonic()  # no two requests are alike: nothing is kept for them
                rows = [{"tenure_months": asked_s % 60.0, "age": 20 + each} for each in range(ROWS)]
                reply = client.post(self.url, json={"rows": rows})
                self.statuses[reply.status_code] += 1
                self.seconds.append(time.monotonic() - asked_s)


@pytest.mark.soak
def test_a_second_replica_comes_under_load_and_stays_and_no_request_fails(
    service: Service,
) -> None:
    counts, deadline = [_running()], time.monotonic() + LIMIT_S
    with Ramp(f"{service.url}/predict/{ID}/batch") as ramp:
        while counts[-1] < 2:
            assert time.monotonic() < deadline, "no second replica came"
            time.sleep(0.5)
            counts.append(_running())
        alone, until = len(ramp.seconds), time.monotonic() + 2 * LOOK_BACK_PERIOD_S
        while time.monotonic() < until or len(ramp.seconds) < alone + 1000:
            assert time.monotonic() < deadline + LIMIT_S, "it answers no more"
            time.sleep(0.5)
            counts.append(_running())
    for name, times in ("one replica", ramp.seconds[:alone]), ("two", ramp.seconds[alone:]):
        print(f"{name}: {len(times)} answers, p99 {1e3 * np.quantile(times, 0.99):.0f} ms")
    assert set(ramp.statuses) == {200}
    assert counts == sorted(counts), "a replica went while it was needed"
    assert counts[0] == 1


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
