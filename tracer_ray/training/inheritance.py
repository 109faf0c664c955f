"""What a nightly run takes over from the champion's run, and what it makes anew.

Such a run keeps the champion's cuts: new rows are test rows, and what was trained, chosen and
calibrated on older rows stays as it was. The pooled model keeps its configuration and is fitted
again to all rows. An entity is taken over untouched where its rows are the same and the pooled
predictions on them moved less than noise; where only newer rows came, its configuration and its
gain stand and the model is fitted again; otherwise it is searched, starting from the champion's
configuration.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np

from tracer_ray import storage
from tracer_ray.blueprint import Candidate
from tracer_ray.families import Resources
from tracer_ray.releases.tables import Level
from tracer_ray.splits import Basis, Cuts, Part
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.objective import Objective
from tracer_ray.training.own import OwnRows
from tracer_ray.training.plan import Predecessor, TrainingPlan
from tracer_ray.training.pooled import LabelledRows, Mask, fit_ensemble
from tracer_ray.training.pooled_model import PooledModel, fit_pooled
from tracer_ray.training.pooled_store import (
    StoredPooled,
    digest_of_seen,
    has_pooled,
    read_pooled,
    write_pooled,
)
from tracer_ray.training.search import candidate_to_json
from tracer_ray.training.selection import ALTERNATIVES
from tracer_ray.training.stages import POOLED

SEARCHED = (Part.TRAIN, Part.VALIDATION)
NOISE_SHARE = 0.1  # of a gain's standard error: a move that can't decide anything
MOST_TEST_GROWTH = 1.5  # the cuts are made anew when the test rows are more than this many times
WORSE = 1.01  # the pooled model is searched anew when its loss rose by more than 1 %
_PLAN = "plan.json"
_OWN = next(i for i, each in enumerate(ALTERNATIVES) if each.level is Level.ENTITY)


@dataclass(frozen=True)
class Start:
    """Where an entity's trial starts: from nothing, a configuration, or a settled choice.

    `candidate` is JSON, "" for none. With `gains` and `errors` the choice is settled: the same rows
    were searched, with the same pooled predictions. `most` bounds the candidates; 0 leaves them to
    the budget.
    """

    candidate: str = ""
    gains: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    tried: int = 0
    most: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing has to be searched."""
        return bool(self.gains)


def write_plan(plan: TrainingPlan) -> bool:
    """Leave in the run's folder what a later run must have in common with it; whether it is new."""
    uri = plan.part_folder(_PLAN)
    is_new = not storage.exists(uri)
    said = _configuration(plan) | {"targets": plan.targets, "cuts": asdict(plan.cuts)}
    storage.write_bytes(uri, json.dumps(said).encode())
    return is_new


def stand_on(
    plan: TrainingPlan, predecessor: Predecessor, rows_at: Mapping[float, int]
) -> TrainingPlan | str:
    """The plan standing on the champion's run and its cuts, or why it can't."""
    uri = storage.join(plan.runs, predecessor.run, _PLAN)
    if not predecessor.run or not storage.exists(uri):
        return f"the run of {predecessor.release} is not in {plan.runs}"
    said = json.loads(storage.read_bytes(uri))
    changed = [name for name, value in _configuration(plan).items() if said.get(name) != value]
    if changed:
        return f"{predecessor.release} was trained with another {', '.join(changed)}"
    missing = sorted(set(plan.targets) - set(said["targets"]))
    if missing:
        return f"{predecessor.release} does not predict {', '.join(missing)}"
    cuts = Cuts(**{**said["cuts"], "basis": Basis(said["cuts"]["basis"])})
    tested = sum(count for position, count in rows_at.items() if position >= cuts.test)
    if cuts.is_by_time and tested > MOST_TEST_GROWTH * plan.blueprint.split.test * sum(
        rows_at.values()
    ):
        return f"{tested} rows are newer than the cuts of {predecessor.release}: time to cut anew"
    return replace(plan, cuts=cuts, predecessor=predecessor)


