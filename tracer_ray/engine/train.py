"""One training run on Ray, from sources to a registered release.

The driver hands out work and holds references: rows, features, models and the release itself are
written by workers to storage or pass through the object store.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import ray

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.dataset import Dataset
from tracer_ray.engine.fleet import FleetJob, finished_owners, train_fleet
from tracer_ray.engine.ingest import IngestOptions, ingest
from tracer_ray.engine.limits import Limits
from tracer_ray.engine.pooled_search import PooledJob, search_pooled
from tracer_ray.engine.progress import CostMeter, Progress
from tracer_ray.engine.session import start_ray
from tracer_ray.engine.tuning import cluster_cpus, node_cpus
from tracer_ray.families import Resources
from tracer_ray.feature_program.cross import Cross
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release, write_release
from tracer_ray.report import render_report
from tracer_ray.report.contents import CandidateResult, StageCost
from tracer_ray.splits import Part, hashed_cuts, plan_cuts
from tracer_ray.training.assembly import TrainedTarget, assemble, report_target, training_report
from tracer_ray.training.conclusion import conclude
from tracer_ray.training.enrolment import Enrolment, Fleet, assign, enrol_bucket
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import Owner
from tracer_ray.training.judgement import Judged, judge_bucket, merge
from tracer_ray.training.plan import TrainingPlan, budget, software
from tracer_ray.training.pooled import LabelledRows, choose_members
from tracer_ray.training.pooled_model import PooledModel, fit_pooled
from tracer_ray.training.pooled_record import SearchedCandidate
from tracer_ray.training.pooled_store import (
    StoredPooled,
    digest_of_seen,
    has_pooled,
    read_pooled,
    read_searched,
    write_pooled,
)
from tracer_ray.training.record_log import read_records
from tracer_ray.training.search import draw
from tracer_ray.training.stages import (
    POOLED,
    Survey,
    build_features,
    count_days,
    count_outcomes,
    gather,
    gather_surveys,
    hardest_baseline,
    predict_bucket,
    refuse_unlearnable,
    survey,
)

LOG = logging.getLogger(__name__)
Past = tuple[FeatureState, Vocabulary]
Result = TypeVar("Result")


@dataclass(frozen=True)
class TrainingRequest:
    """What the user asked for. No targets means all that the data has."""

    blueprint: Blueprint
    sources: tuple[str, ...]
    home: str
    targets: tuple[str, ...] = ()
    budget: str = "standard"
    seed: int = 0
    ingest: IngestOptions = field(default_factory=IngestOptions)
    limits: Limits = field(default_factory=Limits)


def train(request: TrainingRequest, progress: Progress) -> Release:
    """Train, report and register a release; DataError or TrainingError where none can be made."""
    start_ray()
    meter = CostMeter(progress, cluster_cpus())
    for target in request.targets:
        request.blueprint.target(target)
    budget(request.budget)
    storage.check_writable(request.home)
    registry = Registry(request.home)
    with meter.stage("ingest", 1) as stage:
        dataset = ingest(request.blueprint, request.sources, request.home, options=request.ingest)
        stage.advance()
    plan = make_plan(request, dataset)
    past = _build_features(plan, meter)
    trained = [_train_target(request, plan, target, meter) for target in plan.targets]
    with meter.stage("release", 1) as stage:
        uri = ray.get(_write.remote(plan, past, meter.costs, *trained))
        stage.advance()
    release = Release.open(uri)
    registry.register(release)
    return release


def make_plan(request: TrainingRequest, dataset: Dataset) -> TrainingPlan:
    """Where the data is cut, and everything else that every worker must know."""
    blueprint = dataset.blueprint
    wanted = tuple(blueprint.target(name).name for name in request.targets)
    names = wanted or tuple(target.name for target in blueprint.targets)
    counted = ray.get([_count.remote(dataset.uri, b, names) for b in range(dataset.buckets)])
    outcomes = sum((each for _, each in counted), Counter[str]())
    settled = tuple(name for name in dict.fromkeys(names) if wanted or outcomes[name])
    for name in set(names) - set(settled):
        LOG.warning("event=target_left_out target=%s reason='no row has its outcome'", name)
    if blueprint.time is None:
        cuts = hashed_cuts(blueprint.split)
    else:
        days = sum((each for each, _ in counted), Counter[float]())
        cuts = plan_cuts(dict(days), blueprint.split)
    return TrainingPlan(
        home=storage.absolute(request.home),
        dataset_uri=dataset.uri,
        dataset_fingerprint=str(dataset.manifest["fingerprint"]),
        blueprint=blueprint,
        targets=settled or names,
        cuts=cuts,
        budget=budget(request.budget),
        seed=request.seed,
        software=software(),
    )


def _build_features(plan: TrainingPlan, meter: CostMeter) -> "ray.ObjectRef[Past]":
    """Write all feature matrices; gives what next rows' features need."""
    buckets = range(plan.dataset.buckets)
    with meter.stage("features", len(buckets)) as progress:
        gathered = _gather_surveys.remote(plan, *[_survey.remote(plan, b) for b in buckets])
        states = [_build.remote(plan, bucket, gathered) for bucket in buckets]
        _watch(states, progress)
    return _merge_states.remote(gathered, *states)


