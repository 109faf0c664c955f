"""Who gets a trial, and what the fleet then decides together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.releases.tables import EntityRecord
from tracer_ray.rows import FloatArray
from tracer_ray.splits import Basis, Part
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import Owner
from tracer_ray.training.judgement import Assignment
from tracer_ray.training.own import MINIMUM_VALIDATION_ROWS
from tracer_ray.training.plan import Budget, TrainingPlan
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.selection import decide
from tracer_ray.training.stages import POOLED
from tracer_ray.training.standing import Standing

MINIMUM_TRAINING_ROWS = 20
MOST_GAP_SHARE, MOST_GAP_DAYS = 0.5, 366.0  # a gap of more than both; a season's end is none


@dataclass(frozen=True)
class Enrolment:
    """An owner, and why it gets no trial ("" where it gets one)."""

    owner: Owner
    refusal: str


def enrol_bucket(
    plan: TrainingPlan, target: str, bucket: int, standing: Standing
) -> tuple[Enrolment, ...]:
    """Decide for each owner of a bucket whether it has rows enough to learn from and be judged.

    Where the baseline answers by default nobody gets a trial.
    """
    features = BucketReader(plan.part_folder("features"))
    rows, offsets = features.features(bucket), features.offsets(bucket)
    pooled = BucketReader(plan.part_folder(POOLED, target)).columns(bucket)[POOLED]
    has_outcome = np.isfinite(rows.outcomes[target])
    is_usable = has_outcome & np.isfinite(pooled)
    counts = [
        np.add.reduceat(mask, offsets[:-1], dtype=np.int64).tolist()
        for mask in (
            has_outcome,
            is_usable & (rows.parts == Part.TRAIN),
            is_usable & (rows.parts == Part.VALIDATION),
        )
    ]
    owners = plan.bucket_owners(bucket)
    learned = is_usable & np.isin(rows.parts, (Part.TRAIN, Part.VALIDATION))
    enrolled = []
    for number, name in enumerate(owners):
        refusal = standing.reason or refusal_of(plan, *(count[number] for count in counts))
        if not refusal:
            span = slice(offsets[number], offsets[number + 1])
            seen = learned[span]
            outcomes = rows.outcomes[target][span][seen]
            refusal = flaw_of(plan, outcomes, rows.position[span][seen])
        enrolled.append(Enrolment(Owner(name, bucket, number), refusal))
    return tuple(enrolled)


def refusal_of(plan: TrainingPlan, rows: int, training: int, validation: int) -> str:
    """Why an owner with so many usable rows gets no trial, "" where it gets one."""
    minimum = plan.blueprint.minimum_history
    below = plan.blueprint.below_minimum
    if plan.blueprint.owner is None:
        return "the rows have no owner with a history: one model answers for all"
    if rows < minimum:
        return f"{rows} rows with an outcome, {minimum} are needed: {below}"
    if validation < MINIMUM_VALIDATION_ROWS:
        return (
            f"{validation} rows in the validation span, {MINIMUM_VALIDATION_ROWS} are needed to "
            f"judge a model of its own: {below}"
        )
    if training < MINIMUM_TRAINING_ROWS:
        return (
            f"{training} rows in the training span, {MINIMUM_TRAINING_ROWS} are needed to fit a "
            f"model of its own: {below}"
        )
    return ""


def flaw_of(plan: TrainingPlan, outcomes: FloatArray, positions: FloatArray) -> str:
    """Why an owner with training and validation rows enough gets no trial, "" where it gets one.

    Outcomes that are all the same teach nothing of their own; what was before a long gap may be
    another matter than what came after it.
    """
    below = plan.blueprint.below_minimum
    if outcomes.min() == outcomes.max():
        return f"all {len(outcomes)} outcomes it could learn from are {outcomes[0]:g}: {below}"
    days = np.sort(positions)
    longest, span = float(np.diff(days).max()), float(days[-1] - days[0])
    if plan.cuts.basis is Basis.DAY and longest > max(MOST_GAP_SHARE * span, MOST_GAP_DAYS):
        return f"no rows in {longest:g} of {span:g} days: {below}"
    return ""


def cut_to_budget(
    enrolled: Sequence[tuple[Enrolment, ...]], budget: Budget, targets: int
) -> tuple[tuple[tuple[Enrolment, ...], ...], int]:
    """The enrolments with those refused that the budget has no candidate for, and how many were.

    The first in the order of buckets and names stay.
    """
    entities = sum(not each.refusal for bucket in enrolled for each in bucket)
    _, most = budget.per_entity(entities, targets)
    reason = f"its trial was cut: the run may try {budget.most_candidates} candidates"
    kept, left = [], most
    for bucket in enrolled:
        changed = []
        for each in bucket:
            is_cut = not each.refusal and left <= 0
            left -= not each.refusal
            changed.append(replace(each, refusal=reason) if is_cut else each)
        kept.append(tuple(changed))
    return tuple(kept), entities - most


@dataclass(frozen=True)
class Fleet:
    """What answers for every owner of one target; for those without an assignment `standing`."""

    standing: Standing
    assignments: Mapping[str, Assignment]
    refusals: Mapping[str, str]

    def record(self, target: str, owner: str) -> EntityRecord:
        """What was decided for an owner, and why; its figures are still to be filled in."""
        assignment = self.assignments.get(owner)
        if assignment is None:
            left_none = "its trial left no record; the pooled model answers"
            reason = self.refusals.get(owner) or self.standing.reason or left_none
            return EntityRecord(target, owner, owner, self.standing.level, reason, 0)
        trained = assignment.record
        return EntityRecord(
            target=target,
            owner=owner,
            label=owner,
            level=assignment.level,
            reason=assignment.reason,
            rows=trained.rows,
            weight=assignment.weight,
            tried=trained.tried,
            candidate=trained.candidate,
            seconds=trained.seconds,
            error=trained.error,
        )


def assign(records: Mapping[str, FleetRecord]) -> dict[str, Assignment]:
    """What answers for every owner that was trained; the fleet decides together (selection.py)."""
    owners = sorted(records)
    if not owners:
        return {}
    gains = np.array([records[owner].gains for owner in owners])
    errors = np.array([records[owner].errors for owner in owners])
    choice = decide(gains, errors).choice.tolist()
    return {
        owner: Assignment(number, records[owner])
        for owner, number in zip(owners, choice, strict=True)
    }
