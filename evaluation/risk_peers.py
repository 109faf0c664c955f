"""What others would say of the next return: RiskMetrics, and filtered historical simulation.

Both have a volatility per asset from its own past squared returns, weighted by 0.94 per row back
(J.P. Morgan, RiskMetrics Technical Document, 1996). RiskMetrics takes a normal distribution around
zero; filtered historical simulation the quantiles of all assets' returns before the test rows, as
multiples of their volatility (Barone-Adesi, Giannopoulos and Vosper, 1999).
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tracer_ray.data.dataset import Dataset
from tracer_ray.metrics import metric, quantile_levels
from tracer_ray.releases.release import Release
from tracer_ray.rows import BoolArray, FloatArray, IntArray
from tracer_ray.splits import Part
from tracer_ray.training.run_store import BucketReader
from tracer_ray.uncertainty.tails import Tail, tail_scores

DECAY = 0.94
_SHARES = (0.95, 0.99)
_POINTS = 20
Quantiles = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Returns:
    """Returns with the volatility before each, float64 [rows], by owners int64 [rows]."""

    actual: FloatArray
    volatility: FloatArray
    owner: IntArray

    def take(self, rows: BoolArray) -> "Returns":
        """The chosen rows."""
        return Returns(self.actual[rows], self.volatility[rows], self.owner[rows])


def risk_scores(release: Release, run_folder: str, target: str) -> dict[str, dict[str, float]]:
    """The test rows' scores of both, by their names."""
    (column,) = release.blueprint().target(target).columns
    dataset = Dataset.open(release.manifest.origin.dataset_uri)
    reader = BucketReader(f"{run_folder}/features")
    pieces, owners = [], 0
    for bucket in range(dataset.buckets):
        features, rows = reader.features(bucket), dataset.read_bucket(bucket)
        spans = zip(rows.offsets[:-1], rows.offsets[1:], strict=True)
        before = [volatility(rows.numbers[column][start:stop]) for start, stop in spans]
        outcome, owner = features.outcomes[target], rows.entity_index + owners
        pieces.append((outcome, np.concatenate(before), owner, features.parts))
        owners += len(rows.entities)
    actual, known, owner, part = (np.concatenate(each) for each in zip(*pieces, strict=True))
    whole = Returns(actual, known, owner)
    is_known = np.isfinite(whole.actual) & (whole.volatility > 0.0)
    test = whole.take(is_known & (part == Part.TEST))
    earlier = whole.take(is_known & (part != Part.TEST) & (part != Part.GAP))
    shape = earlier.actual / earlier.volatility
    return {
        "riskmetrics": _scores(test, lambda levels: np.array([*map(NormalDist().inv_cdf, levels)])),
        "filtered": _scores(test, lambda levels: np.quantile(shape, levels)),
    }


def volatility(returns: FloatArray) -> FloatArray:
    """The root of the weighted mean of earlier squared returns, float64 [rows]; NaN before any.

    >>> volatility(np.array([np.nan, 0.02, 0.01, 0.0])).round(4).tolist()
    [nan, nan, 0.02, 0.0157]
    """
    weight = total = 0.0
    found = np.full(len(returns), np.nan)
    for row, each in enumerate(returns.tolist()):
        found[row] = np.sqrt(total / weight) if weight else np.nan
        if np.isfinite(each):
            weight, total = DECAY * weight + 1.0, DECAY * total + each**2
    return found


def _scores(test: Returns, shape: Quantiles) -> dict[str, float]:
    def said(levels: FloatArray) -> FloatArray:
        return np.asarray(test.volatility[:, None] * shape(levels)[None, :])

    tails = []
    for share in _SHARES:
        levels = np.append(quantile_levels(_POINTS) * (1.0 - share), 1.0 - share)
        losses = -np.expm1(said(levels))
        tails.append(Tail(share, losses[:, -1], losses[:, :-1].mean(axis=1)))
    return {
        "crps": metric("crps").score(test.actual, said(quantile_levels(99))),
        "coverage": metric("coverage").score(test.actual, said(np.array([0.1, 0.9]))),
        **tail_scores(test.actual, tails, test.owner),
    }
