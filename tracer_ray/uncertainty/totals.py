"""Sums of forecasts over several periods: recalibrated, with an interval, from whole past windows.

Errors of neighbouring days go together, so a sum is less sure than its days are if they were taken
for independent. The ratio of what a window brought to the sum of its forecasts is therefore looked
at as a whole (split conformal prediction on log ratios; Vovk et al. 2005).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from tracer_ray.rows import FloatArray

MINIMUM_WINDOWS = 10


@dataclass(frozen=True)
class TotalError:
    """What windows of `steps` periods brought, as a multiple of the sum of their forecasts.

    `middle` is the median, `low` and `high` the ends of an interval with `coverage`; `windows` says
    from how many windows they come.
    """

    steps: int
    low: float
    middle: float
    high: float
    coverage: float
    windows: int

    def total(self, forecast: float) -> float:
        """What a sum of forecasts is expected to come to."""
        return forecast * self.middle

    def interval(self, forecast: float) -> tuple[float, float]:
        """Where it may lie."""
        return forecast * self.low, forecast * self.high

    def to_json(self) -> dict[str, float]:
        """Plain numbers."""
        return asdict(self)

    @staticmethod
    def from_json(said: Mapping[str, float]) -> "TotalError":
        """The error that `to_json` gave."""
        low, middle, high = said["low"], said["middle"], said["high"]
        return TotalError(
            int(said["steps"]), low, middle, high, said["coverage"], int(said["windows"])
        )


def fit_total(
    steps: int, forecast: FloatArray, actual: FloatArray, coverage: float
) -> TotalError | None:
    """The error of sums over windows of `steps`, float64 [windows] each; None below ten windows.

    With n windows the ends are the order statistics that cover at least the wanted share.

    >>> sums = np.full(99, 100.0)
    >>> error = fit_total(30, sums, np.linspace(51.0, 149.0, 99), 0.8)
    >>> error.total(10.0), tuple(round(end, 6) for end in error.interval(10.0))
    (10.0, (6.0, 14.0))
    """
    is_known = (forecast > 0.0) & (actual > 0.0)
    ratios = np.sort(actual[is_known] / forecast[is_known])
    count = len(ratios)
    if count < MINIMUM_WINDOWS:
        return None
    rank = int(np.ceil((count + 1) * (1.0 + coverage) / 2.0)) - 1
    return TotalError(
        steps,
        float(ratios[max(count - 1 - rank, 0)]),
        float(np.median(ratios)),
        float(ratios[min(rank, count - 1)]),
        coverage,
        count,
    )
