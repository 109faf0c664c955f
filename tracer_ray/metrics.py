"""How good predictions are: pure numpy metrics, each of which knows its direction and its inputs.

`metric(name)` finds one by its lower-case name. What it takes as `predicted` depends on `need`:
values or probabilities [rows], intervals [rows, 2] (lower, upper), or quantiles [rows, levels] at
the levels of `quantile_levels`. All arrays are float64; rows without an outcome must be left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tracer_ray.errors import BlueprintError
from tracer_ray.rows import FloatArray, IntArray

SMALLEST_PROBABILITY = 1e-15  # log loss of a sure and wrong prediction stays finite: 34.5
BINS = 10


class Need(StrEnum):
    """What a metric must be given as `predicted`."""

    POINT = "point"
    PROBABILITY = "probability"
    INTERVAL = "interval"
    QUANTILES = "quantiles"


Losses = Callable[[FloatArray, FloatArray], FloatArray]
Score = Callable[[FloatArray, FloatArray], float]


@dataclass(frozen=True)
class Metric:
    """A named measure of predictions against outcomes.

    `losses` gives one loss per row, float64 [rows], where the metric is a mean of such losses or
    the root of their mean; ValueError where it is not (see `has_losses`).
    """

    name: str
    need: Need
    is_lower_better: bool
    _score: Score
    _losses: Losses | None = None

    @property
    def has_losses(self) -> bool:
        """Whether rows have losses of their own."""
        return self._losses is not None

    def score(self, actual: FloatArray, predicted: FloatArray) -> float:
        """The metric over all rows; NaN where it is undefined (no rows, one class for AUC).

        >>> metric("mae").score(np.array([1.0, 3.0]), np.array([2.0, 5.0]))
        1.5
        """
        _check(actual, predicted)
        return self._score(actual, predicted) if len(actual) else float("nan")

    def losses(self, actual: FloatArray, predicted: FloatArray) -> FloatArray:
        """One loss per row, float64 [rows]; lower is better."""
        if self._losses is None:
            raise ValueError(f"{self.name} has no losses per row")
        _check(actual, predicted)
        return self._losses(actual, predicted)

    def skill(self, actual: FloatArray, predicted: FloatArray, baseline: FloatArray) -> float:
        """`skill` of the predictions against a baseline's, both judged by this metric."""
        return skill(self.score(actual, predicted), self.score(actual, baseline))

    def is_better(self, score: float, other: float) -> bool:
        """Whether a score beats another in this metric's direction."""
        return score < other if self.is_lower_better else score > other


def metric(name: str) -> Metric:
    """The metric of that name; BlueprintError naming the known ones otherwise.

    >>> metric("auc").is_lower_better
    False
    """
    if name not in _METRICS:
        raise BlueprintError(f"no metric {name!r}; there are {', '.join(sorted(_METRICS))}")
    return _METRICS[name]


def skill(loss: float, baseline_loss: float) -> float:
    """1 - loss / baseline loss: 0 is as good as the baseline, 1 is perfect; NaN without one.

    >>> skill(4.0, 5.0)
    0.2
    """
    is_defined = baseline_loss > 0 and np.isfinite(loss)
    return round(1.0 - loss / baseline_loss, 15) if is_defined else float("nan")


def quantile_levels(count: int) -> FloatArray:
    """The levels in the middle of `count` equal parts of 0..1, float64 [count].

    >>> quantile_levels(4).tolist()
    [0.125, 0.375, 0.625, 0.875]
    """
    return (np.arange(count) + 0.5) / count


def pinball_losses(actual: FloatArray, quantiles: FloatArray, levels: FloatArray) -> FloatArray:
    """Pinball loss of each quantile, float64 [rows, levels] (Koenker and Bassett, 1978)."""
    above = actual[:, None] - quantiles
    return np.maximum(levels * above, (levels - 1.0) * above)


def probability_bins(probability: FloatArray, bins: int = BINS) -> IntArray:
    """The index of each probability's equal-width bin, int64 [rows]; 1.0 is in the last."""
    return np.minimum((probability * bins).astype(np.int64), bins - 1)


def _check(actual: FloatArray, predicted: FloatArray) -> None:
    if len(actual) != len(predicted):
        raise ValueError(f"{len(actual)} outcomes but {len(predicted)} predictions")


def _mean_of(losses: Losses) -> Score:
    return lambda actual, predicted: float(np.mean(losses(actual, predicted)))


