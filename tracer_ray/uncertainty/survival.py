"""How long things last: Kaplan-Meier curves by band of risk, and the days until half are gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from tracer_ray.rows import BoolArray, FloatArray

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


def curves_by_band(
    bands: list[str], lasted: FloatArray, has_ended: FloatArray
) -> dict[str, SurvivalCurve]:
    """A curve per band of risk; none for a band with fewer than 30 rows or 10 ends.

    `has_ended` is 1.0 or 0.0; rows in which either is NaN count for nothing.
    """
    names = np.array(bands, dtype=np.object_)
    known = np.isfinite(lasted) & np.isfinite(has_ended)
    found = {}
    for band in dict.fromkeys(bands):
        rows = known & (names == band)
        ends = int(has_ended[rows].sum())
        if int(rows.sum()) >= FEWEST_ROWS and ends >= FEWEST_ENDS:
            found[band] = kaplan_meier(lasted[rows], has_ended[rows] == 1.0)
    return found


def survival_error(
    curves: Mapping[str, SurvivalCurve],
    bands: list[str],
    lasted: FloatArray,
    has_ended: FloatArray,
) -> float:
    """How far the curves are from those of other rows: the mean absolute difference of shares.

    Averaged over the times of each band's curve that the other rows reach, and over bands by their
    rows; NaN where no band has a curve on both sides.
    """
    others = curves_by_band(bands, lasted, has_ended)
    errors, weights = [], []
    for band in curves.keys() & others.keys():
        mine, other = curves[band], others[band]
        times = mine.times[mine.times <= other.longest]
        if len(times):
            apart = [abs(mine.share(time) - other.share(time)) for time in times.tolist()]
            errors.append(float(np.mean(apart)))
            weights.append(bands.count(band))
    return float(np.average(errors, weights=weights)) if errors else float("nan")