def _train_target(
    request: TrainingRequest, plan: TrainingPlan, target: str, meter: CostMeter
) -> "ray.ObjectRef[TrainedTarget]":
    """The pooled model, the fleet, and what is concluded from both."""
    rows = _gather.remote(plan, target)
    ray.get(_refuse_unlearnable.remote(plan, target, rows))
    job = PooledJob(plan, target, rows, node_cpus(), request.limits)
    searched = _search_pooled(job, meter)
    buckets = range(plan.dataset.buckets)
    with meter.stage(f"cross-fit:{target}", len(buckets)) as progress:
        fit = _fit_pooled.options(num_cpus=job.threads)
        pooled = fit.remote(job, rows, searched)
        written = [_predict.remote(plan, target, bucket, pooled) for bucket in buckets]
        _watch(written, progress)
        ray.get(written)
    enrolled = [_enrol.remote(plan, target, bucket) for bucket in buckets]
    fleet_job = FleetJob(plan, target, ray.get(_hardest.remote(plan, target)), request.limits)
    owners = ray.get(_owners_to_train.remote(fleet_job, *enrolled))
    with meter.stage(f"fleet:{target}", len(owners)) as progress:
        if owners:
            train_fleet(fleet_job, owners, progress)
    with meter.stage(f"judge:{target}", len(buckets)) as progress:
        fleet = _decide.remote(fleet_job, *enrolled)
        judged = [_judge.remote(plan, target, bucket, fleet) for bucket in buckets]
        _watch(judged, progress)
        trained = _conclude.remote(plan, target, pooled, fleet, searched, *judged)
        ray.wait([trained])
    return trained


def _search_pooled(job: PooledJob, meter: CostMeter) -> tuple[SearchedCandidate, ...]:
    """Search the pooled model, unless this run has done so already."""
    plan = job.plan
    if has_pooled(plan.part_folder(POOLED, job.target)):
        return read_searched(plan.part_folder(POOLED, job.target))
    candidates = draw(plan.blueprint.portfolio.pooled, plan.budget.pooled_candidates, plan.seed)
    with meter.stage(f"pooled:{job.target}", len(candidates)) as progress:
        return search_pooled(job, candidates, progress)


def _watch(references: "Sequence[ray.ObjectRef[Result]]", progress: Progress) -> None:
    """Wait for all of them without fetching what they hold; a failure shows where it is used."""
    waiting = list(references)
    while waiting:
        done, waiting = ray.wait(waiting, fetch_local=False)
        for _ in done:
            progress.advance()


@ray.remote(num_cpus=1)
def _count(
    dataset_uri: str, bucket: int, targets: tuple[str, ...]
) -> tuple[Counter[float], Counter[str]]:
    rows = Dataset.open(dataset_uri).read_bucket(bucket)
    return count_days(rows), count_outcomes(rows, targets)


@ray.remote(num_cpus=1)
def _survey(plan: TrainingPlan, bucket: int) -> Survey:
    return survey(plan, bucket)


@ray.remote(num_cpus=1)
def _gather_surveys(plan: TrainingPlan, *surveys: Survey) -> tuple[Cross, Vocabulary]:
    return gather_surveys(plan, surveys)


