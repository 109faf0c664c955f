"""What each feature adds to a prediction, on the scale on which models add up.

Members of the pooled model are averaged as their predictions are; an own model starts from the
pooled prediction, so that its contributions come on top, as far as it is weighted.
"""

from dataclasses import dataclass

import numpy as np

from tracer_ray.families import Model
from tracer_ray.families.fitting import start_of
from tracer_ray.link import to_link
from tracer_ray.prediction.target_models import Said, TargetModels
from tracer_ray.releases.tables import EntityRecord, Level
from tracer_ray.rows import Float32Array, FloatArray, IntArray, TextArray


@dataclass(frozen=True)
class Contributions:
    """`parts` float64 [rows, features], `rest` [rows]: what is said before any feature is known.

    A row's parts and rest sum to its prediction, a number as it is, an amount as log(1 + amount),
    a probability as log-odds before calibration.
    """

    parts: FloatArray
    rest: FloatArray

    @property
    def total(self) -> FloatArray:
        """The predictions, float64 [rows]."""
        total: FloatArray = self.rest + self.parts.sum(axis=1)
        return total

    def take(self, rows: IntArray) -> "Contributions":
        """The chosen rows."""
        return Contributions(self.parts[rows], self.rest[rows])

    def against(self, other: "Contributions") -> "Contributions":
        """Half the difference to another side's, as two sides' log-odds are made to agree."""
        return Contributions((self.parts - other.parts) / 2.0, (self.rest - other.rest) / 2.0)


def contributions(
    models: TargetModels, features: Float32Array, owners: TextArray, said: Said
) -> Contributions:
    """The contributions to what was said of feature rows, by the models that said it.

    The sums are exact: what the float32 arithmetic of boosted trees and the limits of extreme
    answers leave over is in `rest`.
    """
    x = np.ascontiguousarray(features[:, models.positions])
    is_naive = models.standing is Level.BASELINE
    both = _naive(models, x) if is_naive else _pooled(models, x)
    for owner in set(owners.tolist()) & models.records.keys():
        record = models.records[owner]
        if record.level is not models.standing:
            rows = np.flatnonzero(owners == owner)
            both[rows] = _of_owner(models, record, x[rows], both[rows])
    parts = both[:, :-1]
    return Contributions(parts, to_link(said.ours, models.answer) - parts.sum(axis=1))


def _pooled(models: TargetModels, x: Float32Array) -> FloatArray:
    ensemble = models.pooled
    each = np.array([_of_member(models, model, x) for model in ensemble.models])
    weights = [member.weight for member in ensemble.members]
    averaged: FloatArray = np.average(each, axis=0, weights=weights)
    return averaged


def _of_member(models: TargetModels, model: Model, x: Float32Array) -> FloatArray:
    """A member's contributions; a feature that it starts from counts from the constant on."""
    parts, start = model.contributions(x), start_of(model)
    if start is not None:
        usual = to_link(np.full(len(x), models.naive.constant), models.answer)
        parts[:, start] -= usual
        parts[:, -1] += usual
    return parts


def _of_owner(
    models: TargetModels, record: EntityRecord, x: Float32Array, pooled: FloatArray
) -> FloatArray:
    if record.level is Level.BASELINE:
        return _naive(models, x)
    return pooled + record.weight * models.own[record.owner].contributions(x)


def _naive(models: TargetModels, x: Float32Array) -> FloatArray:
    """A naive forecast is moved from its constant by the one feature that it repeats."""
    naive, out = models.naive, np.zeros((len(x), x.shape[1] + 1))
    out[:, -1] = to_link(np.full(len(x), naive.constant), models.answer)
    if naive.position >= 0:
        out[:, naive.position] = to_link(naive.predict(x), models.answer) - out[:, -1]
    return out
