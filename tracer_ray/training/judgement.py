"""What every level said of rows that no model was fitted to: calibration rows and test rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.link import blend
from tracer_ray.releases.tables import Level
from tracer_ray.rows import FloatArray, IntArray, TextArray
from tracer_ray.splits import Part, PartArray
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import JUDGED
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.selection import ALTERNATIVES
from tracer_ray.training.stages import POOLED
from tracer_ray.training.standing import Standing
from tracer_ray.uncertainty.meetings import meeting_of, mirrored, reconcile

_OWN = next(i for i, each in enumerate(ALTERNATIVES) if each.level is Level.ENTITY)


@dataclass(frozen=True)
class Judged:
    """Calibration and test rows of one target with what was said of them, float64 [rows] each.

    Rows that are no test rows are there to calibrate on.

    `owner` is the position of the row's owner in the dataset's table of entities; `meeting` is ""
    where rows are not sides of a meeting; `spreads` [rows, features] are what the target's
    uncertainty grows with, of which there may be none; `lasted` and `ended` are those of the
    blueprint's lifetime, NaN where there is none.
    """

    owner: IntArray
    part: PartArray
    position: FloatArray
    keys: TextArray
    meeting: TextArray
    actual: FloatArray
    ours: FloatArray
    pooled: FloatArray
    baselines: Mapping[str, FloatArray]
    spreads: FloatArray
    lasted: FloatArray
    ended: FloatArray

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.actual)

    @property
    def is_sided(self) -> bool:
        """Whether rows are sides of meetings."""
        return len(self.meeting) > 0 and self.meeting[0] != ""

    def take(self, rows: np.ndarray[tuple[int], np.dtype[np.generic]]) -> "Judged":
        """The chosen rows, by mask or position."""
        return Judged(
            owner=self.owner[rows],
            part=self.part[rows],
            position=self.position[rows],
            keys=self.keys[rows],
            meeting=self.meeting[rows],
            actual=self.actual[rows],
            ours=self.ours[rows],
            pooled=self.pooled[rows],
            baselines={name: said[rows] for name, said in self.baselines.items()},
            spreads=self.spreads[rows],
            lasted=self.lasted[rows],
            ended=self.ended[rows],
        )

    @property
    def spread(self) -> FloatArray | None:
        """What the uncertainty grows with, None where that is not declared."""
        return self.spreads if self.spreads.shape[1] else None

    def reconciled(self, *, has_draws: bool) -> "Judged":
        """The same with ours and pooled made to agree between the sides of each meeting."""
        other = mirrored(self.meeting)
        ours, pooled = (
            reconcile(said, said[other], has_draws=has_draws) for said in (self.ours, self.pooled)
        )
        return replace(self, ours=ours, pooled=pooled)


@dataclass(frozen=True)
class Assignment:
    """What answers for one trained owner: an alternative, or the pooled model (-1)."""

    choice: int
    record: FleetRecord

    @property
    def level(self) -> Level:
        """The level that answers."""
        return Level.POOLED if self.choice < 0 else ALTERNATIVES[self.choice].level

    @property
    def weight(self) -> float:
        """The share of the own model."""
        return 0.0 if self.choice < 0 else ALTERNATIVES[self.choice].weight

    @property
    def reason(self) -> str:
        """Why, in a sentence with its numbers."""
        if self.record.error:
            return "its trial failed; the pooled model answers"
        failed = len(self.record.failures)
        return self._comparison + (f"; {failed} candidates failed" if failed else "")

    @property
    def _comparison(self) -> str:
        shown = self.choice if self.choice >= 0 else _OWN
        gain = f"{self.record.gains[shown]:+.3g} +- {self.record.errors[shown]:.2g}"
        if self.choice < 0:
            return f"its own model gains {gain} per validation row, not beyond chance"
        what = "the baseline" if self.level is Level.BASELINE else "its own model"
        return f"{what} gains {gain} per validation row over the pooled model"


def judge_bucket(
    plan: TrainingPlan,
    target: str,
    bucket: int,
    assignments: Mapping[str, Assignment],
    standing: Standing,
) -> Judged:
    """What ours, the pooled model and the baselines said of the bucket's calibration and test rows.

    `assignments` are those of the trained owners; for the others what stands by default answers.
    """
    rows = plan.read_rows(bucket)
    features = BucketReader(plan.part_folder("features")).features(bucket)
    said = BucketReader(plan.part_folder(POOLED, target)).columns(bucket)
    actual = features.outcomes[target]
    ours = said[standing.column].copy()
    for number, owner in enumerate(rows.entities):
        if owner in assignments:
            span = slice(rows.offsets[number], rows.offsets[number + 1])
            is_judged_here = np.isfinite(actual[span]) & np.isin(features.parts[span], JUDGED)
            where = np.flatnonzero(is_judged_here) + span.start
            pooled, naive = said[POOLED][where], said[standing.baseline][where]
            ours[where] = _answer(plan, target, assignments[owner], (pooled, naive))
    is_told = np.isfinite(actual) & np.isfinite(said[POOLED])
    is_judged = is_told & np.isin(features.parts, _judged_parts(plan, target, standing))
    lifetime, unknown = plan.blueprint.lifetime, np.full(len(rows), np.nan)
    names = rows.entities[rows.entity_index]
    meeting = _meetings(plan, rows.keys, names)
    return Judged(
        owner=plan.owner_numbers(names),
        part=features.parts,
        position=features.position,
        keys=rows.keys,
        meeting=meeting,
        actual=actual,
        ours=ours,
        pooled=said[POOLED],
        baselines={each.name: said[each.name] for each in plan.blueprint.baselines},
        spreads=features.x[:, plan.spread_positions(target)].astype(np.float64),
        lasted=rows.numbers[lifetime.duration] if lifetime else unknown,
        ended=rows.numbers[lifetime.ended] if lifetime else unknown,
    ).take(is_judged)


def _judged_parts(plan: TrainingPlan, target: str, standing: Standing) -> tuple[Part, ...]:
    """The test rows' part, and those that calibrate what answers.

    Validation rows can calibrate a baseline too, which nothing was chosen for. Where the same is
    said of every row and its width comes from the row (value at risk), so can training rows, but
    for the oldest, of which the pooled model says nothing: a shape from calm times alone is too
    narrow for what comes after them.
    """
    if not standing.is_baseline:
        return JUDGED
    named = {each.name: each for each in plan.blueprint.baselines}
    is_constant = not named[standing.baseline].feature
    has_width = bool(plan.blueprint.target(target).spread)
    return (*JUDGED, Part.VALIDATION, *([Part.TRAIN] if is_constant and has_width else []))


def _meetings(plan: TrainingPlan, keys: TextArray, owners: TextArray) -> TextArray:
    found = np.full(len(keys), "", dtype=object)
    if plan.blueprint.sides:
        found[:] = [meeting_of(key, owner) for key, owner in zip(keys, owners, strict=True)]
    return found


def _answer(
    plan: TrainingPlan, target: str, assignment: Assignment, said: tuple[FloatArray, FloatArray]
) -> FloatArray:
    pooled, naive = said
    if assignment.level is Level.BASELINE:
        return naive
    if assignment.level is Level.POOLED:
        return pooled
    return blend(pooled, assignment.record.own, assignment.weight, plan.answer(target))


def merge(pieces: list[Judged]) -> Judged:
    """All buckets' rows, sorted by position and key so that no order of work shows."""
    merged = Judged(
        owner=np.concatenate([piece.owner for piece in pieces]),
        part=np.concatenate([piece.part for piece in pieces]),
        position=np.concatenate([piece.position for piece in pieces]),
        keys=np.concatenate([piece.keys for piece in pieces]),
        meeting=np.concatenate([piece.meeting for piece in pieces]),
        actual=np.concatenate([piece.actual for piece in pieces]),
        ours=np.concatenate([piece.ours for piece in pieces]),
        pooled=np.concatenate([piece.pooled for piece in pieces]),
        baselines={
            label: np.concatenate([piece.baselines[label] for piece in pieces])
            for label in pieces[0].baselines
        },
        spreads=np.concatenate([piece.spreads for piece in pieces]),
        lasted=np.concatenate([piece.lasted for piece in pieces]),
        ended=np.concatenate([piece.ended for piece in pieces]),
    )
    return merged.take(np.lexsort((merged.keys.astype(str), merged.position)))
