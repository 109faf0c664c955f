"""Kill -9 of the driver and of a worker: the same command again finishes with the same release."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from blueprints.match_outcome import MATCH_OUTCOME
from tests.training_process import logs, training
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release, list_releases
from tracer_ray.synthetic import matches

pytestmark = pytest.mark.usefixtures("ray_session")

WORKER = "ray::ResourceTrainable"
FLEET, SEARCH = "fleet/*", "pooled/*/search"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw matches of 16 teams."""
    path = tmp_path_factory.mktemp("kills") / "matches.parquet"
    pq.write_table(matches(teams=16, rounds=120, seed=1).rows, path)
    return path


@pytest.fixture(scope="module")
def undisturbed(source: Path) -> Release:
    return trained(source, source.parent / "home")


def trained(source: Path, home: Path) -> Release:
    request = TrainingRequest(MATCH_OUTCOME, (str(source),), str(home), (), "small")
    return train(request, LineProgress())


def modified(home: Path) -> dict[str, int]:
    """When each pooled model was written."""
    return {str(path): path.stat().st_mtime_ns for path in home.glob("runs/*/*/pooled/*/model*")}


@pytest.mark.parametrize("part", [pytest.param(SEARCH, marks=pytest.mark.soak), FLEET])
def test_a_killed_driver_leaves_no_release_and_its_work_is_taken_up(
    source: Path, tmp_path: Path, undisturbed: Release, part: str
) -> None:
    home = tmp_path / "home"
    with training("match_outcome", source, home) as process:
        process.wait_until(lambda: any(logs(home, part).values()))
    assert process.process.returncode == -9
    assert list_releases(str(home), "match_outcome") == ()
    assert Registry(str(home)).releases("match_outcome") == []
    kept, models = logs(home, part), modified(home)
    assert bool(models) == (part == FLEET)
    again = trained(source, home)
    assert again.manifest.fingerprint == undisturbed.manifest.fingerprint
    now = logs(home, part)
    assert all(now[path].startswith(records) for path, records in kept.items())
    assert models.items() <= modified(home).items()
    assert [each.release for each in Registry(str(home)).releases("match_outcome")] == [again.name]


def test_a_killed_worker_is_replaced_and_nothing_shows_of_it(
    source: Path, tmp_path: Path, undisturbed: Release
) -> None:
    home = tmp_path / "home"
    with training("match_outcome", source, home, cpus=2) as process:
        process.wait_until(lambda: process.kill_worker(WORKER))
        assert process.result() == undisturbed.manifest.fingerprint
    (uri,) = list_releases(str(home), "match_outcome")
    assert [each.error for each in Release.open(uri).entities() if each.error] == []


@pytest.mark.soak
def test_two_trainings_of_one_blueprint_at_once_do_not_spoil_each_other(
    source: Path, tmp_path: Path, undisturbed: Release
) -> None:
    home = tmp_path / "home"
    with (
        training("match_outcome", source, home) as first,
        training("match_outcome", source, home) as second,
    ):
        found = {first.result(), second.result()}
    assert found == {undisturbed.manifest.fingerprint}
    for uri in list_releases(str(home), "match_outcome"):
        Release.open(uri).verify()
    registered = [each.uri for each in Registry(str(home)).releases("match_outcome")]
    assert sorted(registered) == sorted(list_releases(str(home), "match_outcome"))
