"""Calibration of probabilities: a monotone correction, kept only if it is really better.

A calibrator is fitted to rows that neither training nor selection has seen. Which one is chosen is
decided inside that slice by cross-validation, so isotonic steps are never judged on the rows that
made them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tracer_ray.errors import ReleaseError
from tracer_ray.link import log_odds, sigmoid
from tracer_ray.metrics import BINS, metric, probability_bins
from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.significance import ONE_SIDED_95_PERCENT

Json = Mapping[str, str | Sequence[float]]


class Method(StrEnum):
    """The form of the correction."""

    NONE = "none"
    SIGMOID = "sigmoid"  # log-odds times a slope plus an intercept: (intercept, slope)
    ISOTONIC = "isotonic"  # piecewise linear through the blocks of an isotonic regression


@dataclass(frozen=True)
class Calibrator:
    """A monotone map from raw to calibrated probabilities.

    `x` are the knots of an isotonic calibrator and `y` their values; a sigmoid holds intercept and
    slope in `y`.
    """

    method: Method = Method.NONE
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def apply(self, probability: FloatArray) -> FloatArray:
        """Calibrated probabilities, float64 [rows], always in the order of the raw ones.

        >>> Calibrator(Method.ISOTONIC, (0.2, 0.8), (0.1, 0.5)).apply(np.array([0.0, 0.5, 1.0]))
        array([0.1, 0.3, 0.5])
        """
        if self.method is Method.SIGMOID:
            intercept, slope = self.y
            return sigmoid(intercept + slope * log_odds(probability))
        if self.method is Method.ISOTONIC:
            return np.interp(probability, self.x, self.y)
        return probability

    def to_json(self) -> dict[str, str | list[float]]:
        """The calibrator as plain JSON values."""
        return {"method": self.method.value, "x": list(self.x), "y": list(self.y)}

    @staticmethod
    def from_json(data: Json) -> "Calibrator":
        """The calibrator of `to_json`; ReleaseError where it is none.

        >>> Calibrator.from_json(Calibrator().to_json()) == Calibrator()
        True
        """
        try:
            x, y = (tuple(float(value) for value in data[name]) for name in ("x", "y"))
            return Calibrator(Method(str(data["method"])), x, y)
        except (KeyError, ValueError) as error:
            raise ReleaseError(f"no calibrator: {dict(data)}; train the release again") from error


@dataclass(frozen=True)
class Reliability:
    """Predicted against observed, per equal-width bin of the prediction; NaN in empty bins."""

    mean_predicted: FloatArray
    observed: FloatArray
    rows: IntArray


def choose_calibration(
    probability: FloatArray, outcome: FloatArray, minimum_rows: int = 200, folds: int = 5
) -> Calibrator:
    """The calibrator with the lowest cross-validated Brier score, or none.

    Rows are in time order; the folds are contiguous blocks. None is kept below `minimum_rows`, for
    outcomes of one class, and unless another beats it by 1.645 standard errors of the paired
    difference. Float64 [rows] both; outcomes are 0.0 or 1.0.
    """
    if len(outcome) < minimum_rows or outcome.min() == outcome.max():
        return Calibrator()
    brier = metric("brier")
    raw = brier.losses(outcome, probability)
    best, best_gain = Calibrator(), 0.0
    for fit in (fit_sigmoid, fit_isotonic):
        gain = raw - brier.losses(outcome, _held_out(fit, probability, outcome, folds))
        noise = float(np.std(gain) / np.sqrt(len(gain)))
        if gain.mean() > max(best_gain, ONE_SIDED_95_PERCENT * noise):
            best, best_gain = fit(probability, outcome), float(gain.mean())
    return best


def fit_sigmoid(probability: FloatArray, outcome: FloatArray) -> Calibrator:
    """Logistic regression of the outcome on the log-odds (Platt, 1999), by damped Newton steps.

    A pull of one pseudo-row towards the identity keeps separable outcomes finite; a negative slope
    is no calibration and becomes 0.
    """
    margin = log_odds(probability)
    design = np.stack([np.ones_like(margin), margin], axis=1)
    identity = np.array([0.0, 1.0])
    weights = identity.copy()
    for _ in range(25):
        fitted = sigmoid(design @ weights)
        gradient = design.T @ (outcome - fitted) - (weights - identity)
        curvature = (design * (fitted * (1.0 - fitted))[:, None]).T @ design + np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while _penalised(design, outcome, weights + step) > _penalised(design, outcome, weights):
            step = step / 2.0  # a whole step from far away overshoots
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    if weights[1] < 0:
        weights = np.array([log_odds(np.array([outcome.mean()]))[0], 0.0])
    return Calibrator(Method.SIGMOID, (), tuple(weights.tolist()))


def _penalised(design: FloatArray, outcome: FloatArray, weights: FloatArray) -> float:
    """The negative log-likelihood and the pull towards the identity, without overflow."""
    margin = design @ weights
    loss = np.logaddexp(0.0, margin) - outcome * margin
    return float(loss.sum() + 0.5 * np.square(weights - np.array([0.0, 1.0])).sum())


def fit_isotonic(probability: FloatArray, outcome: FloatArray) -> Calibrator:
    """Isotonic regression (Zadrozny and Elkan, 2002), linear between the middles of its blocks.

    The outer blocks are pulled off 0 and 1 by half a row, so that no answer is ever certain.
    """
    from sklearn.isotonic import isotonic_regression

    knots, inverse, counts = np.unique(probability, return_inverse=True, return_counts=True)
    observed = np.bincount(inverse, weights=outcome) / counts
    fitted = isotonic_regression(observed, sample_weight=counts)
    level, block = np.unique(fitted, return_inverse=True)
    rows = np.bincount(block, weights=counts)
    middle = np.bincount(block, weights=knots * counts) / rows
    level = np.clip(level, 0.5 / (rows[0] + 1.0), 1.0 - 0.5 / (rows[-1] + 1.0))
    return Calibrator(Method.ISOTONIC, tuple(middle.tolist()), tuple(level.tolist()))


def reliability(probability: FloatArray, outcome: FloatArray, bins: int = BINS) -> Reliability:
    """The reliability table over equal-width bins.

    >>> table = reliability(np.array([0.1, 0.3, 0.9]), np.array([0.0, 1.0, 1.0]), bins=2)
    >>> table.mean_predicted.tolist(), table.observed.tolist(), table.rows.tolist()
    ([0.2, 0.9], [0.5, 1.0], [2, 1])
    """
    index = probability_bins(probability, bins)
    rows = np.bincount(index, minlength=bins)
    shares = np.where(rows > 0, rows, np.nan)
    return Reliability(
        mean_predicted=np.bincount(index, weights=probability, minlength=bins) / shares,
        observed=np.bincount(index, weights=outcome, minlength=bins) / shares,
        rows=rows.astype(np.int64),
    )


Fit = Callable[[FloatArray, FloatArray], Calibrator]


def _held_out(fit: Fit, probability: FloatArray, outcome: FloatArray, folds: int) -> FloatArray:
    """Calibrated probabilities of every row, each from a fit without its own block."""
    calibrated = np.empty_like(probability)
    for held_out in np.array_split(np.arange(len(outcome)), folds):
        calibrator = fit(np.delete(probability, held_out), np.delete(outcome, held_out))
        calibrated[held_out] = calibrator.apply(probability[held_out])
    return calibrated
