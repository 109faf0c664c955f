"""The stages of a training run up to the pooled predictions, without Ray."""

from collections import Counter
from pathlib import Path

import pyarrow as pa

from tests.in_process import ingested
from tracer_ray.blueprint import Blueprint, candidate
from tracer_ray.families import Resources
from tracer_ray.splits import basis_of, cuts_of
from tracer_ray.training.plan import TrainingPlan, budget
from tracer_ray.training.pooled import Member
from tracer_ray.training.pooled_model import fit_pooled
from tracer_ray.training.stages import (
    build_features,
    count_positions,
    gather,
    gather_surveys,
    predict_bucket,
    survey,
)

MEMBER = Member(candidate("elastic_net", alpha=0.1), 1.0)


def planned(
    blueprint: Blueprint, table: pa.Table, home: Path, targets: tuple[str, ...], buckets: int = 2
) -> TrainingPlan:
    """The plan of a run over a raw table."""
    dataset = ingested(blueprint, table, home, buckets)
    basis = basis_of(dataset.blueprint)
    read = map(dataset.read_bucket, range(buckets))
    counted = sum((count_positions(rows, basis, targets) for rows in read), Counter[float]())
    return TrainingPlan(
        home=str(home),
        dataset_uri=dataset.uri,
        dataset_fingerprint=str(dataset.manifest["fingerprint"]),
        blueprint=dataset.blueprint,
        targets=targets,
        cuts=cuts_of(dataset.blueprint.split, basis, counted),
        budget=budget("small"),
        seed=0,
        software="tests",
    )


def write_features(plan: TrainingPlan) -> None:
    """Every bucket's feature matrix."""
    buckets = range(plan.dataset.buckets)
    gathered = gather_surveys(plan, [survey(plan, bucket) for bucket in buckets])
    for bucket in buckets:
        build_features(plan, bucket, *gathered)


def write_pooled(plan: TrainingPlan, target: str) -> None:
    """Every bucket's unseen predictions by a small pooled model."""
    rows = gather(plan, target)
    model = fit_pooled(rows, plan.objective(target), (MEMBER,), Resources())
    for bucket in range(plan.dataset.buckets):
        predict_bucket(plan, target, bucket, model)


def prepared(
    blueprint: Blueprint, table: pa.Table, home: Path, target: str, buckets: int = 2
) -> TrainingPlan:
    """A run of one target that has its features and pooled predictions."""
    plan = planned(blueprint, table, home, (target,), buckets)
    write_features(plan)
    write_pooled(plan, target)
    return plan
