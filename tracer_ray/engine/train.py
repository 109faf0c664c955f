"""One training run on Ray, from sources to a registered release.

The driver hands out work and holds references: rows, features, models and the release itself are
written by workers to storage or pass through the object store.
"""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import ray

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.dataset import Dataset
from tracer_ray.engine.fleet import FleetJob, train_fleet
from tracer_ray.engine.fleet_entries import Cut, enrol_all, enter_all
from tracer_ray.engine.ingest import IngestOptions, ingest
from tracer_ray.engine.limits import Deadline, Limits
from tracer_ray.engine.pooled_fit import find_candidates, fit_or_load
from tracer_ray.engine.pooled_search import UNTRIED, PooledJob
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
from tracer_ray.splits import Basis, basis_of, cuts_of
from tracer_ray.training.assembly import TrainedTarget, assemble, report_target, training_report
from tracer_ray.training.conclusion import conclude
from tracer_ray.training.cost_model import Workload, rates_of, write_rates
from tracer_ray.training.drift import drift_warning
from tracer_ray.training.enrolment import Enrolment, Fleet, assign
from tracer_ray.training.fleet_record import FleetRecord, latest
from tracer_ray.training.inheritance import stand_on, write_plan
from tracer_ray.training.judgement import Judged, judge_bucket, merge
from tracer_ray.training.plan import Budget, Predecessor, TrainingPlan, budget, software
from tracer_ray.training.pooled import LabelledRows
from tracer_ray.training.pooled_model import PooledModel
from tracer_ray.training.pooled_record import SearchedCandidate
from tracer_ray.training.record_log import read_records
from tracer_ray.training.responses import (
    Estimate,
    Responses,
    estimate_bucket,
    pool_responses,
)
from tracer_ray.training.stages import (
    Survey,
    build_features,
    count_outcomes,
    count_positions,
    gather,
    gather_surveys,
    hardest_baseline,
    predict_bucket,
    refuse_unlearnable,
    survey,
)
from tracer_ray.training.window_totals import WindowTotals, merge_windows, total_windows

LOG = logging.getLogger(__name__)
Past = tuple[FeatureState, Vocabulary]
Beside = tuple[dict[int, WindowTotals], Responses]  # what is concluded besides row by row
Result = TypeVar("Result")


@dataclass(frozen=True)
class TrainingRequest:
    """What the user asked for. No targets means all that the data has.

    An incremental run stands on the champion where it can: what did not change is taken over.
    `most_minutes` and `most_candidates` bound the run; 0 is no bound.
    """

    blueprint: Blueprint
    sources: tuple[str, ...]
    home: str
    targets: tuple[str, ...] = ()
    budget: str = "standard"
    seed: int = 0
    ingest: IngestOptions = field(default_factory=IngestOptions)
    limits: Limits = field(default_factory=Limits)
    is_incremental: bool = False
    most_minutes: float = 0.0
    most_candidates: int = 0

    @property
    def full_budget(self) -> Budget:
        """The named budget within the bounds; TrainingError for an unknown name."""
        return replace(
            budget(self.budget),
            most_minutes=self.most_minutes,
            most_candidates=self.most_candidates,
        )


def train(request: TrainingRequest, progress: Progress) -> Release:
    """Train, report and register a release; DataError or TrainingError where none can be made."""
    began_s = time.monotonic()
    start_ray()
    meter = CostMeter(progress, cluster_cpus())
    for target in request.targets:
        request.blueprint.target(target)
    _ = request.full_budget  # an unknown name is refused before anything is done
    storage.check_writable(request.home)
    registry = Registry(request.home)
    with meter.stage("ingest", 1) as stage:
        dataset = ingest(request.blueprint, request.sources, request.home, options=request.ingest)
        stage.advance()
    plan = make_plan(request, dataset, registry)
    is_new = ray.get(_begin.remote(plan))
    past = _build_features(plan, meter)
    trained = []
    for number, target in enumerate(plan.targets):
        left = len(plan.targets) - number
        until_s = began_s + 60.0 * request.most_minutes
        minutes = max((until_s - time.monotonic()) / 60.0 / left, 1e-3)
        deadline = Deadline(time.monotonic(), minutes if request.most_minutes else 0.0)
        job = TargetJob(plan, target, request.limits, deadline)
        trained.append(_train_target(job, meter))
    with meter.stage("release", 1) as stage:
        uri = ray.get(_write.remote(plan, past, meter.costs, *trained))
        stage.advance()
    release = Release.open(uri)
    registry.register(release)
    if is_new and not plan.predecessor:
        write_rates(plan.home, plan.blueprint.id, rates_of(_workload(plan, meter), meter.costs))
    return release


