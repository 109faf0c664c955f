"""The pooled model's search on Ray Tune: one trial per candidate, ASHA, every CPU of a node.

Trials run one after another, each on all CPUs, so that what ASHA stops does not depend on how
many trials happen to run at once: the same seed gives the same model on one core and on many.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import ray
from ray import tune
from ray.tune.experiment import Trial
from ray.tune.schedulers import ASHAScheduler

from tracer_ray.blueprint import Candidate
from tracer_ray.engine.limits import (
    UNBOUNDED,
    Deadline,
    Limits,
    bound_memory,
    ending_after,
)
from tracer_ray.engine.progress import Progress
from tracer_ray.engine.tuning import (
    UNSTORED,
    ExperimentStop,
    TrialWatch,
    run_config,
    trial_memory_bytes,
)
from tracer_ray.errors import StorageError, TrainingError
from tracer_ray.families import Resources
from tracer_ray.training.cross_fit_cost import UNAFFORDABLE, foreseen_seconds
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import (
    FEW_ROWS,
    RUNG_SHARES,
    LabelledRows,
    PooledTrial,
    try_candidate,
)
from tracer_ray.training.pooled_record import PooledRecord, SearchedCandidate
from tracer_ray.training.record_log import RecordLog, read_records
from tracer_ray.training.search import candidate_from_json, candidate_to_json, label
from tracer_ray.training.stages import POOLED

ATTEMPTS = 2
SEARCH = "search"
UNTRIED = "not tried: its time was up"


@dataclass(frozen=True)
class PooledJob:
    """What every trial needs; the rows stay in the object store."""

    plan: TrainingPlan
    target: str
    rows: "ray.ObjectRef[LabelledRows]"
    threads: int
    limits: Limits
    deadline: Deadline = UNBOUNDED

    @property
    def folder(self) -> str:
        """Where the records of the search are."""
        return self.plan.part_folder(POOLED, self.target, SEARCH)

    def records(self) -> dict[tuple[int, int], PooledRecord]:
        """What was fitted already, by candidate and rung."""
        found = map(PooledRecord.from_arrow, read_records(self.folder))
        return {(each.number, each.rung): each for each in found}

    def has_records(self, searched: "Sequence[SearchedCandidate]") -> bool:
        """Whether this run searched: one that stands on another took over what that one found."""
        records = self.records()
        return all((each.number, each.rungs) in records for each in searched if each.is_complete)

    def trials(self, searched: "Sequence[SearchedCandidate]") -> tuple[PooledTrial, ...]:
        """What the candidates that were fitted to all training rows said of validation rows."""
        records = self.records()
        return tuple(
            PooledTrial(
                each.candidate, records[each.number, each.rungs].predicted, each.loss, each.skill
            )
            for each in searched
            if each.is_complete
        )


class PooledTrainable(tune.Trainable):
    """One candidate; each step fits it to a larger share of the training rows.

    A rung whose record is there is not fitted again: a search that was interrupted takes the same
    decisions up to there at once, and goes on.
    """

    def setup(self, config: dict[str, object], **shared: "PooledJob | int") -> None:
        """Take the candidate; the rows are mapped, not copied."""
        self.job = cast(PooledJob, shared["job"])
        bound_memory(cast(int, shared["memory_bytes"]))
        self.rows: LabelledRows = ray.get(self.job.rows)
        self.known = self.job.records()
        self.log = RecordLog(self.job.folder, uuid.uuid4().hex)
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, object]) -> bool:
        """Take the next candidate in the same process."""
        self.number, self.candidate, self.given_up = trial_of(new_config)
        self.rung, self.seconds = 0, 0.0
        return True

    def step(self) -> dict[str, object]:
        """Fit the next rung and leave its record."""
        if self.given_up:
            raise TrainingError(self.given_up)
        self.rung += 1
        try:
            with ending_after(self.job.limits.candidate_s):
                record = self.known.get((self.number, self.rung)) or self._fit()
        except StorageError as error:
            unknown = {"skill": 0.0, "loss": 0.0, "rung": self.rung, "rung_seconds": 0.0}
            return {**unknown, "done": True, UNSTORED: str(error)}
        self.seconds += record.seconds
        return {
            "skill": record.skill,
            "loss": record.loss,
            "seconds": self.seconds,
            "rung_seconds": record.seconds,
            "rung": self.rung,
            "pinned": record.candidate,
            "done": self.rung == len(RUNG_SHARES),
        }

    def _fit(self) -> PooledRecord:
        began = time.perf_counter()
        plan, share = self.job.plan, RUNG_SHARES[self.rung - 1]
        resources = Resources(self.job.threads, plan.seed)
        goal = plan.objective(self.job.target)
        trial = try_candidate(self.rows, goal, self.candidate, share, resources)
        record = PooledRecord(
            number=self.number,
            rung=self.rung,
            candidate=candidate_to_json(trial.candidate),
            loss=trial.loss,
            skill=trial.skill,
            seconds=time.perf_counter() - began,
            predicted=trial.predicted if self.rung == len(RUNG_SHARES) else np.zeros(0),
        )
        self.log.append(record.to_arrow())
        return record


def search_pooled(
    job: PooledJob, candidates: tuple[Candidate, ...], progress: Progress
) -> tuple[SearchedCandidate, ...]:
    """Try every candidate; those that fall behind are stopped on a smaller share of the rows.

    Where rows are few nobody is stopped: a fit takes seconds, and a share says little. After a
    process died the search is repeated from its records, so that its decisions are those of an
    undisturbed one. Time ends it, and stops a candidate that could not be cross-fitted in it, only
    after another is complete. TrainingError where no candidate could be fitted.
    """
    given_up: dict[int, str] = {}
    for _ in range(ATTEMPTS):
        watch = _run_trials(job, candidates, given_up, progress)
        lost = {trial_of(loss.config)[0]: loss for loss in watch.lost}
        reasons = {number: loss.reason for number, loss in lost.items()} | given_up
        given_up = {number: reasons[number] for number, loss in lost.items() if loss.is_final}
        if len(given_up) == len(lost):
            break
    left_s = job.deadline.cross_fit_until_s - time.monotonic()
    ended = {each.number: each for each in (_searched(trial, left_s) for trial in watch.ended)}
    failed = {n: SearchedCandidate(n, candidates[n], error=why) for n, why in reasons.items()}
    untried = {n: SearchedCandidate(n, each, error=UNTRIED) for n, each in enumerate(candidates)}
    found = (untried | ended | failed).values()
    if not any(each.is_complete for each in found):
        errors = "; ".join(f"{label(each.candidate)}: {each.error}" for each in found)
        raise TrainingError(
            f"no candidate of {job.target}'s pooled model could be fitted: {errors}"
        )
    return tuple(found)


def _run_trials(
    job: PooledJob, candidates: tuple[Candidate, ...], given_up: dict[int, str], progress: Progress
) -> TrialWatch:
    """One experiment over all candidates."""
    rungs = len(RUNG_SHARES)
    is_few = int(str(job.plan.dataset.manifest["rows"])) < FEW_ROWS
    scheduler = ASHAScheduler(
        time_attr="rung",
        max_t=rungs,
        grace_period=rungs if is_few else 1,
        reduction_factor=3,
    )
    memory_bytes = trial_memory_bytes(job.limits, job.threads)
    trainable = tune.with_parameters(PooledTrainable, job=job, memory_bytes=memory_bytes)
    numbered = [
        (number, candidate_to_json(candidate), given_up.get(number, ""))
        for number, candidate in enumerate(candidates)
    ]
    watch = TrialWatch(progress, job.limits)

    def is_enough() -> bool:
        return any(map(_is_complete, watch.ended))

    def is_hopeless(said: Mapping[str, Any]) -> bool:
        left_s = job.deadline.cross_fit_until_s - time.monotonic()
        return is_enough() and foreseen_seconds(said["rung"], said["rung_seconds"]) > left_s

    stop = ExperimentStop(job.deadline.search_until_s, is_enough, is_hopeless)
    with run_config(f"{POOLED}-{job.target}", watch, stop) as config:
        tune.Tuner(
            tune.with_resources(trainable, {"cpu": job.threads}),
            param_space={"trial": tune.grid_search(numbered)},
            tune_config=tune.TuneConfig(
                metric="skill",
                mode="max",
                scheduler=scheduler,
                reuse_actors=True,
                max_concurrent_trials=1,
            ),
            run_config=config,
        ).fit()
    stop.check()
    return watch


def trial_of(config: dict[str, object]) -> tuple[int, Candidate, str]:
    """A trial's number, its candidate, and why it was given up ("" where it was not)."""
    number, candidate, given_up = cast(tuple[int, str, str], config["trial"])
    return number, candidate_from_json(candidate), given_up


def _is_complete(trial: Trial) -> bool:
    return bool(trial.last_result.get("rung") == len(RUNG_SHARES))


def _searched(trial: Trial, left_s: float) -> SearchedCandidate:
    number, candidate, _ = trial_of(trial.config)
    said = trial.last_result
    if "pinned" not in said:
        return SearchedCandidate(number, candidate, error=UNTRIED)
    return SearchedCandidate(
        number=number,
        candidate=candidate_from_json(said["pinned"]),
        rungs=said["rung"],
        loss=said["loss"],
        skill=said["skill"],
        seconds=said["seconds"],
        error=UNAFFORDABLE if foreseen_seconds(said["rung"], said["rung_seconds"]) > left_s else "",
    )
