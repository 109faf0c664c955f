"""The fleet on Ray Tune: one trial per entity, in actors that are used again and again.

A trial reads exactly its own rows, reports its skill after each candidate, and appends its record
to the run's log. What the log has is not trained again.
"""

import logging
import math
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, field
from typing import Any, cast

import ray
from ray import tune

from tracer_ray.engine.limits import Limits, bound_memory, ending_after
from tracer_ray.engine.progress import Progress
from tracer_ray.engine.tuning import (
    UNSTORED,
    ExperimentStop,
    TrialWatch,
    run_config,
    trial_memory_bytes,
)
from tracer_ray.errors import StorageError
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import Owner, OwnerReader, TrialProgress, run_trial
from tracer_ray.training.inheritance import Start
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.record_log import RecordLog

FLEET = "fleet"
ATTEMPTS = 2  # a process that died may have died of its node; one that dies twice is to blame
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FleetJob:
    """What every trial needs."""

    plan: TrainingPlan
    target: str
    baseline: str
    limits: Limits
    until_s: float = math.inf
    most: int = 0  # candidates per entity, where not the budget's own number

    @property
    def folder(self) -> str:
        """Where the records are."""
        return self.plan.part_folder(FLEET, self.target)

    def open_log(self) -> RecordLog:
        """A log for this process alone."""
        node = ray.get_runtime_context().get_node_id()[:8]
        return RecordLog(self.folder, f"{node}-{os.getpid()}-{uuid.uuid4().hex}")


class FleetTrainable(tune.Trainable):
    """One entity; each step tries one candidate, the last one leaves the record."""

    def setup(self, config: dict[str, object], **shared: "FleetJob | int") -> None:
        """Open the run's files once for all entities that this process will train."""
        self.job = job = cast(FleetJob, shared["job"])
        bound_memory(cast(int, shared["memory_bytes"]))
        self.reader = OwnerReader(job.plan, job.target)
        self.log = job.open_log()
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, object]) -> bool:
        """Take the next entity in the same process."""
        self.entry = entry_of(new_config)
        self.steps: Iterator[TrialProgress] = self._run()
        return True

    def step(self) -> dict[str, object]:
        """Try the next candidate; a failure is a record with its reason, never the run's end."""
        try:
            with ending_after(self.job.limits.candidate_s):
                progress = self._next()
            if progress.record is not None:
                self.log.append(progress.record.to_arrow())
        except StorageError as error:
            return {"tried": 0, "skill": 0.0, "done": True, UNSTORED: str(error)}
        done = progress.record is not None
        return {"tried": progress.tried, "skill": progress.skill, "done": done}

    def _next(self) -> TrialProgress:
        try:
            return next(self.steps)
        except StorageError:
            raise
        except Exception as error:
            name = self.entry.owner.name
            LOG.exception("event=trial_failed owner=%s", name)
            return TrialProgress(
                0, 0.0, FleetRecord.failed(name, f"{type(error).__name__}: {error}")
            )

    def _run(self) -> Iterator[TrialProgress]:
        job, owner = self.job, self.entry.owner
        rows = self.reader.read(owner, job.baseline)
        yield from run_trial(job.plan, job.target, owner, rows, self.entry.start)


@dataclass(frozen=True)
class Entry:
    """An owner to be trained, and where its trial starts."""

    owner: Owner
    start: Start = field(default_factory=Start)


def train_fleet(job: FleetJob, entries: tuple[Entry, ...], progress: Progress) -> int:
    """Train every owner whose record is not there yet; how many the time did not suffice for.

    An owner whose process died is tried once more; what is lost then, or took too long, is a record
    with its reason. StorageError where records can't be kept.
    """
    log, entered, finished = job.open_log(), len(entries), 0
    for attempt in range(1, ATTEMPTS + 1):
        again = []
        watch = _run_trials(job, entries, progress)
        finished += sum(trial.last_result.get("done", False) for trial in watch.ended)
        for loss in watch.lost:
            entry = entry_of(loss.config)
            if attempt < ATTEMPTS and not loss.is_final:
                again.append(entry)
                continue
            log.append(FleetRecord.failed(entry.owner.name, loss.reason).to_arrow())
            finished += 1
            progress.advance()
        entries = tuple(again)
        if not entries or time.monotonic() > job.until_s:
            break
    return entered - finished


def _run_trials(job: FleetJob, entries: tuple[Entry, ...], progress: Progress) -> TrialWatch:
    """One experiment over the owners."""
    watch, stop = TrialWatch(progress, job.limits), ExperimentStop(job.until_s)
    trainable = tune.with_parameters(
        FleetTrainable, job=job, memory_bytes=trial_memory_bytes(job.limits, cpus=1)
    )
    with run_config(f"{FLEET}-{job.target}", watch, stop) as config:
        tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1}),
            param_space={"trial": tune.sample_from(_in_turn(entries))},
            tune_config=tune.TuneConfig(reuse_actors=True, num_samples=len(entries)),
            run_config=config,
        ).fit()
    stop.check()
    return watch


def _in_turn(entries: tuple[Entry, ...]) -> Callable[[object], object]:
    """Gives one entry after another, one per trial.

    A grid search would do the same, but it copies all its values for every trial: 10,000 entities
    took minutes before the first began.
    """
    turn = iter(list(map(_plain, entries)))
    return lambda _: next(turn)


def _plain(entry: Entry) -> tuple[tuple[object, ...], tuple[object, ...]]:
    return astuple(entry.owner), astuple(entry.start)


def entry_of(config: dict[str, object]) -> Entry:
    """The entry of a trial's configuration."""
    owner, start = cast(tuple[tuple[Any, ...], tuple[Any, ...]], config["trial"])
    return Entry(Owner(*owner), Start(*start))
