"""Measuring a few fits on real rows, for the costs of a run that nobody has run yet."""

from collections.abc import Callable
from functools import partial

import numpy as np

from tracer_ray.splits import Part
from tracer_ray.training.cost_model import OTHER_RATES, REFITS
from tracer_ray.training.enrolment import refusal_of
from tracer_ray.training.fleet_trial import Owner, run_trial
from tracer_ray.training.own import OwnRows
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import Blocks, constant_forecast
from tracer_ray.training.pooled_sample import pooled_rates, seconds_of
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.stages import build_features, gather_surveys, labelled_rows, survey

SAMPLE_OWNERS = 3


def sample_rates(plan: TrainingPlan, target: str, threads: int) -> tuple[dict[str, float], int]:
    """CPU seconds per unit of every stage, and how many owners get a trial in the first bucket.

    Writes features that the run will write again.
    """
    features_s = _shortest(
        lambda: build_features(plan, 0, *gather_surveys(plan, [survey(plan, 0)]))
    )
    reader = BucketReader(plan.part_folder("features"))
    rows = labelled_rows(plan, target, reader.features(0))
    pooled = pooled_rates(plan, target, rows, threads)
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
    seconds = [seconds_of(partial(_run, plan, target, ordered[at])) for at in places]
    return float(np.mean(seconds)) / (plan.budget.entity_candidates + REFITS)


def _run(plan: TrainingPlan, target: str, rows: OwnRows) -> None:
    for _ in run_trial(plan, target, Owner("", 0, 0), rows):
        pass


def _shortest(work: Callable[[], object]) -> float:
    """Of two runs, the first of which may compile."""
    return min(seconds_of(work) for _ in range(2))
