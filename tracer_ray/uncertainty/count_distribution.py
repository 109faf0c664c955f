"""Counts: a negative binomial around the forecast, recalibrated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.least_squares import fit_non_negative, fit_spread
from tracer_ray.uncertainty.recalibration import Recalibration, fit_recalibration

LARGEST_COUNT = 300  # above, a count is a whole number like any other
_SMALLEST_MEAN = 1e-4
_MOST_SUCCESSES = 1e6  # practically Poisson


@dataclass(frozen=True)
class CountDistribution:
    """P(Y <= k) of a negative binomial, recalibrated; nothing lies below 0.

    `line` (intercept, slope) turns the forecast into the mean: a forecast that minimises the
    absolute error is a median. `size` are the weights of `_columns` that give the variance.
    """

    line: FloatArray
    size: FloatArray
    recalibration: Recalibration

    def over(self, mu: FloatArray, line: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y > line), float64 [rows]."""
        return 1.0 - self._upto(mu, np.floor(line), spread)

    def under(self, mu: FloatArray, line: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y < line), float64 [rows]."""
        return self._upto(mu, np.ceil(line) - 1.0, spread)

    def quantile(self, mu: FloatArray, levels: FloatArray, spread: FloatArray | None) -> FloatArray:
        """The smallest count with at least so much probability, float64 [rows, levels]."""
        return _smallest_count(self._table(mu, spread), levels)

    def interval(self, mu: FloatArray, coverage: float, spread: FloatArray | None) -> FloatArray:
        """The central interval of counts whose probability is nearest, float64 [rows, 2]."""
        table = self._table(mu, spread)
        tails = _smallest_count(table, np.array([1.0 - coverage, 1.0 + coverage]) / 2.0)
        moves = np.array([[0, 0], [1, 0], [0, -1], [1, -1]])
        low = tails[:, :1].astype(np.int64) + moves[:, 0]
        high = tails[:, 1:].astype(np.int64) + moves[:, 1]
        padded = np.concatenate([np.zeros((len(mu), 1)), table], axis=1)
        last = padded.shape[1] - 1
        held = np.take_along_axis(padded, np.clip(high + 1, 0, last), axis=1)
        held = held - np.take_along_axis(padded, np.clip(low, 0, last), axis=1)
        miss = np.where(low <= high, np.abs(held - coverage), np.inf)
        best = miss.argmin(axis=1)[:, None]
        ends = [np.take_along_axis(side, best, axis=1) for side in (low, high)]
        return np.concatenate(ends, axis=1).astype(np.float64)

    def mean(self, mu: FloatArray, spread: FloatArray | None) -> FloatArray:
        """The mean count, float64 [rows]."""
        return np.asarray((1.0 - self._table(mu, spread)).sum(axis=1))

    def crps(self, mu: FloatArray, actual: FloatArray, spread: FloatArray | None) -> FloatArray:
        """Ranked probability score, float64 [rows]: exact for counts within the support."""
        table = self._table(mu, spread)
        reached = np.arange(table.shape[1]) >= actual[:, None]
        beyond = np.maximum(actual - table.shape[1], 0.0)
        return np.asarray(np.square(table - reached).sum(axis=1) + beyond)

    def to_arrays(self) -> dict[str, FloatArray]:
        """The distribution as arrays."""
        return {
            "line": self.line,
            "size": self.size,
            "centres": self.recalibration.centres,
            "bent": self.recalibration.bent,
        }

    def _upto(self, mu: FloatArray, count: FloatArray, spread: FloatArray | None) -> FloatArray:
        table = self._table(mu, spread)
        at = np.clip(count, 0, table.shape[1] - 1).astype(np.int64)
        return np.where(count < 0.0, 0.0, np.take_along_axis(table, at[:, None], axis=1)[:, 0])

    def _table(self, mu: FloatArray, spread: FloatArray | None) -> FloatArray:
        """P(Y <= k), float64 [rows, support]."""
        mean = _mean(mu, self.line)
        return self.recalibration.apply(mean, _rough(mean, _columns(mean, spread) @ self.size, 0))


def fit_count(mu: FloatArray, actual: FloatArray, spread: FloatArray | None) -> CountDistribution:
    """The distribution around forecasts of counts."""
    known = np.stack([np.ones_like(mu), np.maximum(mu, 0.0)], axis=1)
    heft = 1.0 / np.maximum(known[:, 1], 0.1 * float(actual.mean()) + 1e-9)
    line = fit_non_negative(known, actual, heft / heft.mean())
    mean = _mean(mu, line)
    size = fit_spread(_columns(mean, spread), np.square(actual - mean))
    table = _rough(mean, _columns(mean, spread) @ size, int(actual.max()))
    table = np.concatenate([np.zeros((len(mu), 1)), table], axis=1)
    at = actual.astype(np.int64)[:, None]
    below, upto = (np.take_along_axis(table, at + more, axis=1)[:, 0] for more in (0, 1))
    return CountDistribution(line, size, fit_recalibration(mean, below, upto))


def count_from_arrays(arrays: Mapping[str, FloatArray]) -> CountDistribution:
    """The distribution of `to_arrays`; KeyError where an array is missing."""
    recalibration = Recalibration(arrays["centres"], arrays["bent"])
    return CountDistribution(arrays["line"], arrays["size"], recalibration)


def _mean(mu: FloatArray, line: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(line[0] + line[1] * np.maximum(mu, 0.0), _SMALLEST_MEAN))


def _columns(mean: FloatArray, spread: FloatArray | None) -> FloatArray:
    """What the variance is made of: the mean, its square, the square of the given spread."""
    known = [mean, mean**2]
    return np.column_stack(known if spread is None else [*known, spread**2])


def _rough(mean: FloatArray, variance: FloatArray, largest: int) -> FloatArray:
    """P(Y <= k) of negative binomials for k from 0 to far in the tail, float64 [rows, support]."""
    excess = np.maximum(variance - mean, 0.0)
    successes = np.clip(mean**2 / np.maximum(excess, 1e-12), 1e-2, _MOST_SUCCESSES)
    tail = mean + 8.0 * np.sqrt(np.maximum(variance, mean)) + 10.0
    count = np.arange(1.0, max(float(tail.max()), largest) + 1.0)
    ratio = (count - 1.0 + successes[:, None]) / count * (mean / (mean + successes))[:, None]
    first = np.exp(-successes * np.log1p(mean / successes))[:, None]
    mass = np.cumprod(np.concatenate([first, ratio], axis=1), axis=1)
    return np.asarray(np.minimum(np.cumsum(mass, axis=1), 1.0))


def _smallest_count(table: FloatArray, levels: FloatArray) -> FloatArray:
    """The first column that reaches each level, float64 [rows, levels]."""
    first = np.arange(len(table))[:, None]
    flat = (table + 2.0 * first).ravel()
    found = np.searchsorted(flat, (levels - 1e-12 + 2.0 * first).ravel())
    column = found.reshape(len(table), -1) - first * table.shape[1]
    return np.asarray(np.clip(column, 0, table.shape[1] - 1), dtype=np.float64)
