"""The fleet on Ray Tune: one trial per entity, in actors that are used again and again.

A trial reads exactly its own rows, reports its skill after each candidate, and appends its record
to the run's log. What the log has is not trained again.
"""

import logging
import os
import uuid
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import cast

import numpy as np
from ray import tune

from tracer_ray.engine.progress import Progress
from tracer_ray.engine.tuning import TrialWatch, run_config
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import Owner, OwnerReader, TrialProgress, run_trial
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.run_store import RecordLog, read_records
from tracer_ray.training.selection import ALTERNATIVES

FLEET = "fleet"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FleetJob:
    """What every trial needs."""

    plan: TrainingPlan
    target: str
    baseline: str

    @property
    def folder(self) -> str:
        """Where the records are."""
        return self.plan.part_folder(FLEET, self.target)


class FleetTrainable(tune.Trainable):
    """One entity; each step tries one candidate, the last one leaves the record."""

    def setup(self, config: dict[str, object], **shared: FleetJob) -> None:
        """Open the run's files once for all entities that this process will train."""
        self.job = job = shared["job"]
        self.reader = OwnerReader(job.plan, job.target)
        self.log = RecordLog(job.folder, f"{os.uname().nodename}-{os.getpid()}-{uuid.uuid4().hex}")
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, object]) -> bool:
        """Take the next entity in the same process."""
        name, bucket, row_group = cast(tuple[str, int, int], new_config["owner"])
        self.owner = Owner(name, bucket, row_group)
        self.steps: Iterator[TrialProgress] = self._run()
        return True

    def step(self) -> dict[str, object]:
        """Try the next candidate; a failure is a record with its reason, never the run's end."""
        try:
            progress = next(self.steps)
            tried, skill, record = progress.tried, progress.skill, progress.record
        except Exception as error:
            LOG.exception("event=trial_failed owner=%s", self.owner.name)
            reason = f"{type(error).__name__}: {error}"
            tried, skill, record = 0, 0.0, failed(self.owner.name, reason)
        if record is not None:
            self.log.append(self.owner.name, record.to_arrow())
        return {"tried": tried, "skill": skill, "done": record is not None}

    def _run(self) -> Iterator[TrialProgress]:
        rows = self.reader.read(self.owner, self.job.baseline)
        yield from run_trial(self.job.plan, self.job.target, self.owner, rows)


def train_fleet(job: FleetJob, owners: tuple[Owner, ...], progress: Progress) -> None:
    """Train every owner whose record is not there yet."""
    trainable = tune.with_resources(tune.with_parameters(FleetTrainable, job=job), {"cpu": 1})
    tune.Tuner(
        trainable,
        param_space={"owner": tune.grid_search([astuple(owner) for owner in owners])},
        tune_config=tune.TuneConfig(reuse_actors=True),
        run_config=run_config(job.plan, f"{FLEET}-{job.target}", TrialWatch(progress)),
    ).fit()


def finished_owners(job: FleetJob) -> frozenset[str]:
    """The owners whose trial is in the log; one that failed is worth another try."""
    records = map(FleetRecord.from_arrow, read_records(job.folder))
    return frozenset(record.owner for record in records if not record.error)


def failed(owner: str, reason: str) -> FleetRecord:
    """The record of a trial that gave nothing."""
    unknown = np.full(len(ALTERNATIVES), np.nan)
    return FleetRecord(owner, 0, 0, 0.0, unknown, unknown, np.zeros(0), error=reason.strip())