@ray.remote(num_cpus=1)
def _build(plan: TrainingPlan, bucket: int, gathered: tuple[Cross, Vocabulary]) -> FeatureState:
    return build_features(plan, bucket, *gathered)


@ray.remote(num_cpus=1)
def _merge_states(gathered: tuple[Cross, Vocabulary], *states: FeatureState) -> Past:
    cross, vocabulary = gathered
    return FeatureState.merge([*states, cross.state]), vocabulary


@ray.remote(num_cpus=1)
def _gather(plan: TrainingPlan, target: str) -> LabelledRows:
    return gather(plan, target)


@ray.remote(num_cpus=1)
def _refuse_unlearnable(plan: TrainingPlan, target: str, rows: LabelledRows) -> None:
    refuse_unlearnable(rows, target, plan.answer(target))


@ray.remote
def _fit_pooled(
    job: PooledJob, rows: LabelledRows, searched: tuple[SearchedCandidate, ...]
) -> PooledModel:
    plan, target = job.plan, job.target
    folder = plan.part_folder(POOLED, target)
    if has_pooled(folder):
        return read_pooled(folder).model
    validation = rows.y[rows.part(Part.VALIDATION)]
    goal = plan.objective(target)
    members = choose_members(job.trials(searched), validation, goal)
    fitted = fit_pooled(rows, goal, members, Resources(job.threads, plan.seed))
    seen = digest_of_seen(plan, target, rows)
    return write_pooled(plan, target, StoredPooled(fitted, searched, seen)).model


@ray.remote(num_cpus=1)
def _predict(plan: TrainingPlan, target: str, bucket: int, model: PooledModel) -> None:
    predict_bucket(plan, target, bucket, model)


@ray.remote(num_cpus=1)
def _enrol(plan: TrainingPlan, target: str, bucket: int) -> tuple[Enrolment, ...]:
    return enrol_bucket(plan, target, bucket)


@ray.remote(num_cpus=1)
def _hardest(plan: TrainingPlan, target: str) -> str:
    return hardest_baseline(plan, target)


@ray.remote(num_cpus=1)
def _owners_to_train(job: FleetJob, *enrolled: tuple[Enrolment, ...]) -> tuple[Owner, ...]:
    done = finished_owners(job)
    return tuple(
        each.owner
        for bucket in enrolled
        for each in bucket
        if not each.refusal and each.owner.name not in done
    )


@ray.remote(num_cpus=1)
def _decide(job: FleetJob, *enrolled: tuple[Enrolment, ...]) -> Fleet:
    records = sorted(
        map(FleetRecord.from_arrow, read_records(job.folder)), key=lambda each: not each.error
    )  # failures first: an owner that was tried again is what its last trial made of it
    refusals = {
        each.owner.name: each.refusal for bucket in enrolled for each in bucket if each.refusal
    }
    return Fleet(job.baseline, assign({each.owner: each for each in records}), refusals)


@ray.remote(num_cpus=1)
def _judge(plan: TrainingPlan, target: str, bucket: int, fleet: Fleet) -> Judged:
    return judge_bucket(plan, target, bucket, fleet.assignments, fleet.baseline)


@ray.remote(num_cpus=1)
def _conclude(
    plan: TrainingPlan,
    target: str,
    pooled: PooledModel,
    fleet: Fleet,
    searched: tuple[SearchedCandidate, ...],
    *judged: Judged,
) -> TrainedTarget:
    chosen = {member.candidate for member in pooled.final.members}
    return TrainedTarget(
        target=target,
        ensemble=pooled.final,
        constant=pooled.constant,
        fleet=fleet,
        conclusion=conclude(plan, target, merge(list(judged)), fleet),
        candidates=tuple(
            CandidateResult(
                each.candidate.family,
                each.candidate.settings,
                each.loss,
                each.is_complete and each.candidate in chosen,
                each.seconds,
            )
            for each in searched
        ),
    )


@ray.remote(num_cpus=1)
def _write(plan: TrainingPlan, past: Past, costs: list[StageCost], *trained: TrainedTarget) -> str:
    targets = tuple(report_target(plan, each) for each in trained)
    report = render_report(training_report(plan, targets, tuple(costs)))
    return write_release(plan.home, assemble(plan, trained, past, report)).uri
