"""Recalibrating a rough distribution with held-out rows.

Where outcomes fall in the rough distribution (their probability integral transforms, PIT) says how
it must be bent: the bent distribution gives the k-th smallest of n transforms the probability
k / (n + 1), which is a split conformal predictive distribution (Vovk and others, 2017,
Nonparametric predictive distributions based on conformal prediction) with the transform as
conformity score (Chernozhukov, Wuethrich and Zhu, 2021, Distributional conformal prediction).
Separately in bins of the forecast (Mondrian), and linear between the bins' centres.
"""

from dataclasses import dataclass

import numpy as np

from tracer_ray.rows import FloatArray, IntArray

_STEPS = 256
_KNOTS = np.linspace(0.0, 1.0, _STEPS + 1)
_ROWS_PER_BIN = 500
_MOST_BINS = 20


@dataclass(frozen=True)
class Recalibration:
    """Rough to calibrated cumulative probability, along the forecast.

    `centres` [bins] are rising forecasts; `bent` [bins, 257] the calibrated values of the rough
    probabilities 0, 1/256, ..., 1.
    """

    centres: FloatArray
    bent: FloatArray

    def apply(self, forecast: FloatArray, rough: FloatArray) -> FloatArray:
        """Calibrated cumulative probabilities of rough ones, float64 [rows, points]."""
        lower, share = self._place(forecast)
        upper = np.minimum(lower + 1, len(self.centres) - 1)
        knot = np.minimum((rough * _STEPS).astype(np.int64), _STEPS - 1)
        part = rough * _STEPS - knot
        near, far = (self._between(rows[:, None], knot, part) for rows in (lower, upper))
        return np.asarray(near + share[:, None] * (far - near))

    def invert(self, forecast: FloatArray, level: FloatArray) -> FloatArray:
        """The rough cumulative probabilities that give these levels, float64 [rows, levels]."""
        lower, share = self._place(forecast)
        upper = np.minimum(lower + 1, len(self.centres) - 1)
        bent = self.bent[lower] + share[:, None] * (self.bent[upper] - self.bent[lower])
        first = np.arange(len(bent))[:, None]
        flat, size = (bent + 2.0 * first).ravel(), _STEPS + 1
        after = np.searchsorted(flat, (level + 2.0 * first).ravel()).reshape(len(bent), -1)
        after = np.clip(after, first * size + 1, first * size + _STEPS)
        low, high = flat[after - 1] - 2.0 * first, flat[after] - 2.0 * first
        part = np.clip((level - low) / np.maximum(high - low, 1e-300), 0.0, 1.0)
        return np.asarray((after - 1 - first * size + part) / _STEPS)

    def _place(self, forecast: FloatArray) -> tuple[IntArray, FloatArray]:
        last = len(self.centres) - 1
        position = np.interp(forecast, self.centres, np.arange(last + 1))
        lower = np.minimum(position.astype(np.int64), max(last - 1, 0))
        return lower, position - lower

    def _between(self, rows: IntArray, knot: IntArray, part: FloatArray) -> FloatArray:
        low = self.bent[rows, knot]
        return np.asarray(low + part * (self.bent[rows, knot + 1] - low))


def fit_recalibration(forecast: FloatArray, below: FloatArray, upto: FloatArray) -> Recalibration:
    """The map that makes the outcomes' transforms uniform.

    `below` and `upto` [rows] are the rough P(Y < actual) and P(Y <= actual); equal for continuous
    outcomes. Where they differ the transform is spread evenly between them (Czado, Gneiting and
    Held, 2009), which needs no random numbers.
    """
    bins = int(np.clip(len(forecast) // _ROWS_PER_BIN, 1, _MOST_BINS))
    edges = np.unique(np.quantile(forecast, np.arange(1, bins) / bins))
    index = np.searchsorted(edges, forecast, side="right")
    used = np.unique(index)
    members = [index == each for each in used]
    centres = np.array([forecast[rows].mean() for rows in members])
    return Recalibration(centres, np.stack([_bend(below[rows], upto[rows]) for rows in members]))


def _bend(below: FloatArray, upto: FloatArray) -> FloatArray:
    """The transforms' distribution at the knots, with one more row spread over all of 0..1."""
    if (below == upto).all():
        share = np.arange(1, len(upto) + 1) / (len(upto) + 1)
        return np.interp(_KNOTS, np.r_[0.0, np.sort(upto), 1.0], np.r_[0.0, share, 1.0])
    width = np.maximum(upto - below, 1e-12)
    reached = np.clip((_KNOTS - below[:, None]) / width[:, None], 0.0, 1.0)
    return np.asarray((reached.sum(axis=0) + _KNOTS) / (len(upto) + 1))
