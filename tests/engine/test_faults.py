"""What a candidate, a worker or a disk does to a run: a record with a reason, or a clear stop."""

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import ray

from blueprints.player_props import PLAYER_PROPS
from tests import faulty_families as faulty
from tests.faulty_families import FaultyPlan
from tests.small_run import prepared
from tracer_ray.blueprint import Candidate, Portfolio, candidate
from tracer_ray.engine import fleet
from tracer_ray.engine.fleet import finished_owners, train_fleet
from tracer_ray.engine.fleet_refits import refit_settled
from tracer_ray.engine.fleet_trials import Entry, FleetJob
from tracer_ray.engine.limits import Deadline, Limits
from tracer_ray.engine.pooled_search import UNTRIED, PooledJob, search_pooled
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
from tracer_ray.errors import (
    StorageDeniedError,
    StorageError,
    StorageUnreachableError,
    TrainingError,
)
from tracer_ray.ports import free_port
from tracer_ray.splits import Part
from tracer_ray.synthetic import player_games
from tracer_ray.training.cross_fit_cost import UNAFFORDABLE
from tracer_ray.training.enrolment import enrol_bucket
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import Owner, OwnerReader
from tracer_ray.training.inheritance import Start
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled_record import PooledRecord
from tracer_ray.training.record_log import RecordLog, read_records
from tracer_ray.training.search import candidate_to_json
from tracer_ray.training.stages import gather
from tracer_ray.training.standing import Standing

pytestmark = pytest.mark.usefixtures("ray_session")

SOUND = candidate("elastic_net", alpha=0.1, l1_ratio=0.1)
STANDING = Standing("season average")
LIMITS = Limits(memory_bytes=600 << 20)
# More than a process takes to import a family and fit it, on a machine with much else to do.
IMPATIENT = replace(LIMITS, candidate_s=20.0)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> TrainingPlan:
    """A run that has its features and pooled predictions."""
    return prepared_in(tmp_path_factory.mktemp("faults"))


def prepared_in(home: Path) -> TrainingPlan:
    """Twelve players; of each one more game is left out, so that no two have as many."""
    games = player_games(players=12, seasons=2, games_per_season=70, seed=1).rows
    games = games.sort_by([("player_id", "ascending"), ("game_date", "ascending")])
    _, first, number = np.unique(games["player_id"], return_index=True, return_inverse=True)
    place = np.arange(len(games)) - first[number]
    is_left_out = (place >= 50) & (place < 50 + number)
    return prepared(PLAYER_PROPS, games.filter(pa.array(~is_left_out)), home, "points")


def with_candidates(plan: TrainingPlan, *own: Candidate) -> FaultyPlan:
    """The plan with another portfolio, and its run's folders under its old name."""
    given = {field.name: getattr(plan, field.name) for field in fields(plan)}
    faulted = FaultyPlan(**given | {"budget": replace(plan.budget, entity_candidates=len(own))})
    blueprint = replace(plan.blueprint, portfolio=Portfolio(plan.blueprint.portfolio.pooled, own))
    changed = replace(faulted, blueprint=blueprint)
    vars(changed)["run"] = plan.run
    return changed


def harm(kind: int, only: int = 0) -> Candidate:
    return candidate(faulty.NAME, harm=kind, only=only)


def enrolled(plan: TrainingPlan) -> tuple[Owner, ...]:
    found = [
        enrol_bucket(plan, "points", bucket, STANDING) for bucket in range(plan.dataset.buckets)
    ]
    return tuple(each.owner for bucket in found for each in bucket if not each.refusal)


def entries(owners: Iterable[Owner]) -> tuple[Entry, ...]:
    return tuple(map(Entry, owners))


def training_rows(plan: TrainingPlan, owner: Owner) -> int:
    rows = OwnerReader(plan, "points").read(owner, STANDING.baseline).rows
    return int(rows.part(Part.TRAIN).sum())


