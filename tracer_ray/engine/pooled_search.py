"""The pooled model's search on Ray Tune: one trial per candidate, ASHA, every CPU of a node.

Trials run one after another, each on all CPUs, so that what ASHA stops does not depend on how
many trials happen to run at once: the same seed gives the same model on one core and on many.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import ray
from ray import tune
from ray.tune.experiment import Trial
from ray.tune.schedulers import ASHAScheduler

from tracer_ray import storage
from tracer_ray.blueprint import Candidate
from tracer_ray.engine.progress import Progress
from tracer_ray.engine.tuning import TrialWatch, run_config
from tracer_ray.errors import TrainingError
from tracer_ray.families import Resources
from tracer_ray.rows import FloatArray
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import RUNG_SHARES, LabelledRows, PooledTrial, try_candidate
from tracer_ray.training.search import candidate_from_json, candidate_to_json, label
from tracer_ray.training.stages import POOLED

FEW_ROWS = 50_000


@dataclass(frozen=True)
class PooledJob:
    """What every trial needs; the rows stay in the object store."""

    plan: TrainingPlan
    target: str
    rows: "ray.ObjectRef[LabelledRows]"
    threads: int

    def said_uri(self, number: int) -> str:
        """Where a trial leaves what it said of the validation rows."""
        return storage.join(self.plan.part_folder(POOLED, self.target), f"candidate-{number}.npy")

    def trials(self, searched: "Sequence[SearchedCandidate]") -> tuple[PooledTrial, ...]:
        """What the candidates that were fitted to all training rows said of validation rows."""
        return tuple(
            PooledTrial(each.candidate, self._said(each.number), each.loss, each.skill)
            for each in searched
            if each.is_complete
        )

    def _said(self, number: int) -> FloatArray:
        sink = io.BytesIO(storage.read_bytes(self.said_uri(number)))
        said: FloatArray = np.load(sink, allow_pickle=False)
        return said


class PooledTrainable(tune.Trainable):
    """One candidate; each step fits it to a larger share of the training rows."""

    def setup(self, config: dict[str, object], **shared: PooledJob) -> None:
        """Take the candidate; the rows are mapped, not copied."""
        self.job = shared["job"]
        self.rows: LabelledRows = ray.get(self.job.rows)
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, object]) -> bool:
        """Take the next candidate in the same process."""
        trial = cast(dict[str, object], new_config["trial"])
        self.number = cast(int, trial["number"])
        self.candidate = candidate_from_json(cast(str, trial["candidate"]))
        self.rung = 0
        return True

    def step(self) -> dict[str, object]:
        """Fit the next rung; the last one leaves its predictions in the run's folder."""
        plan, target = self.job.plan, self.job.target
        trial = try_candidate(
            self.rows,
            plan.objective(target),
            self.candidate,
            RUNG_SHARES[self.rung],
            Resources(self.job.threads, plan.seed),
        )
        self.rung += 1
        is_last = self.rung == len(RUNG_SHARES)
        if is_last:
            sink = io.BytesIO()
            np.save(sink, trial.predicted, allow_pickle=False)
            storage.write_bytes(self.job.said_uri(self.number), sink.getvalue())
        return {
            "skill": trial.skill,
            "loss": trial.loss,
            "number": self.number,
            "rung": self.rung,
            "pinned": candidate_to_json(trial.candidate),
            "done": is_last,
        }


@dataclass(frozen=True)
class SearchedCandidate:
    """How far one candidate came, its loss there, and what it cost; `error` is "" if it ran."""

    number: int
    candidate: Candidate
    rungs: int = 0
    loss: float = float("nan")
    skill: float = float("nan")
    seconds: float = 0.0
    error: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether it was fitted to all training rows."""
        return self.rungs == len(RUNG_SHARES)


def search_pooled(
    job: PooledJob, candidates: tuple[Candidate, ...], progress: Progress
) -> tuple[SearchedCandidate, ...]:
    """Try every candidate; those that fall behind are stopped on a smaller share of the rows.

    Where rows are few nobody is stopped: a fit takes seconds, and a share says little.
    """
    rungs = len(RUNG_SHARES)
    is_few = int(str(job.plan.dataset.manifest["rows"])) < FEW_ROWS
    scheduler = ASHAScheduler(
        time_attr="rung",
        max_t=rungs,
        grace_period=rungs if is_few else 1,
        reduction_factor=3,
    )
    trainable = tune.with_resources(
        tune.with_parameters(PooledTrainable, job=job), {"cpu": job.threads}
    )
    numbered = [
        {"number": number, "candidate": candidate_to_json(candidate)}
        for number, candidate in enumerate(candidates)
    ]
    watch = TrialWatch(progress)
    tune.Tuner(
        trainable,
        param_space={"trial": tune.grid_search(numbered)},
        tune_config=tune.TuneConfig(
            metric="skill",
            mode="max",
            scheduler=scheduler,
            reuse_actors=True,
            max_concurrent_trials=1,
        ),
        run_config=run_config(job.plan, f"pooled-{job.target}", watch),
    ).fit()
    searched = tuple(sorted(map(_searched, watch.ended), key=lambda each: each.number))
    if not any(each.is_complete for each in searched):
        errors = "; ".join(f"{label(each.candidate)}: {each.error}" for each in searched)
        raise TrainingError(
            f"no candidate of {job.target}'s pooled model could be fitted: {errors}"
        )
    return searched


def _searched(trial: Trial) -> SearchedCandidate:
    asked, said = trial.config["trial"], trial.last_result
    error = str(trial.get_error() or "").strip().rpartition("\n")[2]
    if "loss" not in said:
        given = candidate_from_json(asked["candidate"])
        return SearchedCandidate(asked["number"], given, error=error)
    return SearchedCandidate(
        number=asked["number"],
        candidate=candidate_from_json(said["pinned"]),
        rungs=said["rung"],
        loss=said["loss"],
        skill=said["skill"],
        seconds=said["time_total_s"],
        error=error,
    )
