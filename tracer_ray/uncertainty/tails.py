"""How much may be lost: value at risk and expected shortfall, and whether they hold.

Both come from the predictive distribution of a return: its shape, which is that of past returns as
multiples of their recent deviations, is scaled by the deviations of today (filtered historical
simulation; Barone-Adesi, Giannopoulos and Vosper, 1999).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, log, sqrt

import numpy as np

from tracer_ray.metrics import quantile_levels
from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.uncertainty.distribution import Distribution

_POINTS = 20  # of the tail, that its mean is taken of
_GRID = quantile_levels(99)
SIGNIFICANCE = 0.05
LEAST_ROWS = 100  # of an asset that is tested


@dataclass(frozen=True)
class Tail:
    """What is lost at most with a probability of `share`, and on average beyond that.

    Losses are shares of the value, float64 [rows], from logarithms of returns.
    """

    share: float
    value_at_risk: FloatArray
    expected_shortfall: FloatArray


def tails(
    distribution: Distribution,
    forecast: FloatArray,
    spread: FloatArray | None,
    shares: Sequence[float],
) -> tuple[Tail, ...]:
    """The tails below forecasts of logarithmic returns."""
    found = []
    for share in shares:
        levels = np.append(quantile_levels(_POINTS) * (1.0 - share), 1.0 - share)
        losses = -np.expm1(distribution.quantile(forecast, levels, spread))
        found.append(Tail(share, losses[:, -1], losses[:, :-1].mean(axis=1)))
    return tuple(found)


def volatility(
    distribution: Distribution, forecast: FloatArray, spread: FloatArray | None
) -> FloatArray:
    """The standard deviation without the outermost half per cents, float64 [rows]."""
    return np.asarray(distribution.quantile(forecast, _GRID, spread).std(axis=1))


def kupiec(breaches: int, rows: int, share: float) -> float:
    """The p-value of so many losses beyond a value at risk, of so many (Kupiec, 1995).

    A likelihood ratio with one degree of freedom: small where losses were too many or too few.

    >>> round(kupiec(5, 100, 0.95), 3), round(kupiec(12, 100, 0.95), 3)
    (1.0, 0.006)
    """
    expected = 1.0 - share
    observed = breaches / rows
    ratio = _log_likelihood(breaches, rows, observed) - _log_likelihood(breaches, rows, expected)
    return erfc(sqrt(max(ratio, 0.0)))


def tail_scores(actual: FloatArray, found: Sequence[Tail], owners: IntArray) -> dict[str, float]:
    """How often and how far losses went beyond, float64 [rows], by owners int64 [rows].

    `var_95_breaches` is the share of such rows. Assets fall on the same days, so the test is made
    for each of at least 100 rows: `var_95_rejected` is the share of assets for which it says no
    at 5 %, which is about 5 % where the value at risk holds. `es_95_ratio` is the mean loss of
    breaches over what was expected of them.
    """
    lost = -np.expm1(actual)
    scores: dict[str, float] = {}
    for tail in found:
        is_beyond = lost > tail.value_at_risk
        name = f"{100 * tail.share:g}"
        scores[f"var_{name}_breaches"] = float(is_beyond.mean())
        rows, breaches = np.bincount(owners), np.bincount(owners, weights=is_beyond)
        tested = np.flatnonzero(rows >= LEAST_ROWS)
        chances = [kupiec(int(breaches[each]), int(rows[each]), tail.share) for each in tested]
        if chances:
            scores[f"var_{name}_rejected"] = float(np.mean(np.array(chances) < SIGNIFICANCE))
        if is_beyond.any():
            expected = tail.expected_shortfall[is_beyond].mean()
            scores[f"es_{name}_ratio"] = float(lost[is_beyond].mean() / expected)
    return scores


def _log_likelihood(breaches: int, rows: int, chance: float) -> float:
    beyond = breaches * log(chance) if breaches else 0.0
    within = (rows - breaches) * log(1.0 - chance) if breaches < rows else 0.0
    return beyond + within
