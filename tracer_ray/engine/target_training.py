"""One target of a training run: its pooled model, its fleet, and what is concluded from both."""

import logging
from dataclasses import dataclass

import ray

from tracer_ray.engine.fleet import train_fleet
from tracer_ray.engine.fleet_entries import Cut, enrol_all, enter_all
from tracer_ray.engine.fleet_refits import refit_settled
from tracer_ray.engine.fleet_trials import FleetJob
from tracer_ray.engine.limits import Deadline, Limits
from tracer_ray.engine.pooled_fit import find_candidates, fit_or_load
from tracer_ray.engine.pooled_search import UNTRIED, PooledJob
from tracer_ray.engine.progress import CostMeter
from tracer_ray.engine.tuning import node_cpus
from tracer_ray.engine.waiting import watch
from tracer_ray.families import Resources
from tracer_ray.report.contents import CandidateResult, Checks
from tracer_ray.training.assembly import TrainedTarget
from tracer_ray.training.conclusion import conclude
from tracer_ray.training.control import leak_warning, measure_control, shuffled_rows
from tracer_ray.training.cross_fit_cost import UNAFFORDABLE
from tracer_ray.training.drift import drift_warning
from tracer_ray.training.enrolment import Enrolment, Fleet, assign
from tracer_ray.training.fleet_record import FleetRecord, latest
from tracer_ray.training.judgement import Judged, judge_bucket, merge
from tracer_ray.training.optimism import optimism
from tracer_ray.training.plan import TrainingPlan
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
    gather,
    predict_bucket,
    refuse_unlearnable,
)
from tracer_ray.training.standing import Standing, find_standing
from tracer_ray.training.window_totals import WindowTotals, merge_windows, total_windows

LOG = logging.getLogger(__name__)
Beside = tuple[dict[int, WindowTotals], Responses]  # what is concluded besides row by row


@dataclass(frozen=True)
class TargetJob:
    """One target of a run, and what its training may take."""

    plan: TrainingPlan
    target: str
    limits: Limits
    deadline: Deadline


def train_target(job: TargetJob, meter: CostMeter) -> "ray.ObjectRef[TrainedTarget]":
    """The pooled model, the fleet, and what is concluded from both."""
    plan, target = job.plan, job.target
    rows = _gather.remote(plan, target)
    ray.get(_refuse_unlearnable.remote(plan, target, rows))
    search = PooledJob(plan, target, rows, node_cpus(), job.limits, job.deadline)
    searched = find_candidates(search, meter)
    buckets = range(plan.dataset.buckets)
    with meter.stage(f"cross-fit:{target}", len(buckets)) as progress:
        pooled = fit_or_load(search, searched)
        written = [_predict.remote(plan, target, bucket, pooled) for bucket in buckets]
        watch(written, progress)
        ray.get(written)
    checked = _check.remote(search, rows, searched)  # beside what leaves CPUs idle
    standing = ray.get(_stand.remote(plan, target))
    enrolled, cut = enrol_all(plan, target, standing)
    until_s = job.deadline.fleet_until_s
    fleet_job = FleetJob(plan, target, standing, job.limits, until_s, cut.most)
    entries = enter_all(fleet_job, enrolled)
    with meter.stage(f"fleet:{target}", len(entries)) as progress:
        left = refit_settled(fleet_job, entries, progress)
        unfinished = train_fleet(fleet_job, left, progress)
    cuts = _say_cuts(job, searched, cut, (unfinished, len(entries)))
    with meter.stage(f"judge:{target}", len(buckets)) as progress:
        fleet = _decide.remote(fleet_job, *enrolled)
        judged = [_judge.remote(plan, target, bucket, fleet) for bucket in buckets]
        watch(judged, progress)
        beside = _merge_beside.remote(
            *(_look_beside.remote(plan, target, bucket, standing) for bucket in buckets)
        )
        trained = _conclude.remote(
            search, pooled, fleet, beside, checked, (searched, cuts), *judged
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
    unaffordable = sum(each.error == UNAFFORDABLE for each in searched)
    unfinished, entered = trials
    step = job.plan.pooled_step
    said = {
        f"the pooled model learned from one row in {step} of each owner, as fitting all would take "
        "more memory than a trial has": step > 1,
        f"{untried} candidates of the pooled model were not tried, {minutes:g} minutes are "
        "allowed": untried,
        f"{unaffordable} candidates of the pooled model were not used, as cross-fitting them would "
        f"take too long, {minutes:g} minutes are allowed": unaffordable,
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
def _stand(plan: TrainingPlan, target: str) -> Standing:
    return find_standing(plan, target)


@ray.remote(num_cpus=1)
def _decide(job: FleetJob, *enrolled: tuple[Enrolment, ...]) -> Fleet:
    records = latest(map(FleetRecord.from_arrow, read_records(job.folder)))
    refusals = {
        each.owner.name: each.refusal for bucket in enrolled for each in bucket if each.refusal
    }
    return Fleet(job.standing, assign(records), refusals)


@ray.remote(num_cpus=1)
def _judge(plan: TrainingPlan, target: str, bucket: int, fleet: Fleet) -> Judged:
    return judge_bucket(plan, target, bucket, fleet.assignments, fleet.standing)


@ray.remote(num_cpus=1)
def _check(
    job: PooledJob, rows: LabelledRows, searched: tuple[SearchedCandidate, ...]
) -> tuple[tuple[str, ...], Checks]:
    plan, target = job.plan, job.target
    goal, resources = plan.objective(target), Resources(seed=plan.seed)
    features = plan.blueprint.features_for(target)
    best = min((each for each in searched if each.is_complete), key=lambda each: each.loss)
    trials = job.trials(searched) if job.has_records(searched) else ()
    control = measure_control(shuffled_rows(plan, target), goal, best.candidate, resources)
    drift = drift_warning(rows, features, goal.task.categorical, resources)
    said = tuple(f"{target}: {text}" for text in (drift, leak_warning(control)) if text)
    return said, Checks(control, optimism(rows, goal, trials, plan.seed))


@ray.remote(num_cpus=1)
def _look_beside(
    plan: TrainingPlan, target: str, bucket: int, standing: Standing
) -> tuple[dict[int, WindowTotals], tuple[Estimate, ...]]:
    return total_windows(plan, target, bucket, standing), estimate_bucket(plan, target, bucket)


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
    checked: tuple[tuple[str, ...], Checks],
    found: tuple[tuple[SearchedCandidate, ...], tuple[str, ...]],
    *judged: Judged,
) -> TrainedTarget:
    plan, target = job.plan, job.target
    searched, cuts = found
    warnings, checks = checked
    chosen = {member.candidate for member in pooled.final.members}
    return TrainedTarget(
        target=target,
        ensemble=pooled.final,
        constant=pooled.constant,
        fleet=fleet,
        conclusion=conclude(plan, target, merge(list(judged)), fleet, *beside),
        cuts=cuts,
        warnings=warnings,
        checks=checks,
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