def records(job: FleetJob) -> dict[str, FleetRecord]:
    found = [FleetRecord.from_arrow(each) for each in read_records(job.folder)]
    assert Counter(each.owner for each in found).most_common(1)[0][1] == 1
    return {each.owner: each for each in found}


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of its own that is soon full; skips where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_fleet_outlives_candidates_that_hang_crash_and_take_all_memory(
    plan: TrainingPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "TRIALS_PER_CPU", 1)  # the others of a trial must not suffer
    owners = enrolled(plan)
    rows = {owner: training_rows(plan, owner) for owner in owners}
    once = [each for each in owners if list(rows.values()).count(rows[each]) == 1]
    hung, crashed, greedy, killed = once[:4]
    harms = (
        (faulty.SLEEP, hung),
        (faulty.EXIT, crashed),
        (faulty.ALLOCATE, greedy),
        (faulty.EXIT_ONCE, killed),
    )
    own = [harm(kind, rows[owner]) for kind, owner in harms]
    job = FleetJob(with_candidates(plan, *own, SOUND), "points", STANDING, IMPATIENT)
    train_fleet(job, entries(owners), LineProgress())
    found = records(job)
    assert set(found) == {each.name for each in owners}
    assert found[hung.name].error.startswith("TimeoutError: a candidate took longer than 20 s")
    assert found[crashed.name].error.startswith("its process died")
    assert [name for name, each in found.items() if each.error] == [
        name for name in found if name in (hung.name, crashed.name)
    ]
    (failure,) = found[greedy.name].failures
    assert "MemoryError" in failure
    assert found[killed.name].failures == ()
    for owner in set(owners) - {hung, crashed}:
        assert found[owner.name].model
    assert finished_owners(job) == {each.name for each in set(owners) - {hung, crashed}}


def test_a_settled_model_that_ends_its_process_is_left_to_a_trial_and_the_others_are_fitted(
    plan: TrainingPlan, tmp_path: Path
) -> None:
    sound, fatal, new = enrolled(plan)[:3]
    job = FleetJob(replace(with_candidates(plan), home=str(tmp_path)), "points", STANDING, LIMITS)
    settled = [
        Entry(owner, Start(candidate_to_json(each), (0.1,) * 4, (0.1,) * 4, tried=1))
        for owner, each in ((sound, SOUND), (fatal, harm(faulty.EXIT)))
    ]
    no_records = shutil.ignore_patterns("fleet")
    shutil.copytree(plan.folder, job.plan.folder, ignore=no_records)
    left = refit_settled(job, (*settled, Entry(new)), LineProgress())
    assert [each.owner for each in left] == [fatal, new]
    assert set(records(job)) == {sound.name}


def test_the_pooled_search_outlives_candidates_that_hang_and_crash(plan: TrainingPlan) -> None:
    job = PooledJob(
        with_candidates(plan, SOUND), "points", ray.put(gather(plan, "points")), 2, IMPATIENT
    )
    asked = (SOUND, harm(faulty.SLEEP), harm(faulty.EXIT), harm(faulty.EXIT_ONCE))
    searched = search_pooled(job, asked, LineProgress())
    assert [each.number for each in searched] == [0, 1, 2, 3]
    assert searched[1].error.startswith("TimeoutError")
    assert searched[2].error.startswith("its process died")
    assert [each.error for each in (searched[0], searched[3])] == ["", ""]
    assert searched[0].is_complete
    written = {key: each.seconds for key, each in job.records().items()}
    again = search_pooled(job, (SOUND,), LineProgress())
    assert again == searched[:1]
    assert {key: each.seconds for key, each in job.records().items()} == written


def test_a_search_whose_time_is_up_ends_with_one_candidate_and_names_the_others(
    plan: TrainingPlan, tmp_path: Path
) -> None:
    fresh = replace(with_candidates(plan, SOUND), home=str(tmp_path))
    rows = ray.put(gather(plan, "points"))
    is_over = Deadline(time.monotonic() - 60.0, seconds=60.0)
    job = PooledJob(fresh, "points", rows, 2, Limits(), is_over)
    searched = search_pooled(job, (SOUND, harm(faulty.SLEEP), SOUND), LineProgress())
    assert searched[0].is_complete
    assert [each.error for each in searched[1:]] == [UNTRIED, UNTRIED]


