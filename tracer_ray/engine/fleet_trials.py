"""A trial of the fleet: some entities, searched one after another in the same process.

An entity's search reads exactly its own rows, and its record is appended to the run's log as soon
as it ends.
"""

import logging
import math
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from typing import Any, cast

import ray
from ray import tune

from tracer_ray.engine.limits import Limits, bound_memory, ending_after
from tracer_ray.engine.tuning import UNSTORED
from tracer_ray.errors import StorageError
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import Owner, OwnerReader, TrialProgress, run_trial
from tracer_ray.training.inheritance import Start
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.record_log import RecordLog
from tracer_ray.training.standing import Standing

FLEET = "fleet"
REPORT_EVERY_S = 1.0
FINISHED = "finished"  # in a trial's result: the owners finished since the last one
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FleetJob:
    """What every trial needs."""

    plan: TrainingPlan
    target: str
    standing: Standing
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


@dataclass(frozen=True)
class Entry:
    """An owner to be trained, and where its search starts."""

    owner: Owner
    start: Start = field(default_factory=Start)


class FleetTrainable(tune.Trainable):
    """Some entities, one after another; each leaves its record when it is finished."""

    def setup(self, config: dict[str, object], **shared: "FleetJob | int") -> None:
        """Open the run's files once for all entities that this process will train."""
        self.job = job = cast(FleetJob, shared["job"])
        bound_memory(cast(int, shared["memory_bytes"]))
        self.reader = OwnerReader(job.plan, job.target)
        self.log = job.open_log()
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, object]) -> bool:
        """Take the next entities in the same process."""
        self.steps = self._train_all(entries_of(new_config))
        return True

    def step(self) -> dict[str, object]:
        """Try candidates for about a second, then say which owners were finished."""
        report_at_s = time.monotonic() + REPORT_EVERY_S
        finished: list[str] = []
        owner: str | None = ""
        try:
            while time.monotonic() < report_at_s:
                with ending_after(self.job.limits.candidate_s):
                    owner = next(self.steps, None)
                if owner is None:
                    break
                finished += [owner] if owner else []
            self.log.sync()
        except StorageError as error:
            return {FINISHED: finished, "done": True, UNSTORED: str(error)}
        return {FINISHED: finished, "done": owner is None}

    def _train_all(self, entries: tuple[Entry, ...]) -> Iterator[str]:
        """Try candidate after candidate; the owner's name where that finished it, else ""."""
        for entry in entries:
            for progress in self._train(entry):
                if progress.record is not None:
                    self.log.write(progress.record.to_arrow())
                yield entry.owner.name if progress.record else ""

    def _train(self, entry: Entry) -> Iterator[TrialProgress]:
        """One entity; a failure is a record with its reason, never the run's end."""
        job, owner = self.job, entry.owner
        try:
            rows = self.reader.read(owner, job.standing.baseline)
            yield from run_trial(job.plan, job.target, owner, rows, entry.start)
        except StorageError:
            raise
        except Exception as error:
            LOG.exception("event=trial_failed owner=%s", owner.name)
            reason = f"{type(error).__name__}: {error}"
            yield TrialProgress(0, 0.0, FleetRecord.failed(owner.name, reason))


def plain(entry: Entry) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """An entry as it stands in a trial's configuration."""
    return astuple(entry.owner), astuple(entry.start)


def entries_of(config: dict[str, object]) -> tuple[Entry, ...]:
    """The entries of a trial's configuration."""
    told = cast(tuple[tuple[tuple[Any, ...], tuple[Any, ...]], ...], config["trial"])
    return tuple(Entry(Owner(*owner), Start(*start)) for owner, start in told)