def _workload(plan: TrainingPlan, meter: CostMeter) -> Workload:
    """What the run had to do."""
    trials = [steps for stage, steps in meter.steps.items() if stage.startswith("fleet:")]
    return Workload(
        rows=int(str(plan.dataset.manifest["rows"])),
        features=len(plan.program.names),
        trials=round(sum(trials) / len(trials)),
        targets=len(plan.targets),
        budget=plan.budget,
        cpus=cluster_cpus(),
    )


def make_plan(request: TrainingRequest, dataset: Dataset, registry: Registry) -> TrainingPlan:
    """Where the data is cut, and everything else that every worker must know."""
    blueprint = dataset.blueprint
    wanted = tuple(blueprint.target(name).name for name in request.targets)
    names = wanted or tuple(target.name for target in blueprint.targets)
    basis = basis_of(blueprint)
    buckets = range(dataset.buckets)
    counted = ray.get([_count.remote(dataset.uri, each, names, basis) for each in buckets])
    outcomes = sum((each for _, each in counted), Counter[str]())
    settled = tuple(name for name in dict.fromkeys(names) if wanted or outcomes[name])
    for name in set(names) - set(settled):
        LOG.warning("event=target_left_out target=%s reason='no row has its outcome'", name)
    rows_at = sum((each for each, _ in counted), Counter[float]())
    plan = TrainingPlan(
        home=storage.absolute(request.home),
        dataset_uri=dataset.uri,
        dataset_fingerprint=str(dataset.manifest["fingerprint"]),
        blueprint=blueprint,
        targets=settled or names,
        cuts=cuts_of(blueprint.split, basis, rows_at),
        budget=request.full_budget,
        seed=request.seed,
        software=software(),
    )
    return _on_champion(plan, registry, rows_at) if request.is_incremental else plan


def _on_champion(
    plan: TrainingPlan, registry: Registry, rows_at: Mapping[float, int]
) -> TrainingPlan:
    """The plan standing on the champion's run; as it is, with the reason, where it can't."""
    champion = registry.champion(plan.blueprint.id)
    found: TrainingPlan | str = "there is no champion"
    if champion:
        origin = Release.open(champion.uri).manifest.origin
        before = Predecessor(champion.release, str(origin.settings.get("run", "")))
        found = stand_on(plan, before, rows_at)
    if isinstance(found, str):
        LOG.warning("event=trained_from_scratch reason=%r", found)
        return plan
    return found


def _build_features(plan: TrainingPlan, meter: CostMeter) -> "ray.ObjectRef[Past]":
    """Write all feature matrices; gives what next rows' features need."""
    buckets = range(plan.dataset.buckets)
    with meter.stage("features", len(buckets)) as progress:
        gathered = _gather_surveys.remote(plan, *[_survey.remote(plan, b) for b in buckets])
        states = [_build.remote(plan, bucket, gathered) for bucket in buckets]
        _watch(states, progress)
    return _merge_states.remote(gathered, *states)


@dataclass(frozen=True)
class TargetJob:
    """One target of a run, and what its training may take."""

    plan: TrainingPlan
    target: str
    limits: Limits
    deadline: Deadline


def _train_target(job: TargetJob, meter: CostMeter) -> "ray.ObjectRef[TrainedTarget]":
    """The pooled model, the fleet, and what is concluded from both."""
    plan, target = job.plan, job.target
    rows = _gather.remote(plan, target)
    ray.get(_refuse_unlearnable.remote(plan, target, rows))
    search = PooledJob(plan, target, rows, node_cpus(), job.limits, job.deadline.search_until_s)
    searched = find_candidates(search, meter)
    buckets = range(plan.dataset.buckets)
    with meter.stage(f"cross-fit:{target}", len(buckets)) as progress:
        pooled = fit_or_load(search, searched)
        written = [_predict.remote(plan, target, bucket, pooled) for bucket in buckets]
        _watch(written, progress)
        ray.get(written)
    enrolled, cut = enrol_all(plan, target)
    hardest = ray.get(_hardest.remote(plan, target))
    until_s = job.deadline.fleet_until_s
    fleet_job = FleetJob(plan, target, hardest, job.limits, until_s, cut.most)
    entries = enter_all(fleet_job, enrolled)
    with meter.stage(f"fleet:{target}", len(entries)) as progress:
        unfinished = train_fleet(fleet_job, entries, progress) if entries else 0
    cuts = _say_cuts(job, searched, cut, (unfinished, len(entries)))
    drifted = _look_for_drift.remote(plan, target, rows)
    with meter.stage(f"judge:{target}", len(buckets)) as progress:
        fleet = _decide.remote(fleet_job, *enrolled)
        judged = [_judge.remote(plan, target, bucket, fleet) for bucket in buckets]
        _watch(judged, progress)
        beside = _merge_beside.remote(
            *(_look_beside.remote(plan, target, bucket) for bucket in buckets)
        )
        trained = _conclude.remote(
            search, pooled, fleet, beside, drifted, (searched, cuts), *judged
        )
        ray.wait([trained])
    return trained