def test_a_candidate_that_time_can_not_cross_fit_is_stopped_before_it_sees_all_rows(
    plan: TrainingPlan, tmp_path: Path
) -> None:
    fresh = replace(with_candidates(plan, SOUND), home=str(tmp_path))
    rows, an_hour = ray.put(gather(plan, "points")), Deadline(time.monotonic(), seconds=3600.0)
    job = PooledJob(fresh, "points", rows, 2, Limits(), an_hour)
    slow = PooledRecord(1, 2, candidate_to_json(SOUND), 1.0, 0.5, 1e6, np.zeros(0))
    RecordLog(job.folder, "a process before").append(slow.to_arrow())
    quick, too_slow = search_pooled(job, (SOUND, SOUND), LineProgress())
    assert quick.is_complete
    assert (too_slow.rungs, too_slow.error) == (2, UNAFFORDABLE)


@pytest.mark.soak
def test_a_fleet_whose_time_is_up_ends_and_tells_who_is_left(
    plan: TrainingPlan, tmp_path: Path
) -> None:
    owners = enrolled(plan)
    hung = max(owners, key=lambda owner: training_rows(plan, owner))
    own = (harm(faulty.SLEEP, training_rows(plan, hung)), SOUND)
    until_s = time.monotonic() + 8.0
    job = FleetJob(with_candidates(plan, *own), "points", STANDING, Limits(), until_s)
    left = train_fleet(job, entries(owners), LineProgress())
    assert left == len(owners) - len(finished_owners(job)) >= 1
    assert hung.name not in finished_owners(job)


def test_a_pooled_search_without_any_model_ends_with_all_reasons(
    plan: TrainingPlan, tmp_path: Path
) -> None:
    broken = replace(with_candidates(plan, SOUND), home=str(tmp_path))
    job = PooledJob(broken, "points", ray.put(gather(plan, "points")), 2, LIMITS)
    asked = (candidate("elastic_net", depth=2), harm(faulty.ALLOCATE))
    with pytest.raises(TrainingError, match=r"no setting 'depth'.*MemoryError"):
        search_pooled(job, asked, LineProgress())


def test_a_full_disk_stops_the_run_and_the_same_run_goes_on_afterwards(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4000) as home:
        plan = prepared_in(home)
        job = FleetJob(with_candidates(plan, SOUND), "points", STANDING, LIMITS)
        filler = home / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(8_000_000))
        owners = enrolled(plan)
        with pytest.raises(StorageError, match=r"no space is left.*goes on from there"):
            train_fleet(job, entries(owners), LineProgress())
        filler.unlink()
        done = finished_owners(job)
        waiting = tuple(owner for owner in owners if owner.name not in done)
        train_fleet(job, entries(waiting), LineProgress())
        assert set(records(job)) == {owner.name for owner in owners}


def test_a_read_only_home_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    games = tmp_path / "games.parquet"
    pq.write_table(player_games(players=24, seasons=2, games_per_season=70, seed=1).rows, games)
    with small_disk(tmp_path / "disk", 4000) as home:
        remount = ["mount", "-o", "remount,ro", str(home)]
        subprocess.run(remount, check=True)
        request = TrainingRequest(PLAYER_PROPS, (str(games),), str(home), ("points",), "small")
        with pytest.raises(StorageDeniedError, match="read-only; name another home"):
            train(request, LineProgress())
        assert list(home.iterdir()) == []


def test_a_store_that_does_not_answer_stops_a_run_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    unread = str(tmp_path / "games.parquet")
    request = TrainingRequest(PLAYER_PROPS, (unread,), "s3://tracer/home", ("points",), "small")
    with pytest.raises(StorageUnreachableError, match="the store does not answer"):
        train(request, LineProgress())
