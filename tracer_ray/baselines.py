"""Naive forecasts: what a user would say without us, from one feature or a constant."""

from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.features import TARGET
from tracer_ray.link import from_link
from tracer_ray.rows import Float32Array, FloatArray


@dataclass(frozen=True)
class NaiveForecast:
    """The feature at `position` (-1 for none), and `constant` where it is null.

    A feature that reads logarithms is taken back from them.
    """

    position: int
    is_log: bool
    constant: float

    def predict(self, x: Float32Array) -> FloatArray:
        """The naive forecast of each row, float64 [rows].

        >>> x = np.array([[3.0], [np.nan]], np.float32)
        >>> NaiveForecast(0, False, 7.0).predict(x).tolist()
        [3.0, 7.0]
        """
        if self.position < 0:
            return np.full(len(x), self.constant)
        values = x[:, self.position].astype(np.float64)
        values = from_link(values, Answer.AMOUNT) if self.is_log else values
        return np.where(np.isfinite(values), values, self.constant)


def naive_forecast(blueprint: Blueprint, target: str, name: str, constant: float) -> NaiveForecast:
    """The baseline of that name for a target, over the target's own features."""
    baseline = next(each for each in blueprint.baselines if each.name == name)
    if not baseline.feature:
        return NaiveForecast(-1, False, constant)
    features = blueprint.features_for(target)
    wanted = baseline.feature.replace(TARGET, target)
    position = next(i for i, each in enumerate(features) if each.name == wanted)
    return NaiveForecast(position, features[position].log, constant)
