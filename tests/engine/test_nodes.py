"""Several nodes, a lost node, a home in a bucket: the same release as on one machine."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.s3_server import s3_bucket
from tests.training_process import running, training
from tracer_ray import storage
from tracer_ray.releases.release import Release, list_releases
from tracer_ray.synthetic import matches

# Two nodes of two CPUs, so that checks beside the fleet leave some of both to it; the second is
# killed as soon as it has left a record, where that is asked.
CLUSTER = """
import sys, threading, time
from pathlib import Path
import ray
from ray.cluster_utils import Cluster
from tracer_ray.archive import blueprint
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.session import start_ray, stop_ray
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
source, home, fate = sys.argv[1:]
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
node = cluster.add_node(num_cpus=2)
cluster.wait_for_nodes()
start_ray(cluster.address)

def kill_the_node():
    while not any(Path(home).glob(f"runs/*/*/fleet/*/{node.node_id[:8]}*.log")):
        time.sleep(0.01)
    cluster.remove_node(node, allow_graceful=False)

if fate == "killed":
    threading.Thread(target=kill_the_node, daemon=True).start()
request = TrainingRequest(blueprint("match_outcome"), (source,), home, (), "large")
print(train(request, LineProgress()).manifest.fingerprint, flush=True)
until = time.monotonic() + 60.0  # Ray may tell of a lost node later than its work is done again
while sum(each["Alive"] for each in ray.nodes()) != (1 if fate == "killed" else 2):
    assert time.monotonic() < until
    time.sleep(0.2)
assert len({path.name[:8] for path in Path(home).glob("runs/*/*/fleet/*/*.log")}) == 2
stop_ray()
cluster.shutdown()
"""


bucket = pytest.fixture(scope="module")(s3_bucket)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw matches of teams so many that both nodes get some before one has done all."""
    path = tmp_path_factory.mktemp("nodes") / "matches.parquet"
    pq.write_table(matches(teams=80, rounds=120, seed=2).rows, path)
    return path


@pytest.fixture(scope="module")
def on_one_node(source: Path) -> str:
    """The fingerprint of an undisturbed run on one node."""
    with training("match_outcome", source, source.parent / "home", budget="large") as process:
        return process.result()


@pytest.mark.soak
def test_two_nodes_give_the_same_release(source: Path, tmp_path: Path, on_one_node: str) -> None:
    with running(CLUSTER, str(source), str(tmp_path), "kept") as process:
        assert process.result() == on_one_node


@pytest.mark.soak
def test_a_killed_node_is_survived_and_nothing_shows_of_it(
    source: Path, tmp_path: Path, on_one_node: str
) -> None:
    with running(CLUSTER, str(source), str(tmp_path), "killed") as process:
        assert process.result() == on_one_node
    (uri,) = list_releases(str(tmp_path), "match_outcome")
    assert [each.error for each in Release.open(uri).entities() if each.error] == []


@pytest.mark.soak
def test_a_home_in_a_bucket_gives_the_same_release_in_few_objects(
    source: Path, tmp_path: Path, on_one_node: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # where the registry of a bucket is kept
    with training("match_outcome", source, f"{bucket}/home", cpus=2, budget="large") as process:
        assert process.result() == on_one_node
    (uri,) = list_releases(f"{bucket}/home", "match_outcome")
    Release.open(uri).verify()
    records = [each for each in storage.list_files(f"{bucket}/home/runs") if "/fleet/" in each]
    assert 1 <= len(records) <= 4  # one per process, though there are 80 entities
