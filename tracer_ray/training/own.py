"""An entity's own model: what its own history adds to the pooled prediction.

Every candidate starts from the pooled prediction as an offset and learns only what is left of it.
The validation rows are halved in time: candidates are chosen on the first half, and the chosen
one is measured against the pooled model on the second, so that the best of many does not look
better than it is.
"""

from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.blueprint import Candidate
from tracer_ray.families import Matrix, Model, Resources
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.link import blend, to_link
from tracer_ray.releases.tables import Level
from tracer_ray.rows import FloatArray
from tracer_ray.splits import Part
from tracer_ray.training.objective import Objective
from tracer_ray.training.pooled import LabelledRows, Mask
from tracer_ray.training.selection import ALTERNATIVES, Alternative, gain

MINIMUM_VALIDATION_ROWS = 16


@dataclass(frozen=True)
class OwnRows:
    """An entity's rows with a known outcome and an unseen pooled prediction for each.

    `pooled` and `baseline` are float64 [rows], on the scale of the outcome (a number, or a
    probability).
    """

    rows: LabelledRows
    pooled: FloatArray
    baseline: FloatArray

    def matrix(self, mask: Mask, goal: Objective) -> Matrix:
        """The masked rows with the pooled prediction as offset."""
        offset = to_link(self.pooled[mask], goal.answer)
        return replace(self.rows.matrix(mask), offset=offset)

    def usable(self) -> "OwnRows":
        """The rows that have an unseen pooled prediction."""
        known = np.isfinite(self.pooled)
        rows = replace(
            self.rows,
            x=self.rows.x[known],
            y=self.rows.y[known],
            position=self.rows.position[known],
            parts=self.rows.parts[known],
        )
        return OwnRows(rows, self.pooled[known], self.baseline[known])

    @property
    def halves(self) -> tuple[Mask, Mask]:
        """The older and the newer half of the validation rows."""
        validation = self.rows.part(Part.VALIDATION)
        where = np.flatnonzero(validation)
        oldest_first = where[np.argsort(self.rows.position[where], kind="stable")]
        is_older = np.zeros_like(validation)
        is_older[oldest_first[: len(where) // 2]] = True
        return is_older, validation & ~is_older


@dataclass(frozen=True)
class OwnTrial:
    """A candidate fitted to an entity's training rows, and its loss where it is chosen."""

    candidate: Candidate
    model: Model
    loss: float


@dataclass(frozen=True)
class Gains:
    """The gain of every alternative over the pooled model and its standard error."""

    gains: tuple[float, ...]
    errors: tuple[float, ...]


def predict_own(model: Model, rows: OwnRows, mask: Mask, goal: Objective) -> FloatArray:
    """The own model's prediction of the masked rows, on the scale of the outcome."""
    if not mask.any():
        return np.zeros(0)
    matrix = rows.matrix(mask, goal)
    return model.predict(matrix.x, matrix.offset)


def try_own(rows: OwnRows, goal: Objective, candidate: Candidate, resources: Resources) -> OwnTrial:
    """Fit a candidate to the training rows and judge it where candidates are chosen."""
    older, _ = rows.halves
    model = fit_own(rows, rows.rows.part(Part.TRAIN), goal, candidate, resources)
    loss = goal.loss(rows.rows.y[older], predict_own(model, rows, older, goal))
    return OwnTrial(candidate, model, loss)


def fit_own(
    rows: OwnRows, mask: Mask, goal: Objective, candidate: Candidate, resources: Resources
) -> Model:
    """A candidate fitted to the masked rows, starting from the pooled prediction."""
    train = rows.matrix(mask, goal)
    return fit_candidate(goal.task, train, None, candidate, resources)


def measure_gains(rows: OwnRows, goal: Objective, model: Model | None) -> Gains:
    """Every alternative's gain over the pooled model on the newer half of the validation rows.

    Without a model only the baseline is measured, and the others are NaN.
    """
    _, newer = rows.halves
    actual, pooled = rows.rows.y[newer], rows.pooled[newer]
    pooled_losses = goal.losses(actual, pooled)
    measured = []
    for alternative in ALTERNATIVES:
        if alternative.level is not Level.BASELINE and model is None:
            measured.append((float("nan"), float("nan")))
            continue
        answer = answer_with(alternative, rows, newer, goal, model)
        measured.append(gain(pooled_losses, goal.losses(actual, answer)))
    return Gains(tuple(each[0] for each in measured), tuple(each[1] for each in measured))


def answer_with(
    alternative: Alternative, rows: OwnRows, mask: Mask, goal: Objective, model: Model | None
) -> FloatArray:
    """What an alternative answers for the masked rows, on the scale of the outcome."""
    if alternative.level is Level.BASELINE or model is None:
        return rows.baseline[mask]
    own = predict_own(model, rows, mask, goal)
    return blend(rows.pooled[mask], own, alternative.weight, goal.answer)
