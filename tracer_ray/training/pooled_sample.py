"""What the pooled model's search and its cross-fit will cost, by fits of its candidates."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from tracer_ray.blueprint import Candidate
from tracer_ray.families import Resources
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.splits import Part
from tracer_ray.training.cost_model import fits_in_full
from tracer_ray.training.objective import Objective
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import (
    FEW_TRAINING_ROWS,
    LabelledRows,
    PooledTrial,
    choose_members,
    judged_outcomes,
    try_candidate,
)
from tracer_ray.training.search import pooled_candidates
from tracer_ray.training.stages import build_features, gather, gather_surveys, survey

SAMPLE_ROWS = 48_000  # boosters early stopped on fewer tell little of how many rounds all get
MOST_PROBE_S = 20.0  # what fits to all rows may be expected to take
NEARLY_ALL = 1.0 - 1e-9  # of the training rows: judged as many rows are, on one window


@dataclass(frozen=True)
class PooledRates:
    """CPU seconds per training row: of a fit in the search, on average, and of the ensemble's."""

    search: float
    ensemble: float


@dataclass(frozen=True)
class SampledFit:
    """A candidate's trial on a sample, and the seconds that trying and refitting it will take."""

    asked: Candidate
    trial: PooledTrial
    search_s: float
    refit_s: float

    @property
    def kind(self) -> str:
        """Whose costs grow alike: all whose rounds early stopping chose, else those of a family."""
        return self.asked.family if self.trial.candidate == self.asked else "boosted"


@dataclass(frozen=True)
class PooledSample:
    """Rows, some or all of `everything` training rows, what they are fitted to, and how."""

    rows: LabelledRows
    goal: Objective
    resources: Resources
    everything: int

    @property
    def share(self) -> float:
        """The share of the training rows of a full fit; many rows are judged on one window."""
        return 1.0 if self.everything <= FEW_TRAINING_ROWS else NEARLY_ALL

    @property
    def times(self) -> float:
        """How many times as many training rows there are in all."""
        return self.everything / int(self.rows.part(Part.TRAIN).sum())

    def fit(self, candidate: Candidate) -> SampledFit:
        """Try a candidate and refit it; of a part of the rows to a third of them too."""
        refit = partial(_refit, self.rows, self.goal, resources=self.resources)
        refit(candidate, 0.0)  # libraries are imported by the first
        began = time.perf_counter()
        trial = try_candidate(self.rows, self.goal, candidate, self.share, self.resources)
        tried_s = time.perf_counter() - began
        many_s = seconds_of(partial(refit, trial.candidate, 1.0))
        growth = 1.0
        if self.times > 1.0:
            few_s = seconds_of(partial(refit, trial.candidate, 1.0 / 3.0))
            growth = grown_seconds(few_s, many_s, self.times) / many_s
        return SampledFit(candidate, trial, tried_s * growth, many_s * growth)

    def chosen(self, fits: list[SampledFit]) -> list[SampledFit]:
        """Those that an ensemble is made of."""
        actual = judged_outcomes(self.rows)[: None if self.share >= 1.0 else 1]
        members = choose_members(tuple(each.trial for each in fits), actual, self.goal)
        return [each for each in fits if each.trial.candidate in {m.candidate for m in members}]


def pooled_rates(plan: TrainingPlan, target: str, rows: LabelledRows, threads: int) -> PooledRates:
    """What one pass over all training rows will cost, from fits to the first bucket's `rows`.

    How many boosting rounds all rows get, and who is chosen with them, can't be told from fewer. So
    all candidates are tried on all rows where that takes seconds, else the heaviest member of the
    sample's ensemble; what it took of what was foretold is taken for what all of its kind will.
    """
    in_bucket = int(rows.part(Part.TRAIN).sum())
    goal, resources = plan.objective(target), Resources(threads, plan.seed)
    everything = in_bucket * plan.dataset.buckets
    sample = PooledSample(rows.every(-(-in_bucket // SAMPLE_ROWS)), goal, resources, everything)
    fits = [sample.fit(candidate) for candidate in pooled_candidates(plan, target)]
    members = sample.chosen(fits)
    heaviest = max(members, key=lambda each: each.refit_s)
    if sample.times > 1.0 and heaviest.search_s < MOST_PROBE_S:
        whole = _whole(plan, target, sample)
        if sum(each.search_s for each in fits) < MOST_PROBE_S:
            fits = [whole.fit(each.asked) for each in fits]
            members = whole.chosen(fits)
        else:
            took = whole.fit(heaviest.asked)
            members, fits = (corrected(each, heaviest, took) for each in (members, fits))
    weights = fits_in_full(plan.budget.pooled, int(str(plan.dataset.manifest["rows"])))
    search_s = [each.search_s for each in fits[: len(weights)]]  # baselines cost nothing
    return PooledRates(
        search=float(np.average(search_s, weights=weights)) * threads / everything,
        ensemble=sum(each.refit_s for each in members) * threads / everything,
    )


def _whole(plan: TrainingPlan, target: str, sample: PooledSample) -> PooledSample:
    """All rows in place of some; writes all features."""
    buckets = range(plan.dataset.buckets)
    gathered = gather_surveys(plan, [survey(plan, bucket) for bucket in buckets])
    for bucket in buckets:
        build_features(plan, bucket, *gathered)
    rows = gather(plan, target)
    return replace(sample, rows=rows, everything=int(rows.part(Part.TRAIN).sum()))


def corrected(fits: list[SampledFit], foretold: SampledFit, took: SampledFit) -> list[SampledFit]:
    """The fits, those of one kind by as much as one of them was off."""
    search, refit = took.search_s / foretold.search_s, took.refit_s / foretold.refit_s
    return [
        replace(each, search_s=each.search_s * search, refit_s=each.refit_s * refit)
        if each.kind == foretold.kind
        else each
        for each in fits
    ]


def grown_seconds(few_s: float, many_s: float, times: float) -> float:
    """What fitting `times` as many rows takes, where a third of the rows and all took so long.

    In between there are as many boosting rounds in both, so it grows in proportion to the rows that
    are added. More rows never take less.

    >>> round(grown_seconds(2.0, 4.0, 1.0), 6), round(grown_seconds(2.0, 4.0, 11.0), 6)
    (4.0, 34.0)
    """
    return many_s + (times - 1.0) * 1.5 * max(many_s - few_s, 0.0)


def _refit(
    rows: LabelledRows, goal: Objective, pinned: Candidate, share: float, resources: Resources
) -> None:
    """Fit with nothing held out, as in an ensemble."""
    train = rows.newest(rows.part(Part.TRAIN), share)
    fit_candidate(goal.task, rows.matrix(train), None, pinned, resources)


def seconds_of(work: Callable[[], object]) -> float:
    """How long the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
