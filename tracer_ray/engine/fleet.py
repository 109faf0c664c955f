"""The fleet on Ray Tune: trials of some entities each, in actors that are used again and again.

What the run's log has is not trained again, so what a process had finished before it died is kept.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import ray
from ray import tune
from ray.tune.experiment import Trial

from tracer_ray.engine.fleet_trials import (
    FINISHED,
    FLEET,
    Entry,
    FleetJob,
    FleetTrainable,
    entries_of,
    plain,
)
from tracer_ray.engine.limits import Limits
from tracer_ray.engine.progress import Progress
from tracer_ray.engine.tuning import (
    ExperimentStop,
    Loss,
    TrialWatch,
    cluster_cpus,
    run_config,
    trial_memory_bytes,
)
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.record_log import read_records

ATTEMPTS = 2  # a process that died may have died of its node; one that dies twice is to blame
TRIALS_PER_CPU = 16  # so that all CPUs end at about the same time
MOST_ENTITIES = 64  # per trial
Chunk = tuple[Entry, ...]


def train_fleet(job: FleetJob, entries: Chunk, progress: Progress) -> int:
    """Train every owner whose record is not there yet; how many the time did not suffice for.

    Where a process died, the entity that it was at is tried once more; what is lost then, or took
    too long, is a record with its reason. StorageError where records can't be kept.
    """
    log, deaths = job.open_log(), Counter[str]()
    size = entities_per_trial(len(entries), cluster_cpus())
    while entries and time.monotonic() < job.until_s:
        watch = _run_trials(job, in_chunks(entries, size), progress)
        done = set(watch.finished)
        if len(done) < len(entries):
            done |= ask_finished(job)
        for entry, loss in _at_fault(watch.lost, done):
            name = entry.owner.name
            deaths[name] += 1
            if loss.is_final or deaths[name] == ATTEMPTS:
                log.append(FleetRecord.failed(name, loss.reason).to_arrow())
                done.add(name)
        left = tuple(each for each in entries if each.owner.name not in done)
        progress.advance(len(entries) - len(left) - len(watch.finished))
        entries, size = left, 1
        if not watch.lost:
            break
    return len(entries)


def entities_per_trial(entities: int, cpus: int) -> int:
    """How many entities a trial takes: what Tune does per trial costs more than a small search.

    >>> entities_per_trial(14, cpus=2), entities_per_trial(60, 2), entities_per_trial(10_000, 2)
    (1, 2, 64)
    """
    return max(1, min(MOST_ENTITIES, math.ceil(entities / (cpus * TRIALS_PER_CPU))))


def in_chunks(entries: Chunk, size: int) -> tuple[Chunk, ...]:
    """The entries, so many at a time."""
    return tuple(entries[at : at + size] for at in range(0, len(entries), size))


def finished_owners(job: FleetJob) -> frozenset[str]:
    """The owners whose search is in the log; one that failed is worth another try."""
    records = map(FleetRecord.from_arrow, read_records(job.folder))
    return frozenset(record.owner for record in records if not record.error)


def ask_finished(job: FleetJob) -> frozenset[str]:
    """The same, read by a worker: the driver may have no way to the run's folder."""
    found: frozenset[str] = ray.get(_finished.remote(job))
    return found


class _FleetWatch(TrialWatch):
    """Follows trials that tell which owners they finished."""

    def __init__(self, progress: Progress, limits: Limits) -> None:
        super().__init__(progress, limits)
        self.finished: set[str] = set()

    def on_trial_result(
        self,
        iteration: int,
        trials: list[Trial],
        trial: Trial,
        result: dict[str, Any],
        **info: object,
    ) -> None:
        """Some more owners are finished."""
        super().on_trial_result(iteration, trials, trial, result, **info)
        self.finished.update(result[FINISHED])
        self.progress.advance(len(result[FINISHED]))

    def on_trial_complete(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: object
    ) -> None:
        """Its owners were told one by one."""


def _run_trials(job: FleetJob, chunks: tuple[Chunk, ...], progress: Progress) -> _FleetWatch:
    """One experiment over the owners."""
    watch, stop = _FleetWatch(progress, job.limits), ExperimentStop(job.until_s)
    trainable = tune.with_parameters(
        FleetTrainable, job=job, memory_bytes=trial_memory_bytes(job.limits, cpus=1)
    )
    with run_config(f"{FLEET}-{job.target}", watch, stop) as config:
        tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1}),
            param_space={"trial": tune.sample_from(_in_turn(chunks))},
            tune_config=tune.TuneConfig(reuse_actors=True, num_samples=len(chunks)),
            run_config=config,
        ).fit()
    stop.check()
    return watch


def _in_turn(chunks: tuple[Chunk, ...]) -> Callable[[object], object]:
    """Gives one chunk after another, one per trial.

    A grid search would do the same, but it copies all its values for every trial: 10,000 entities
    took minutes before the first began.
    """
    turn = iter([tuple(map(plain, chunk)) for chunk in chunks])
    return lambda _: next(turn)


def _at_fault(lost: list[Loss], done: set[str]) -> Iterator[tuple[Entry, Loss]]:
    """The entity that each lost trial was at: the first one that it did not finish."""
    for loss in lost:
        unfinished = [each for each in entries_of(loss.config) if each.owner.name not in done]
        if unfinished:
            yield unfinished[0], loss


@ray.remote(num_cpus=1)
def _finished(job: FleetJob) -> frozenset[str]:
    return finished_owners(job)
