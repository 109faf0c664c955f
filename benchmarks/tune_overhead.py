"""What Ray Tune adds to a fleet's search: the same trials by Tune and by joblib, in turns.

Run `python -m benchmarks.tune_overhead [PLAYERS]`. Both train the same entities on the same
features, one process per CPU, and start their processes anew each time.
"""

import importlib
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.fleet import CPUS, TARGET, in_parallel
from benchmarks.stage_clock import StageClock
from tracer_ray.archive import blueprint
from tracer_ray.data.in_process import ingest_in_process
from tracer_ray.engine.fleet import entities_per_trial, finished_owners, in_chunks, train_fleet
from tracer_ray.engine.fleet_trials import Entry, FleetJob
from tracer_ray.engine.limits import Limits
from tracer_ray.engine.session import start_ray, stop_ray
from tracer_ray.synthetic import player_games
from tracer_ray.training.enrolment import enrol_bucket
from tracer_ray.training.fleet_trial import OwnerReader, run_trial
from tracer_ray.training.in_process import InProcessRun, build_in_process, search_in_process
from tracer_ray.training.stages import gather, predict_bucket
from tracer_ray.training.standing import find_standing

PLAYERS, BUDGETS, ROUNDS = 240, ("standard", "large"), 3


@dataclass(frozen=True)
class Chunk:
    """Entities that one process searches one after another."""

    job: FleetJob
    entries: tuple[Entry, ...]


def prepared(home: str, players: int, budget: str) -> Chunk:
    """All entities of a run whose pooled model is fitted."""
    games = player_games(players=players, seasons=2, games_per_season=82, seed=1).rows
    dataset = ingest_in_process(blueprint("player_props"), {"games": games}, home)
    plan = InProcessRun(home, dataset, budget).plan
    build_in_process(plan)
    pooled = search_in_process(plan, TARGET, gather(plan, TARGET))
    predict_bucket(plan, TARGET, 0, pooled)
    standing = find_standing(plan, TARGET)
    enrolled = enrol_bucket(plan, TARGET, 0, standing)
    entries = tuple(Entry(each.owner) for each in enrolled if not each.refusal)
    return Chunk(FleetJob(plan, TARGET, standing, Limits()), entries)


def by_tune(fleet: Chunk) -> float:
    """The seconds of the fleet as training does it, Ray running already."""
    shutil.rmtree(fleet.job.folder, ignore_errors=True)
    start_ray(cpus=CPUS)
    began = time.perf_counter()
    train_fleet(fleet.job, fleet.entries, StageClock())
    took_s = time.perf_counter() - began
    assert len(finished_owners(fleet.job)) == len(fleet.entries)
    stop_ray()
    return took_s


def by_joblib(fleet: Chunk) -> float:
    """The seconds of the same trials in a pool of processes."""
    size = entities_per_trial(len(fleet.entries), CPUS)
    chunks = [Chunk(fleet.job, each) for each in in_chunks(fleet.entries, size)]
    loky: Any = importlib.import_module("joblib.externals.loky")
    began = time.perf_counter()
    finished = in_parallel(_search, chunks)
    took_s = time.perf_counter() - began
    assert sum(finished) == len(fleet.entries)
    loky.get_reusable_executor().shutdown(wait=True)
    return took_s


def _search(chunk: Chunk) -> int:
    """Train them; how many left a record."""
    job = chunk.job
    reader = OwnerReader(job.plan, job.target)
    finished = 0
    for owner in (each.owner for each in chunk.entries):
        rows = reader.read(owner, job.standing.baseline)
        steps = run_trial(job.plan, job.target, owner, rows)
        finished += sum(step.record is not None for step in steps)
    return finished


def main() -> None:
    """Each budget in turns, and the ratio of the medians."""
    players = int(sys.argv[1]) if sys.argv[1:] else PLAYERS
    print("| budget | entities | Tune | joblib | Tune over joblib |\n|---|---|---|---|---|")
    for budget in BUDGETS:
        with tempfile.TemporaryDirectory() as home:
            fleet = prepared(home, players, budget)
            turns = [(by_tune(fleet), by_joblib(fleet)) for _ in range(ROUNDS)]
        tune_s, joblib_s = map(statistics.median, zip(*turns, strict=True))
        figures = f"{tune_s:.1f} s | {joblib_s:.1f} s | {tune_s / joblib_s:.2f}"
        print(f"| {budget} | {len(fleet.entries)} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
