"""Measuring a few fits on real rows, for the costs of a run that nobody has run yet."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from tracer_ray.blueprint import Candidate
from tracer_ray.families import Resources
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.splits import Part
from tracer_ray.training.cost_model import OTHER_RATES, REFITS, fits_in_full
from tracer_ray.training.enrolment import refusal_of
from tracer_ray.training.fleet_trial import Owner, run_trial
from tracer_ray.training.objective import Objective
from tracer_ray.training.own import OwnRows
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import (
    FEW_TRAINING_ROWS,
    Blocks,
    LabelledRows,
    choose_members,
    constant_forecast,
    judged_outcomes,
    try_candidate,
)
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.search import pooled_candidates
from tracer_ray.training.stages import build_features, gather_surveys, labelled_rows, survey

SAMPLE_ROWS = 48_000  # boosters early stopped on fewer tell little of how many rounds all get
SAMPLE_OWNERS = 3
NEARLY_ALL = 1.0 - 1e-9  # of the training rows: judged as many rows are, on one window


@dataclass(frozen=True)
class PooledRates:
    """CPU seconds per training row: of a fit in the search, on average, and of the ensemble's."""

    search: float
    ensemble: float


def sample_rates(plan: TrainingPlan, target: str, threads: int) -> tuple[dict[str, float], int]:
    """CPU seconds per unit of every stage, and how many owners get a trial in the first bucket.

    Writes the first bucket's features, which the run will write again.
    """
    features_s = _shortest(
        lambda: build_features(plan, 0, *gather_surveys(plan, [survey(plan, 0)]))
    )
    reader = BucketReader(plan.part_folder("features"))
    rows = labelled_rows(plan, target, reader.features(0))
    pooled = _pooled_rates(plan, target, rows, threads)
    owners = _owners(plan, target, reader)
    stored = max(plan.dataset.read_bucket(0).times.size, 1)
    rates = {
        **OTHER_RATES,
        "features": features_s / stored,
        "pooled": pooled.search * rows.part(Part.TRAIN).sum() / stored,
        "cross-fit": pooled.ensemble * len(rows.y) / stored,
        "fleet": _fleet_rate(plan, target, owners),
    }
    return rates, len(owners)


def _pooled_rates(plan: TrainingPlan, target: str, rows: LabelledRows, threads: int) -> PooledRates:
    """What one pass over all training rows will cost, from fits to a sample of rows.

    The candidates are tried on the sample, and its ensemble is chosen as the run's will be.
    """
    everything = int(rows.part(Part.TRAIN).sum()) * plan.dataset.buckets
    sample = rows.every(-(-everything // plan.dataset.buckets // SAMPLE_ROWS))
    goal, resources = plan.objective(target), Resources(threads, plan.seed)
    share = 1.0 if everything <= FEW_TRAINING_ROWS else NEARLY_ALL
    trials, search, refits = [], [], {}
    for candidate in pooled_candidates(plan, target):
        _refit(sample, goal, candidate, 0.0, resources)  # libraries are imported by the first
        began = time.perf_counter()
        trial = try_candidate(sample, goal, candidate, share, resources)
        tried_s = time.perf_counter() - began
        few_s, many_s = (
            _seconds(partial(_refit, sample, goal, trial.candidate, part, resources))
            for part in (1.0 / 3.0, 1.0)
        )
        count = int(sample.part(Part.TRAIN).sum())
        growth = grown_seconds(few_s, many_s, everything / count) / many_s
        trials.append(trial)
        search.append(tried_s * growth / everything)
        refits[trial.candidate] = many_s * growth / everything
    actual = judged_outcomes(sample)[: None if share >= 1.0 else 1]
    members = choose_members(tuple(trials), actual, goal)
    ensemble = sum(refits[member.candidate] for member in members)
    fits = fits_in_full(plan.budget.pooled, int(str(plan.dataset.manifest["rows"])))
    average = float(np.average(search[: len(fits)], weights=fits))  # baselines cost nothing
    return PooledRates(average * threads, ensemble * threads)


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


def _owners(plan: TrainingPlan, target: str, reader: BucketReader) -> list[OwnRows]:
    """The rows of the owners who get a trial, with a stand-in for the pooled prediction."""
    features, offsets = reader.features(0), reader.offsets(0)
    edge = Blocks.of(labelled_rows(plan, target, features)).edges[0]
    found = []
    for number in range(len(offsets) - 1):
        own = labelled_rows(plan, target, reader.features(0, number))
        is_seen = (own.parts == Part.TRAIN) & (own.position < edge) & own.is_by_time
        counts = (own.part(Part.TRAIN) & ~is_seen).sum(), own.part(Part.VALIDATION).sum()
        if refusal_of(plan, len(own.y), *map(int, counts)):
            continue
        said = np.full(len(own.y), constant_forecast(own.y, plan.answer(target)))
        found.append(OwnRows(own, np.where(is_seen, np.nan, said), said).usable())
    return found


def _fleet_rate(plan: TrainingPlan, target: str, owners: list[OwnRows]) -> float:
    """CPU seconds per fit of an entity, of owners with few, usual and many rows."""
    if not owners:
        return 0.0
    ordered = sorted(owners, key=lambda each: len(each.pooled))
    places = np.linspace(0, len(ordered) - 1, SAMPLE_OWNERS).round().astype(int)
    _run(plan, target, ordered[0])  # kernels are compiled and libraries imported by the first
    seconds = [_seconds(partial(_run, plan, target, ordered[at])) for at in places]
    return float(np.mean(seconds)) / (plan.budget.entity_candidates + REFITS)


def _run(plan: TrainingPlan, target: str, rows: OwnRows) -> None:
    for _ in run_trial(plan, target, Owner("", 0, 0), rows):
        pass


def _shortest(work: Callable[[], object]) -> float:
    """Of two runs, the first of which may compile."""
    return min(_seconds(work) for _ in range(2))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
