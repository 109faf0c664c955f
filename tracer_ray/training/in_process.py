"""A training run without Ray: the same steps in their order, in this process.

For tables that fit in memory, where nobody gets a model of its own.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tracer_ray.blueprint import Candidate
from tracer_ray.data.dataset import Dataset
from tracer_ray.families import Resources
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.releases.release import Release, write_release
from tracer_ray.splits import Cuts, basis_of, cuts_of
from tracer_ray.training.assembly import TrainedTarget, assemble
from tracer_ray.training.conclusion import conclude
from tracer_ray.training.enrolment import Fleet
from tracer_ray.training.judgement import judge_bucket, merge
from tracer_ray.training.plan import TrainingPlan, budget, software
from tracer_ray.training.pooled import LabelledRows, choose_members, judged_outcomes, try_candidate
from tracer_ray.training.pooled_model import PooledModel, fit_pooled
from tracer_ray.training.responses import estimate_bucket, pool_responses
from tracer_ray.training.search import pooled_candidates
from tracer_ray.training.stages import (
    build_features,
    count_positions,
    gather,
    gather_surveys,
    predict_bucket,
    survey,
)
from tracer_ray.training.standing import find_standing

Past = tuple[FeatureState, Vocabulary]


@dataclass(frozen=True)
class InProcessRun:
    """What is trained on which rows: cut as the blueprint says unless `cuts` are given."""

    home: str
    dataset: Dataset
    budget: str = "small"
    seed: int = 0
    cuts: Cuts | None = None

    @property
    def plan(self) -> TrainingPlan:
        """The plan of every target."""
        blueprint = self.dataset.blueprint
        return TrainingPlan(
            home=self.home,
            dataset_uri=self.dataset.uri,
            dataset_fingerprint=str(self.dataset.manifest["fingerprint"]),
            blueprint=blueprint,
            targets=tuple(target.name for target in blueprint.targets),
            cuts=self.cuts or planned_cuts(self.dataset),
            budget=budget(self.budget),
            seed=self.seed,
            software=software(),
        )


def planned_cuts(dataset: Dataset) -> Cuts:
    """Where the blueprint cuts the rows of a dataset."""
    blueprint = dataset.blueprint
    basis, targets = basis_of(blueprint), [target.name for target in blueprint.targets]
    read = map(dataset.read_bucket, range(dataset.buckets))
    counted = sum((count_positions(rows, basis, targets) for rows in read), Counter[float]())
    return cuts_of(blueprint.split, basis, counted)


def build_in_process(plan: TrainingPlan) -> Past:
    """Write all feature matrices; gives the state after the last row, and the vocabulary."""
    buckets = range(plan.dataset.buckets)
    cross, vocabulary = gather_surveys(plan, [survey(plan, bucket) for bucket in buckets])
    states = [build_features(plan, bucket, cross, vocabulary) for bucket in buckets]
    return FeatureState.merge([*states, cross.state]), vocabulary


def search_in_process(
    plan: TrainingPlan, target: str, rows: LabelledRows, candidates: Sequence[Candidate] = ()
) -> PooledModel:
    """The pooled model of the candidates, the blueprint's own unless others are given."""
    goal, resources = plan.objective(target), Resources(seed=plan.seed)
    chosen = candidates or pooled_candidates(plan, target)
    tried = tuple(try_candidate(rows, goal, each, 1.0, resources) for each in chosen)
    members = choose_members(tried, judged_outcomes(rows), goal)
    return fit_pooled(rows, goal, members, resources)


def train_in_process(plan: TrainingPlan, candidates: Sequence[Candidate] = ()) -> Release:
    """A release of every target of a plan, with no report; nobody gets a model of its own."""
    past = build_in_process(plan)
    trained = tuple(_trained(plan, target, candidates) for target in plan.targets)
    return write_release(plan.home, assemble(plan, trained, past, {"index.html": b"no report"}))


def _trained(plan: TrainingPlan, target: str, candidates: Sequence[Candidate]) -> TrainedTarget:
    pooled = search_in_process(plan, target, gather(plan, target), candidates)
    buckets = range(plan.dataset.buckets)
    for bucket in buckets:
        predict_bucket(plan, target, bucket, pooled)
    fleet = Fleet(find_standing(plan, target), {}, {})
    judged = merge([judge_bucket(plan, target, each, {}, fleet.standing) for each in buckets])
    responses = pool_responses([estimate_bucket(plan, target, bucket) for bucket in buckets])
    conclusion = conclude(plan, target, judged, fleet, responses=responses)
    return TrainedTarget(target, pooled.final, pooled.constant, fleet, conclusion, ())
