"""A whole training run without Ray: the same steps in their order, with two quick candidates."""

from pathlib import Path

import pyarrow as pa

from tests.small_run import planned
from tracer_ray.blueprint import Blueprint, Candidate, candidate
from tracer_ray.families import Resources
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.releases.release import Release, write_release
from tracer_ray.training.assembly import TrainedTarget, assemble
from tracer_ray.training.conclusion import conclude
from tracer_ray.training.enrolment import Fleet
from tracer_ray.training.judgement import judge_bucket, merge
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import choose_members, judged_outcomes, try_candidate
from tracer_ray.training.pooled_model import fit_pooled
from tracer_ray.training.responses import estimate_bucket, pool_responses
from tracer_ray.training.stages import (
    build_features,
    gather,
    gather_surveys,
    predict_bucket,
    survey,
)
from tracer_ray.training.standing import find_standing

QUICK: tuple[Candidate, ...] = (
    candidate("elastic_net", alpha=0.01, l1_ratio=0.1),
    candidate("lightgbm", num_leaves=7, depth=3, learning_rate=0.1, rounds=40),
)


def released(blueprint: Blueprint, table: pa.Table, home: Path) -> Release:
    """A release of every target of a raw table; nobody gets a model of its own."""
    targets = tuple(target.name for target in blueprint.targets)
    plan = planned(blueprint, table, home, targets)
    buckets = range(plan.dataset.buckets)
    cross, vocabulary = gather_surveys(plan, [survey(plan, bucket) for bucket in buckets])
    states = [build_features(plan, bucket, cross, vocabulary) for bucket in buckets]
    past = FeatureState.merge([*states, cross.state]), vocabulary
    trained = tuple(_trained(plan, target) for target in plan.targets)
    return write_release(plan.home, assemble(plan, trained, past, {"index.html": b"no report"}))


def _trained(plan: TrainingPlan, target: str) -> TrainedTarget:
    goal, rows, resources = plan.objective(target), gather(plan, target), Resources()
    tried = tuple(try_candidate(rows, goal, each, 1.0, resources) for each in QUICK)
    members = choose_members(tried, judged_outcomes(rows), goal)
    pooled = fit_pooled(rows, goal, members, resources)
    buckets = range(plan.dataset.buckets)
    for bucket in buckets:
        predict_bucket(plan, target, bucket, pooled)
    fleet = Fleet(find_standing(plan, target), {}, {})
    judged = merge([judge_bucket(plan, target, each, {}, fleet.standing) for each in buckets])
    responses = pool_responses([estimate_bucket(plan, target, bucket) for bucket in buckets])
    conclusion = conclude(plan, target, judged, fleet, responses=responses)
    return TrainedTarget(target, pooled.final, pooled.constant, fleet, conclusion, ())
