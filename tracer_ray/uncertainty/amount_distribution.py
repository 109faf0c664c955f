"""Amounts: a distribution of their logarithm, answered on their own scale."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.link import from_link, to_link
from tracer_ray.metrics import metric, quantile_levels
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.number_distribution import (
    NumberDistribution,
    fit_number,
    number_from_arrays,
)

_GRID = quantile_levels(99)
_FEW_ROWS = 60
_USUAL = 0.9  # the share of errors that are not far


@dataclass(frozen=True)
class AmountDistribution:
    """What log(1 + amount) may be around its forecast; the mean is above the median."""

    log: NumberDistribution

    def over(self, mu: FloatArray, line: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y > line), float64 [rows]."""
        return np.where(line < 0.0, 1.0, self.log.over(_log(mu), _log(line), spread))

    def under(self, mu: FloatArray, line: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y < line), float64 [rows]."""
        return np.where(line <= 0.0, 0.0, self.log.under(_log(mu), _log(line), spread))

    def quantile(self, mu: FloatArray, levels: FloatArray, spread: FloatArray | None) -> FloatArray:
        """The smallest value with at least so much probability, float64 [rows, levels]."""
        return from_link(self.log.quantile(_log(mu), levels, spread), Answer.AMOUNT)

    def interval(self, mu: FloatArray, coverage: float, spread: FloatArray | None) -> FloatArray:
        """The central interval, float64 [rows, 2]."""
        return from_link(self.log.interval(_log(mu), coverage, spread), Answer.AMOUNT)

    def mean(self, mu: FloatArray, spread: FloatArray | None) -> FloatArray:
        """The mean without the outermost half per cents, float64 [rows]."""
        return np.asarray(self.quantile(mu, _GRID, spread).mean(axis=1))

    def crps(self, mu: FloatArray, actual: FloatArray, spread: FloatArray | None) -> FloatArray:
        """Continuous ranked probability score from 99 quantiles, float64 [rows]."""
        return metric("crps").losses(actual, self.quantile(mu, _GRID, spread))

    def to_arrays(self) -> dict[str, FloatArray]:
        """The distribution as arrays."""
        return self.log.to_arrays()


def fit_amount(mu: FloatArray, actual: FloatArray) -> AmountDistribution:
    """The distribution around forecasts of amounts from 0 up.

    Below 60 rows, none of them 0, each counts with its mirror image too, but for the far ones: a
    few rows, mostly of one stretch of time, say how far the next may fall, and not to which side.

    >>> high = fit_amount(np.full(50, 9.0), np.linspace(10.0, 12.0, 50))
    >>> high.interval(np.array([9.0]), 0.8, None).round(1).tolist()
    [[6.9, 11.6]]
    """
    log, seen = _log(mu), _log(actual)
    if len(mu) < _FEW_ROWS and (actual > 0.0).all():
        usual = float(np.quantile(np.abs(seen - log), _USUAL))
        mirrored = np.maximum(log - np.clip(seen - log, -usual, usual), 0.0)
        log, seen = np.tile(log, 2), np.concatenate([seen, mirrored])
    return AmountDistribution(fit_number(log, seen, None))


def amount_from_arrays(arrays: Mapping[str, FloatArray]) -> AmountDistribution:
    """The distribution of `to_arrays`; KeyError where an array is missing."""
    return AmountDistribution(number_from_arrays(arrays))


def _log(value: FloatArray) -> FloatArray:
    return to_link(value, Answer.AMOUNT)
