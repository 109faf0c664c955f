"""Numbers: residuals scaled by their usual size, recalibrated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.metrics import metric, quantile_levels
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.least_squares import fit_spread
from tracer_ray.uncertainty.recalibration import Recalibration, fit_recalibration

_GRID = quantile_levels(99)
_EDGE = 1e-9


@dataclass(frozen=True)
class NumberDistribution:
    """Forecast plus scale times a recalibrated score (normalised split conformal prediction).

    The rough score has Student's t distribution with 2 degrees of freedom: it and its inverse are
    closed forms, and its tails are heavy enough to tell far outliers apart. `size` are the weights
    of `_columns` that give the scale. Whole outcomes have their probability between k - 0.5 and
    k + 0.5; what lies below 0 is at 0 where no outcome was ever negative.
    """

    size: FloatArray
    smallest_size: float
    is_whole: bool
    is_nonnegative: bool
    recalibration: Recalibration

    def cdf(self, mu: FloatArray, value: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y <= value) of continuous Y, float64 [rows]."""
        score = (value - mu) / self._scale(mu, spread)
        return self.recalibration.apply(mu, _student(score)[:, None])[:, 0]

    def over(self, mu: FloatArray, line: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y > line), float64 [rows]."""
        edge = np.floor(line) + 0.5 if self.is_whole else line
        is_below_all = self.is_nonnegative & (line < 0.0)
        return np.where(is_below_all, 1.0, 1.0 - self.cdf(mu, edge, spread))

    def under(self, mu: FloatArray, line: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y < line), float64 [rows]."""
        edge = np.ceil(line) - 0.5 if self.is_whole else line
        is_below_all = self.is_nonnegative & (line <= 0.0)
        return np.where(is_below_all, 0.0, self.cdf(mu, edge, spread))

    def quantile(self, mu: FloatArray, levels: FloatArray, spread: FloatArray | None) -> FloatArray:
        """The smallest value with at least so much probability, float64 [rows, levels]."""
        rough = np.clip(self.recalibration.invert(mu, levels), _EDGE, 1.0 - _EDGE)
        score = (2.0 * rough - 1.0) / np.sqrt(2.0 * rough * (1.0 - rough))
        value = mu[:, None] + self._scale(mu, spread)[:, None] * score
        value = np.ceil(value - 0.5) if self.is_whole else value
        return np.maximum(value, 0.0) if self.is_nonnegative else value

    def interval(self, mu: FloatArray, coverage: float, spread: FloatArray | None) -> FloatArray:
        """The central interval, float64 [rows, 2]."""
        return self.quantile(mu, np.array([1.0 - coverage, 1.0 + coverage]) / 2.0, spread)

    def mean(self, mu: FloatArray, spread: FloatArray | None) -> FloatArray:
        """The mean without the outermost half per cents, float64 [rows]."""
        return np.asarray(self.quantile(mu, _GRID, spread).mean(axis=1))

    def crps(self, mu: FloatArray, actual: FloatArray, spread: FloatArray | None) -> FloatArray:
        """Continuous ranked probability score from 99 quantiles, float64 [rows]."""
        return metric("crps").losses(actual, self.quantile(mu, _GRID, spread))

    def to_arrays(self) -> dict[str, FloatArray]:
        """The distribution as arrays."""
        facts = [self.smallest_size, float(self.is_whole), float(self.is_nonnegative)]
        return {
            "size": self.size,
            "facts": np.array(facts),
            "centres": self.recalibration.centres,
            "bent": self.recalibration.bent,
        }

    def _scale(self, mu: FloatArray, spread: FloatArray | None) -> FloatArray:
        return np.maximum(_columns(mu, spread) @ self.size, self.smallest_size)


def fit_number(mu: FloatArray, actual: FloatArray, spread: FloatArray | None) -> NumberDistribution:
    """The distribution around forecasts of numbers."""
    residual = np.abs(actual - mu)
    size = fit_spread(_columns(mu, spread), residual)
    smallest = max(0.02 * float(residual.mean()), 1e-9)
    scale = np.maximum(_columns(mu, spread) @ size, smallest)
    rough = _student((actual - mu) / scale)
    return NumberDistribution(
        size,
        smallest,
        bool((actual == np.round(actual)).all()),
        bool((actual >= 0.0).all()),
        fit_recalibration(mu, rough, rough),
    )


def number_from_arrays(arrays: Mapping[str, FloatArray]) -> NumberDistribution:
    """The distribution of `to_arrays`; KeyError where an array is missing."""
    smallest, is_whole, is_nonnegative = arrays["facts"].tolist()
    recalibration = Recalibration(arrays["centres"], arrays["bent"])
    return NumberDistribution(
        arrays["size"], smallest, bool(is_whole), bool(is_nonnegative), recalibration
    )


def _columns(mu: FloatArray, spread: FloatArray | None) -> FloatArray:
    """What the scale is made of: a constant, the forecast's root and size, the given spread."""
    size = np.abs(mu)
    known = [np.ones_like(mu), np.sqrt(size), size]
    return np.column_stack(known if spread is None else [*known, spread])


def _student(score: FloatArray) -> FloatArray:
    """The distribution function of Student's t with 2 degrees of freedom."""
    return np.asarray(0.5 + score / (2.0 * np.sqrt(2.0 + np.square(score))))