def _configuration(plan: TrainingPlan) -> dict[str, object]:
    return {
        "blueprint": plan.blueprint.fingerprint,
        "budget": [plan.budget.pooled_candidates, plan.budget.entity_candidates],
        "seed": plan.seed,
        "software": plan.software,
        "share of rows for the pooled model": plan.pooled_step,
    }


def refit_pooled(plan: TrainingPlan, target: str, rows: LabelledRows, resources: Resources) -> bool:
    """Fit the predecessor's pooled model to the new rows and keep it; False where to search anew.

    What was fitted to training and validation rows is kept as it is where these rows are the same.
    """
    before = plan.predecessor_folder(POOLED, target)
    if not before or not has_pooled(before):
        return False
    goal = plan.objective(target)
    stored = read_pooled(before)
    seen = digest_of_seen(plan, target, rows)
    if seen == stored.seen:
        everything = np.ones(len(rows.y), dtype=np.bool_)
        members = stored.model.final.members
        final = fit_ensemble(rows, everything, goal, members, resources)
        model = replace(stored.model, final=final)
    else:
        model = fit_pooled(rows, goal, stored.model.final.members, resources)
        if validation_loss(model, rows, goal) > WORSE * validation_loss(stored.model, rows, goal):
            return False
    write_pooled(plan, target, StoredPooled(model, stored.searched, seen))
    return True


def validation_loss(model: PooledModel, rows: LabelledRows, goal: Objective) -> float:
    """The loss of the ensemble that was fitted to training rows, on the validation rows."""
    validation = rows.part(Part.VALIDATION)
    return goal.loss(rows.y[validation], model.compared.predict(rows.x[validation]))


def signed(record: FleetRecord, rows: OwnRows) -> FleetRecord:
    """The record with what a later run compares its rows with."""
    searched = rows.rows.part(*SEARCHED)
    return replace(
        record,
        searched=digest_of_rows(rows, searched),
        all_rows=digest_of_rows(rows, np.ones_like(searched)),
        pooled=rows.pooled[searched],
    )


def take_over(
    previous: FleetRecord, rows: OwnRows, goal: Objective, release: str
) -> FleetRecord | Start:
    """The record of the predecessor where it still holds, else where the entity's trial starts."""
    now = signed(previous, rows)
    candidate = ""
    if previous.family:
        kept = Candidate(previous.family, tuple(sorted(previous.parameters.items())))
        candidate = candidate_to_json(kept)
    if previous.error or now.searched != previous.searched or has_moved(previous, rows, goal):
        return Start(candidate)
    if now.all_rows == previous.all_rows:
        return replace(previous, origin=previous.origin or release)
    gains, errors = tuple(previous.gains.tolist()), tuple(previous.errors.tolist())
    return Start(candidate, gains, errors, previous.tried)


def has_moved(previous: FleetRecord, rows: OwnRows, goal: Objective) -> bool:
    """Whether the pooled predictions of the searched rows moved by more than noise.

    The measure is the mean absolute change of the pooled loss per row; it bounds how much the gain
    of any alternative can have changed by the pooled model's part in it.
    """
    searched = rows.rows.part(*SEARCHED)
    if len(previous.pooled) != searched.sum():
        return True
    actual = rows.rows.y[searched]
    now, then = (goal.losses(actual, said) for said in (rows.pooled[searched], previous.pooled))
    error = previous.errors[_OWN] if previous.family else np.nanmin(previous.errors)
    return not np.abs(now - then).mean() <= NOISE_SHARE * error


def digest_of_rows(rows: OwnRows, mask: Mask) -> str:
    """A digest of everything that a trial reads of the masked rows but the pooled predictions."""
    labelled = rows.rows
    digest = hashlib.sha256()
    for values in (labelled.x, labelled.y, labelled.position, labelled.parts, rows.baseline):
        digest.update(np.ascontiguousarray(values[mask]).tobytes())
    return digest.hexdigest()[:32]
