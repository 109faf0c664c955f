"""How long things last: Kaplan-Meier curves by risk, and the time until half are gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from tracer_ray.rows import BoolArray, FloatArray, IntArray

GROUP_ROWS, MOST_GROUPS = 100, 5
FEWEST_ROWS = 30
FEWEST_ENDS = 10


@dataclass(frozen=True)
class SurvivalCurve:
    """The share that lasts longer than each of `times` (rising), float64 [times] each.

    `longest` is the longest time that anybody was followed; the curve says nothing beyond.
    """

    times: FloatArray
    shares: FloatArray
    longest: float

    def share(self, time: float) -> float:
        """The share that lasts longer than a time."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return float(self.shares[place - 1]) if place else 1.0

    def time_until(self, gone: float, since: float = 0.0) -> float | None:
        """How long until a share of those that lasted until `since` is gone; None where unknown.

        >>> curve = kaplan_meier(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True] * 4))
        >>> curve.time_until(0.5), curve.time_until(0.5, since=2.0)
        (2.0, 1.0)
        >>> curve.time_until(0.5, since=9.0) is None
        True
        """
        left = self.share(since)
        if left <= 0.0 or since > self.longest:
            return None
        reached = (self.shares <= (1.0 - gone) * left + 1e-12) & (self.times >= since)
        return float(self.times[np.argmax(reached)] - since) if reached.any() else None

    def to_json(self) -> dict[str, object]:
        """The curve as plain values."""
        return {
            "times": self.times.tolist(),
            "shares": self.shares.tolist(),
            "longest": self.longest,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, object]) -> "SurvivalCurve":
        """The curve that was written by `to_json`."""
        times, shares = (
            np.array(cast(list[float], said[name]), np.float64) for name in ("times", "shares")
        )
        return cls(times, shares, float(str(said["longest"])))


def kaplan_meier(lasted: FloatArray, has_ended: BoolArray) -> SurvivalCurve:
    """The product-limit estimate of Kaplan and Meier (1958), from times and whether each ended.

    Who has not ended was followed that long and no longer.

    >>> kaplan_meier(np.array([2.0, 3.0, 5.0]), np.array([True, False, True])).shares.round(3)
    array([0.667, 0.   ])
    """
    times = np.unique(lasted[has_ended])
    ordered = np.sort(lasted)
    at_risk = len(ordered) - np.searchsorted(ordered, times, side="left")
    ended = np.sort(lasted[has_ended])
    ends = np.searchsorted(ended, times, side="right") - np.searchsorted(ended, times, side="left")
    shares = np.cumprod(1.0 - ends / np.maximum(at_risk, 1))
    return SurvivalCurve(times, np.asarray(shares, np.float64), float(ordered[-1]))


@dataclass(frozen=True)
class SurvivalByRisk:
    """A curve per group of equal risk; group `i` has probabilities from `edges[i]` on.

    `edges` begin at 0 and rise. A group in which too little was seen has None.
    """

    edges: tuple[float, ...]
    curves: tuple[SurvivalCurve | None, ...]

    def groups(self, probability: FloatArray) -> IntArray:
        """The group of each probability, int64 [rows]."""
        return np.searchsorted(np.array(self.edges), probability, side="right") - 1

    def to_json(self) -> dict[str, object]:
        """The groups as plain values."""
        curves = [each.to_json() if each else None for each in self.curves]
        return {"edges": list(self.edges), "curves": curves}

    @classmethod
    def from_json(cls, said: Mapping[str, object]) -> "SurvivalByRisk":
        """The groups that were written by `to_json`."""
        curves = cast(list[Mapping[str, object] | None], said["curves"])
        return cls(
            tuple(cast(list[float], said["edges"])),
            tuple(SurvivalCurve.from_json(each) if each else None for each in curves),
        )


def survival_by_risk(
    probability: FloatArray, lasted: FloatArray, has_ended: FloatArray
) -> SurvivalByRisk:
    """Curves of up to five groups of equally many rows, from low to high probability.

    A group has about 100 rows or more. `has_ended` is 1.0 or 0.0; rows in which it or `lasted` is
    NaN count for nothing, and a group with fewer than 30 rows or 10 ends has no curve.
    """
    known = np.isfinite(lasted) & np.isfinite(has_ended)
    count = int(np.clip(known.sum() // GROUP_ROWS, 1, MOST_GROUPS))
    shares = np.arange(1, count) / count
    inner: list[float] = np.quantile(probability[known], shares).tolist() if known.any() else []
    edges = tuple(sorted({0.0, *inner}))
    return SurvivalByRisk(edges, _curves(edges, probability, lasted, has_ended))


def _curves(
    edges: tuple[float, ...], probability: FloatArray, lasted: FloatArray, has_ended: FloatArray
) -> tuple[SurvivalCurve | None, ...]:
    known = np.isfinite(lasted) & np.isfinite(has_ended)
    group = SurvivalByRisk(edges, ()).groups(probability)
    masks = [known & (group == place) for place in range(len(edges))]
    return tuple(
        kaplan_meier(lasted[rows], has_ended[rows] == 1.0)
        if rows.sum() >= FEWEST_ROWS and has_ended[rows].sum() >= FEWEST_ENDS
        else None
        for rows in masks
    )


def survival_error(
    survival: SurvivalByRisk, probability: FloatArray, lasted: FloatArray, has_ended: FloatArray
) -> float:
    """How far the curves are from those of other rows: the mean absolute difference of shares.

    Averaged over the times of each group's curve that the other rows reach, and over groups by
    their rows; NaN where no group has a curve on both sides.
    """
    others = _curves(survival.edges, probability, lasted, has_ended)
    sizes = np.bincount(survival.groups(probability), minlength=len(others))
    errors, weights = [], []
    for mine, other, size in zip(survival.curves, others, sizes.tolist(), strict=True):
        times = mine.times[mine.times <= other.longest] if mine and other else np.zeros(0)
        if mine and other and len(times):
            apart = [abs(mine.share(time) - other.share(time)) for time in times.tolist()]
            errors.append(float(np.mean(apart)))
            weights.append(size)
    return float(np.average(errors, weights=weights)) if errors else float("nan")