def _say_cuts(
    job: TargetJob,
    searched: tuple[SearchedCandidate, ...],
    cut: Cut,
    trials: tuple[int, int],
) -> tuple[str, ...]:
    """What the bounds of the run left out, in words; logged, and kept with the release."""
    minutes, most = job.plan.budget.most_minutes, job.plan.budget.most_candidates
    untried = sum(each.error == UNTRIED for each in searched)
    unfinished, entered = trials
    said = {
        f"{untried} candidates of the pooled model were not tried, {minutes:g} minutes are "
        "allowed": untried,
        f"{unfinished} of {entered} trials were not finished, {minutes:g} minutes are "
        "allowed": unfinished,
        f"{cut.entities} entities got no trial, {most} candidates are allowed": cut.entities,
        f"each entity tried {cut.most} instead of {job.plan.budget.entity_candidates} candidates, "
        f"{most} are allowed": cut.most,
    }
    cuts = tuple(f"{job.target}: {text}" for text, is_cut in said.items() if is_cut)
    for text in cuts:
        LOG.warning("event=cut what=%r", text)
    return cuts


def _watch(references: "Sequence[ray.ObjectRef[Result]]", progress: Progress) -> None:
    """Wait for all of them without fetching what they hold; a failure shows where it is used."""
    waiting = list(references)
    while waiting:
        done, waiting = ray.wait(waiting, fetch_local=False)
        for _ in done:
            progress.advance()


@ray.remote(num_cpus=1)
def _begin(plan: TrainingPlan) -> bool:
    """Leave the plan in the run's folder; whether no such run was there."""
    return write_plan(plan)


@ray.remote(num_cpus=1)
def _count(
    dataset_uri: str, bucket: int, targets: tuple[str, ...], basis: Basis
) -> tuple[Counter[float], Counter[str]]:
    rows = Dataset.open(dataset_uri).read_bucket(bucket)
    return count_positions(rows, basis), count_outcomes(rows, targets)


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


@ray.remote(num_cpus=1)
def _predict(plan: TrainingPlan, target: str, bucket: int, model: PooledModel) -> None:
    predict_bucket(plan, target, bucket, model)


@ray.remote(num_cpus=1)
def _hardest(plan: TrainingPlan, target: str) -> str:
    return hardest_baseline(plan, target)


@ray.remote(num_cpus=1)
def _decide(job: FleetJob, *enrolled: tuple[Enrolment, ...]) -> Fleet:
    records = latest(map(FleetRecord.from_arrow, read_records(job.folder)))
    refusals = {
        each.owner.name: each.refusal for bucket in enrolled for each in bucket if each.refusal
    }
    return Fleet(job.baseline, assign(records), refusals)


@ray.remote(num_cpus=1)
def _judge(plan: TrainingPlan, target: str, bucket: int, fleet: Fleet) -> Judged:
    return judge_bucket(plan, target, bucket, fleet.assignments, fleet.baseline)


@ray.remote(num_cpus=1)
def _look_for_drift(plan: TrainingPlan, target: str, rows: LabelledRows) -> tuple[str, ...]:
    features = plan.blueprint.features_for(target)
    coded = plan.objective(target).task.categorical
    said = drift_warning(rows, features, coded, Resources(seed=plan.seed))
    return (f"{target}: {said}",) if said else ()


@ray.remote(num_cpus=1)
def _look_beside(
    plan: TrainingPlan, target: str, bucket: int
) -> tuple[dict[int, WindowTotals], tuple[Estimate, ...]]:
    return total_windows(plan, target, bucket), estimate_bucket(plan, target, bucket)


@ray.remote(num_cpus=1)
def _merge_beside(*parts: tuple[dict[int, WindowTotals], tuple[Estimate, ...]]) -> Beside:
    windows = merge_windows([windows for windows, _ in parts])
    return windows, pool_responses([estimates for _, estimates in parts])


@ray.remote(num_cpus=1)
def _conclude(
    job: PooledJob,
    pooled: PooledModel,
    fleet: Fleet,
    beside: Beside,
    drifted: tuple[str, ...],
    found: tuple[tuple[SearchedCandidate, ...], tuple[str, ...]],
    *judged: Judged,
) -> TrainedTarget:
    plan, target = job.plan, job.target
    searched, cuts = found
    chosen = {member.candidate for member in pooled.final.members}
    return TrainedTarget(
        target=target,
        ensemble=pooled.final,
        constant=pooled.constant,
        fleet=fleet,
        conclusion=conclude(plan, target, merge(list(judged)), fleet, *beside),
        cuts=cuts,
        warnings=drifted,
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
    said = tuple(text for each in trained for text in (*each.warnings, *each.cuts))
    report = training_report(plan, targets, tuple(costs))
    pages = render_report(replace(report, warnings=(*report.warnings, *said)))
    return write_release(plan.home, assemble(plan, trained, past, pages)).uri