def _absolute(actual: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.abs(actual - predicted)


def _squared(actual: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.square(actual - predicted)


def _log(actual: FloatArray, predicted: FloatArray) -> FloatArray:
    likely = np.where(actual > 0.5, predicted, 1.0 - predicted)
    return np.asarray(-np.log(np.clip(likely, SMALLEST_PROBABILITY, 1.0)))


def _pinball(actual: FloatArray, predicted: FloatArray) -> FloatArray:
    levels = quantile_levels(predicted.shape[1])
    return np.asarray(pinball_losses(actual, predicted, levels).mean(axis=1))


def _crps(actual: FloatArray, predicted: FloatArray) -> FloatArray:
    """Continuous ranked probability score as twice the mean pinball loss over all levels.

    Gneiting and Ranjan (2011), Comparing density forecasts, eq. 14.
    """
    return 2.0 * _pinball(actual, predicted)


def _rmse(actual: FloatArray, predicted: FloatArray) -> float:
    return float(np.sqrt(np.mean(_squared(actual, predicted))))


def _squared_log(actual: FloatArray, predicted: FloatArray) -> FloatArray:
    """The squared difference of log(1 + value); values are not negative."""
    return np.asarray(np.square(np.log1p(actual) - np.log1p(predicted)))


def _rmsle(actual: FloatArray, predicted: FloatArray) -> float:
    """Root mean square of the error of log(1 + value): about the usual error as a share."""
    return float(np.sqrt(np.mean(_squared_log(actual, predicted))))


def _wape(actual: FloatArray, predicted: FloatArray) -> float:
    """The sum of absolute errors as a share of the sum of outcomes."""
    total = np.abs(actual).sum()
    return float(_absolute(actual, predicted).sum() / total) if total else float("nan")


def _rmspe(actual: FloatArray, predicted: FloatArray) -> float:
    """Root mean square of the error as a share of the outcome; rows with outcome 0 don't count."""
    sold = actual != 0
    if not sold.any():
        return float("nan")
    return float(np.sqrt(np.mean((1.0 - predicted[sold] / actual[sold]) ** 2)))


def _auc(actual: FloatArray, predicted: FloatArray) -> float:
    """Probability that a positive row ranks above a negative one; ties count half.

    Mann and Whitney (1947): from the mean ranks of the positive rows.
    """
    positive = actual > 0.5
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(predicted, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    beaten = ranks[positive].sum() - positives * (positives + 1) / 2.0
    return float(beaten / (positives * negatives))


def _pr_auc(actual: FloatArray, predicted: FloatArray) -> float:
    """Average precision: precision at each distinct threshold, weighted by the recall it adds."""
    positive = actual > 0.5
    if not positive.any():
        return float("nan")
    order = np.argsort(-predicted, kind="stable")
    last_of_tie = np.append(np.diff(predicted[order]) != 0, True)
    found = np.cumsum(positive[order])[last_of_tie]
    taken = np.flatnonzero(last_of_tie) + 1.0
    return float(np.sum(np.diff(found, prepend=0) * found / taken) / positive.sum())


def _ece(actual: FloatArray, predicted: FloatArray) -> float:
    """Expected calibration error over 10 equal-width bins, weighted by their rows."""
    bins = probability_bins(predicted)
    gap = np.bincount(bins, weights=actual - predicted, minlength=BINS)
    return float(np.abs(gap).sum() / len(actual))


def _coverage(actual: FloatArray, predicted: FloatArray) -> float:
    """Share of outcomes inside their interval, ends included; compare it with the nominal share."""
    return float(np.mean((actual >= predicted[:, 0]) & (actual <= predicted[:, 1])))


def _mean_metric(name: str, need: Need, losses: Losses) -> Metric:
    return Metric(name, need, True, _mean_of(losses), losses)


_METRICS = {
    each.name: each
    for each in (
        _mean_metric("mae", Need.POINT, _absolute),
        Metric("rmse", Need.POINT, True, _rmse, _squared),
        Metric("rmsle", Need.POINT, True, _rmsle, _squared_log),
        Metric("rmspe", Need.POINT, True, _rmspe),
        Metric("wape", Need.POINT, True, _wape),
        _mean_metric("log_loss", Need.PROBABILITY, _log),
        _mean_metric("brier", Need.PROBABILITY, _squared),
        Metric("auc", Need.PROBABILITY, False, _auc),
        Metric("pr_auc", Need.PROBABILITY, False, _pr_auc),
        Metric("ece", Need.PROBABILITY, True, _ece),
        _mean_metric("pinball", Need.QUANTILES, _pinball),
        _mean_metric("crps", Need.QUANTILES, _crps),
        Metric("coverage", Need.INTERVAL, False, _coverage),
    )
}
