"""Who of a fleet is trained: who is enrolled, and neither finished already nor taken over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import ray

from tracer_ray.engine.fleet import finished_owners
from tracer_ray.engine.fleet_trials import FLEET, Entry, FleetJob
from tracer_ray.training.enrolment import Enrolment, cut_to_budget, enrol_bucket
from tracer_ray.training.fleet_record import FleetRecord, latest
from tracer_ray.training.fleet_trial import OwnerReader
from tracer_ray.training.inheritance import Start, take_over
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.record_log import read_records
from tracer_ray.training.standing import Standing


@dataclass(frozen=True)
class Cut:
    """What a bound on candidates leaves out: entities without a trial, and all but `most` each."""

    entities: int = 0
    most: int = 0


def enrol_all(
    plan: TrainingPlan, target: str, standing: Standing
) -> "tuple[list[ray.ObjectRef[tuple[Enrolment, ...]]], Cut]":
    """Everybody's enrolment, by bucket, within the bound on candidates where there is one."""
    enrolled = [_enrol.remote(plan, target, each, standing) for each in range(plan.dataset.buckets)]
    if not plan.budget.most_candidates:
        return enrolled, Cut()
    kept, cut, most = _cut.options(num_returns=3).remote(plan, *enrolled)
    split = [_take.remote(kept, bucket) for bucket in range(len(enrolled))]
    return split, Cut(ray.get(cut), ray.get(most))


def enter_all(
    job: FleetJob, enrolled: "list[ray.ObjectRef[tuple[Enrolment, ...]]]"
) -> tuple[Entry, ...]:
    """Who is to be trained: all that are enrolled and neither finished nor taken over."""
    waiting = _split_by_bucket(_waiting, job, enrolled)
    before = _split_by_bucket(_records_of_basis, job, waiting)
    entered = [_enter.remote(job, *each) for each in zip(waiting, before, strict=True)]
    return tuple(entry for bucket in ray.get(entered) for entry in bucket)


def _split_by_bucket(task: Any, job: FleetJob, buckets: "list[ray.ObjectRef[Any]]") -> "list[Any]":
    """One reference per bucket to what a task makes of all buckets together."""
    split = task.options(num_returns=len(buckets)).remote(job, *buckets)
    return [split] if len(buckets) == 1 else list(split)


def records_of_basis(
    job: FleetJob, enrolled: Sequence[tuple[Enrolment, ...]]
) -> tuple[dict[str, FleetRecord], ...]:
    """For each bucket the records that the predecessor has of its owners."""
    before = job.plan.predecessor_folder(FLEET, job.target)
    found = map(FleetRecord.from_arrow, read_records(before)) if before else ()
    known = latest(found)
    return tuple(
        {each.owner.name: known[each.owner.name] for each in bucket if each.owner.name in known}
        for bucket in enrolled
    )


def enter(
    job: FleetJob, enrolled: tuple[Enrolment, ...], before: dict[str, FleetRecord]
) -> tuple[Entry, ...]:
    """Who of a bucket is to be trained; what still holds of the predecessor is recorded here."""
    reader, log = OwnerReader(job.plan, job.target), job.open_log()
    goal, predecessor = job.plan.objective(job.target), job.plan.predecessor
    entries, kept = [], []
    for each in enrolled:
        name = each.owner.name
        start: FleetRecord | Start = Start()
        if predecessor and name in before:
            rows = reader.read(each.owner, job.standing.baseline)
            start = take_over(before[name], rows, goal, predecessor.release)
        if isinstance(start, FleetRecord):
            kept.append(start.to_arrow())
        else:
            entries.append(Entry(each.owner, replace(start, most=job.most)))
    if kept:
        log.append(*kept)
    return tuple(entries)


@ray.remote(num_cpus=1)
def _waiting(job: FleetJob, *enrolled: tuple[Enrolment, ...]) -> Any:
    done = finished_owners(job)
    waiting = tuple(
        tuple(each for each in bucket if not each.refusal and each.owner.name not in done)
        for bucket in enrolled
    )
    return waiting if len(waiting) > 1 else waiting[0]


@ray.remote(num_cpus=1)
def _records_of_basis(job: FleetJob, *waiting: tuple[Enrolment, ...]) -> Any:
    records = records_of_basis(job, waiting)
    return records if len(records) > 1 else records[0]


@ray.remote(num_cpus=1)
def _enter(
    job: FleetJob, waiting: tuple[Enrolment, ...], before: dict[str, FleetRecord]
) -> tuple[Entry, ...]:
    return enter(job, waiting, before)


@ray.remote(num_cpus=1)
def _enrol(
    plan: TrainingPlan, target: str, bucket: int, standing: Standing
) -> tuple[Enrolment, ...]:
    return enrol_bucket(plan, target, bucket, standing)


@ray.remote(num_cpus=1)
def _cut(plan: TrainingPlan, *enrolled: tuple[Enrolment, ...]) -> Any:
    kept, entities = cut_to_budget(enrolled, plan.budget, len(plan.targets))
    total = sum(not each.refusal for bucket in enrolled for each in bucket)
    each, _ = plan.budget.per_entity(total, len(plan.targets))
    return kept, entities, each if each < plan.budget.entity_candidates else 0


@ray.remote(num_cpus=1)
def _take(kept: tuple[tuple[Enrolment, ...], ...], bucket: int) -> tuple[Enrolment, ...]:
    return kept[bucket]
