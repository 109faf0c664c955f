"""A node that is lost under a constant load: what fails, for how long, and what comes back."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.open_load import OpenLoad
from tests.service_process import ASKED, ID, ServiceProcess, service_process

pytestmark = pytest.mark.soak

PER_SECOND = 50
# A head and another node, with a replica on each; the head has room for both, should it be alone.
CLUSTER = """
import os, sys
from ray.cluster_utils import Cluster
from tracer_ray.engine.proxy import proxy_environment
from tracer_ray.engine.scaling import Replicas
from tracer_ray.engine.serve import ServeOptions, serve_forever
blueprint, home, port = sys.argv[1:]
os.environ.update(proxy_environment())
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 3, "include_dashboard": False})
cluster.add_node(num_cpus=2)
cluster.wait_for_nodes()
os.environ["RAY_ADDRESS"] = cluster.address
serve_forever(ServeOptions(home, (blueprint,), port=int(port), replicas=Replicas(2, 2)))
cluster.shutdown()
"""


@pytest.fixture(params=[True, False], ids=["haproxy", "plain"])
def running(request: pytest.FixtureRequest, promoted_home: str) -> Iterator[ServiceProcess]:
    """A service on two nodes."""
    words = [sys.executable, "-c", CLUSTER, ID, promoted_home]
    with service_process(words, is_haproxy=request.param) as service:
        yield service


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_lost_node_takes_what_was_inside_it_and_another_replica_comes(
    running: ServiceProcess, fate: signal.Signals
) -> None:
    """A frozen node is like one that can't be reached: nothing refuses, and nothing answers."""
    (controller,) = running.processes("ServeController")
    (lost,) = [each for each in running.machines().values() if controller not in each]
    (replica,) = set(running.replicas()) & set(lost)  # so the other one is on the head
    try:
        with OpenLoad(running.url, ASKED, PER_SECOND, running.answer()) as load:
            load.go_on(3.0)
            assert not load.failures
            fault_s = load.now_s
            for process in lost:
                os.kill(process, fate)
            load.wait_until(lambda: len(set(running.replicas()) - {replica}) == 2)
            print(f"another replica after {load.now_s - fault_s:.1f} s")
            load.go_on(10.0)
            load.wait_until(lambda: load.is_calm(10.0))
    finally:
        for process in lost:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    print(f"{fate.name}: {load.recovery(fault_s)}")
    assert load.failures.total() <= PER_SECOND  # of one second, at most
    assert not {"another answer", "ReadTimeout"} & load.failures.keys()  # nobody waits for ever
