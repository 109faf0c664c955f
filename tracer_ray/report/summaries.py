"""What the charts and tables show, computed from test rows and entities' records."""

from dataclasses import dataclass

import numpy as np

from tracer_ray.releases.tables import EntityRecord, Level
from tracer_ray.rows import FloatArray

Z_95 = 1.959963984540054
COVERAGES = (0.5, 0.8, 0.9)


@dataclass(frozen=True)
class Bins:
    """Rows grouped by forecast, float64 [bins] each: mean forecast, mean outcome, and a band.

    The band is a 95 % interval of the mean (reliability) or holds 80 % of the outcomes (spread).
    """

    forecast: FloatArray
    outcome: FloatArray
    low: FloatArray
    high: FloatArray
    rows: FloatArray


@dataclass(frozen=True)
class LevelShare:
    """How many entities one level answers for, and their mean losses weighted by test rows."""

    level: Level
    entities: int
    test_rows: int
    ours: float
    pooled: float
    baseline: float


def reliability(probability: FloatArray, is_true: FloatArray, bins: int = 10) -> Bins:
    """How often what was given a probability happened, in groups of equally many rows.

    The band is Wilson's score interval (Wilson 1927).

    >>> found = reliability(np.array([0.2, 0.2, 0.8, 0.8]), np.array([0.0, 0.0, 1.0, 0.0]), bins=2)
    >>> found.forecast, found.outcome
    (array([0.2, 0.8]), array([0. , 0.5]))
    """
    index, count = _group(probability, bins)
    rows = np.bincount(index, minlength=count).astype(np.float64)
    rate = np.bincount(index, is_true, count) / rows
    centre = (rate + Z_95**2 / (2 * rows)) / (1 + Z_95**2 / rows)
    half = Z_95 * np.sqrt(rate * (1 - rate) / rows + (Z_95 / (2 * rows)) ** 2)
    half /= 1 + Z_95**2 / rows
    forecast = np.bincount(index, probability, count) / rows
    return Bins(forecast, rate, np.maximum(centre - half, 0), np.minimum(centre + half, 1), rows)


def spread(predicted: FloatArray, actual: FloatArray, bins: int = 20) -> Bins:
    """Mean outcome, and the span that holds 80 % of the outcomes, in groups by forecast."""
    index, count = _group(predicted, bins)
    groups = [actual[index == group] for group in range(count)]
    rows = np.array([len(group) for group in groups], dtype=np.float64)
    return Bins(
        np.bincount(index, predicted, count) / rows,
        np.array([group.mean() for group in groups]),
        np.array([np.quantile(group, 0.1) for group in groups]),
        np.array([np.quantile(group, 0.9) for group in groups]),
        rows,
    )


def coverage(pit: FloatArray) -> dict[float, float]:
    """The share of outcomes inside each central interval, by the interval's nominal share.

    >>> coverage(np.array([0.05, 0.3, 0.5, 0.7, 0.999]))
    {0.5: 0.6, 0.8: 0.6, 0.9: 0.8}
    """
    return {
        nominal: round(float(np.mean(np.abs(pit - 0.5) <= nominal / 2 + 1e-9)), 6)
        for nominal in COVERAGES
    }


def level_shares(records: tuple[EntityRecord, ...]) -> tuple[LevelShare, ...]:
    """One line per level that answers for anybody, the commonest first."""
    shares = [
        _level_share(level, [record for record in records if record.level == level])
        for level in Level
    ]
    return tuple(sorted((each for each in shares if each.entities), key=lambda s: -s.entities))


def judged(records: tuple[EntityRecord, ...], least_rows: int = 1) -> tuple[EntityRecord, ...]:
    """The entities whose skill is known from at least so many test rows, best first."""
    known = [
        record for record in records if np.isfinite(record.skill) and record.test_rows >= least_rows
    ]
    return tuple(sorted(known, key=lambda record: (-record.skill, record.owner)))


def _level_share(level: Level, records: list[EntityRecord]) -> LevelShare:
    rows = [record.test_rows for record in records]
    return LevelShare(
        level,
        len(records),
        sum(rows),
        _weighted([record.test_ours for record in records], rows),
        _weighted([record.test_pooled for record in records], rows),
        _weighted([record.test_baseline for record in records], rows),
    )


def _weighted(values: list[float], weights: list[int]) -> float:
    value, weight = np.array(values), np.array(weights, dtype=np.float64)
    weight = np.where(np.isfinite(value), weight, 0.0)
    if not weight.sum():
        return float("nan")
    return float(np.nan_to_num(value) @ weight / weight.sum())


def _group(values: FloatArray, bins: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int]:
    """The group of each value, equally many in each as far as ties allow, and how many groups."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1], method="lower"))
    found = np.searchsorted(edges, values, side="left")
    groups, index = np.unique(found, return_inverse=True)
    return index.astype(np.int64), len(groups)
