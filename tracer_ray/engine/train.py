"""One training run on Ray, from sources to a registered release.

The driver hands out work and holds references: rows, features, models and the release itself are
written by workers to storage or pass through the object store.
"""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import ray

from tracer_ray import storage
from tracer_ray.engine.ingest import ingest
from tracer_ray.engine.limits import Deadline
from tracer_ray.engine.progress import CostMeter, Progress
from tracer_ray.engine.run_plan import TrainingRequest, make_plan
from tracer_ray.engine.session import start_ray
from tracer_ray.engine.target_training import TargetJob, train_target
from tracer_ray.engine.tuning import cluster_cpus
from tracer_ray.engine.waiting import watch
from tracer_ray.feature_program.cross import Cross
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release, write_release
from tracer_ray.report import render_report
from tracer_ray.report.contents import StageCost
from tracer_ray.training.assembly import TrainedTarget, assemble, report_target, training_report
from tracer_ray.training.cost_model import (
    OTHER_RATES,
    Workload,
    disk_bytes,
    rates_of,
    read_rates,
    seconds_before_conclusion,
    write_rates,
)
from tracer_ray.training.inheritance import write_plan
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.stages import (
    Survey,
    build_features,
    gather_surveys,
    survey,
)

Past = tuple[FeatureState, Vocabulary]
END_S = 3.0  # registering the release, ending Ray and the process


def train(request: TrainingRequest, progress: Progress) -> Release:
    """Train, report and register a release; DataError or TrainingError where none can be made."""
    start_ray()
    meter = CostMeter(progress, cluster_cpus())
    for target in request.targets:
        request.blueprint.target(target)
    _ = request.full_budget  # an unknown name is refused before anything is done
    storage.check_writable(request.home)
    with ThreadPoolExecutor(1) as beside, meter.stage("ingest", 1) as stage:
        opening = beside.submit(Registry, request.home)  # takes as long as a small ingest
        dataset = ingest(request.blueprint, request.sources, request.home, options=request.ingest)
        registry = opening.result()
        stage.advance()
    plan = make_plan(request, dataset, registry)
    storage.check_space(plan.home, disk_bytes(_workload(plan, len(dataset.entities))))
    is_new = ray.get(_begin.remote(plan))
    past = _build_features(plan, meter)
    trained = []
    for number, target in enumerate(plan.targets):
        until_s = request.began_s + 60.0 * (request.most_minutes or math.inf) - END_S
        deadline = _deadline(plan, until_s - time.monotonic(), len(plan.targets) - number)
        job = TargetJob(plan, target, request.limits, deadline)
        trained.append(train_target(job, meter))
    with meter.stage("release", 1) as stage:
        uri = ray.get(_write.remote(plan, past, meter.costs, *trained))
        stage.advance()
    release = Release.open(uri)
    registry.register(release)
    if is_new and not plan.predecessor:
        work = _workload(plan, _trials(meter))
        write_rates(plan.home, plan.blueprint.id, rates_of(work, meter.costs))
    return release


def _deadline(plan: TrainingPlan, seconds: float, targets: int) -> Deadline:
    """When the next of so many targets has to be trained that have so much time together."""
    rates = OTHER_RATES | read_rates(plan.home, plan.blueprint.id)
    work = _workload(plan, len(plan.dataset.entities))
    return Deadline(time.monotonic(), seconds_before_conclusion(work, rates, seconds, targets))


def _trials(meter: CostMeter) -> int:
    """How many entities of a target were trained."""
    found = [steps for stage, steps in meter.steps.items() if stage.startswith("fleet:")]
    return round(sum(found) / len(found))


def _workload(plan: TrainingPlan, trials: int) -> Workload:
    """What a run has to do that trains so many entities of each target."""
    return Workload(
        rows=int(str(plan.dataset.manifest["rows"])),
        features=len(plan.program.names),
        trials=trials,
        targets=len(plan.targets),
        budget=plan.budget,
        cpus=cluster_cpus(),
        pooled_step=plan.pooled_step,
    )


def _build_features(plan: TrainingPlan, meter: CostMeter) -> "ray.ObjectRef[Past]":
    """Write all feature matrices; gives what next rows' features need."""
    buckets = range(plan.dataset.buckets)
    with meter.stage("features", len(buckets)) as progress:
        gathered = _gather_surveys.remote(plan, *[_survey.remote(plan, b) for b in buckets])
        states = [_build.remote(plan, bucket, gathered) for bucket in buckets]
        watch(states, progress)
    return _merge_states.remote(gathered, *states)


@ray.remote(num_cpus=1)
def _begin(plan: TrainingPlan) -> bool:
    """Leave the plan in the run's folder; whether no such run was there."""
    return write_plan(plan)


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
def _write(plan: TrainingPlan, past: Past, costs: list[StageCost], *trained: TrainedTarget) -> str:
    targets = tuple(report_target(plan, each) for each in trained)
    said = tuple(text for each in trained for text in (*each.warnings, *each.cuts))
    report = training_report(plan, targets, tuple(costs))
    pages = render_report(replace(report, warnings=(*report.warnings, *said)))
    return write_release(plan.home, assemble(plan, trained, past, pages)).uri
