"""Measuring a few fits on real rows, for the costs of a run that nobody has run yet."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from tracer_ray.families import Resources
from tracer_ray.splits import Part
from tracer_ray.training.cost_model import REFITS
from tracer_ray.training.enrolment import refusal_of
from tracer_ray.training.fleet_trial import Owner, run_trial
from tracer_ray.training.own import OwnRows
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import Blocks, LabelledRows, constant_forecast, try_candidate
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.search import pooled_candidates
from tracer_ray.training.stages import build_features, gather_surveys, labelled_rows, survey

SAMPLE_ROWS = 16_000
SAMPLE_OWNERS = 3
MEMBERS = 2  # of an ensemble, usually
OTHER_RATES = {"ingest": 2e-5, "judge": 3e-5, "release": 2e-5}  # CPU seconds per row, measured


def sample_rates(plan: TrainingPlan, target: str, threads: int) -> tuple[dict[str, float], int]:
    """CPU seconds per unit of every stage, and how many owners get a trial in the first bucket.

    Writes the first bucket's features, which the run will write again.
    """
    gathered = gather_surveys(plan, [survey(plan, 0)])
    features_s = _shortest(lambda: build_features(plan, 0, *gathered))
    reader = BucketReader(plan.part_folder("features"))
    rows = labelled_rows(plan, target, reader.features(0))
    pooled = _pooled_rate(plan, target, rows, threads)
    owners = _owners(plan, target, reader)
    fleet = _fleet_rate(plan, target, owners)
    rates = {
        **OTHER_RATES,
        "features": features_s / max(int(reader.offsets(0)[-1]), 1),
        "pooled": pooled * float(rows.part(Part.TRAIN).mean()),
        "cross-fit": pooled * min(MEMBERS, plan.budget.pooled),
        "fleet": fleet,
    }
    return rates, len(owners)


def _pooled_rate(plan: TrainingPlan, target: str, rows: LabelledRows, threads: int) -> float:
    """CPU seconds per fitted row and candidate: the slope between two sizes of the sample."""
    train = int(rows.part(Part.TRAIN).sum())
    share = min(1.0, SAMPLE_ROWS / max(train, 1))
    goal, resources = plan.objective(target), Resources(threads, plan.seed)
    candidates = pooled_candidates(plan, target)
    slopes = []
    for candidate in candidates:
        few, many = (
            _seconds(partial(try_candidate, rows, goal, candidate, part, resources))
            for part in (share / 3.0, share)
        )
        few_rows, many_rows = (
            int(rows.newest(rows.part(Part.TRAIN), part).sum()) for part in (share / 3.0, share)
        )
        slope = (many - few) / max(many_rows - few_rows, 1)
        slopes.append(slope if slope > 0.0 else many / max(many_rows, 1))
    return float(np.mean(slopes)) * threads


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
