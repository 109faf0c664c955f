"""What whole windows of periods brought, beside the sum of what was forecast for them.

Forecasts are those of pooled models that had not seen the rows, each made at its window's start, or
of the baseline where that answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tracer_ray.blueprint import Blueprint, Source
from tracer_ray.data.times import microseconds
from tracer_ray.metrics import metric
from tracer_ray.periods import Period
from tracer_ray.rows import BoolArray, FloatArray, IntArray, Rows
from tracer_ray.splits import Part, PartArray, days
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.stages import POOLED
from tracer_ray.training.standing import Standing
from tracer_ray.uncertainty.totals import TotalError, fit_total
from tracer_ray.uncertainty.uncertainty import INTERVAL_COVERAGE

ENOUGH_WINDOWS = 50


@dataclass(frozen=True)
class WindowTotals:
    """Sums over whole windows, float64 [windows], and the part of the rows that each begins in."""

    forecast: FloatArray
    actual: FloatArray
    part: PartArray

    def take(self, chosen: BoolArray) -> "WindowTotals":
        """The chosen windows."""
        return WindowTotals(self.forecast[chosen], self.actual[chosen], self.part[chosen])


def spans(blueprint: Blueprint) -> tuple[int, ...]:
    """The numbers of periods over which the blueprint's answers are summed."""
    return tuple(sorted({each.steps for each in blueprint.output if each.source is Source.TOTAL}))


def total_windows(
    plan: TrainingPlan, target: str, bucket: int, standing: Standing
) -> dict[int, WindowTotals]:
    """The windows of one bucket, by their number of periods, by what answers by default."""
    wanted = spans(plan.blueprint)
    if not wanted:
        return {}
    rows = plan.read_rows(bucket)
    said = BucketReader(plan.part_folder(POOLED, target)).columns(bucket)[standing.column]
    outcome = rows.numbers[target]
    return {steps: _windows(plan, rows, (said, outcome), steps) for steps in wanted}


def merge_windows(parts: Sequence[Mapping[int, WindowTotals]]) -> dict[int, WindowTotals]:
    """All buckets' windows."""
    return {
        steps: WindowTotals(
            np.concatenate([part[steps].forecast for part in parts]),
            np.concatenate([part[steps].actual for part in parts]),
            np.concatenate([part[steps].part for part in parts]),
        )
        for steps in parts[0]
    }


def fit_totals(windows: Mapping[int, WindowTotals]) -> tuple[TotalError, ...]:
    """The errors of sums, from windows before the test rows."""
    fitted = [_fit_total(steps, each) for steps, each in sorted(windows.items())]
    return tuple(each for each in fitted if each)


def total_scores(
    windows: Mapping[int, WindowTotals], errors: Sequence[TotalError], period: Period
) -> dict[str, float]:
    """How good sums were on windows of test rows: their error as a share, and their coverage."""
    scores: dict[str, float] = {}
    for error in errors:
        each = windows[error.steps].take(windows[error.steps].part == Part.TEST)
        span = f"{error.steps}{period.letter}"
        ends = np.stack([each.forecast * error.low, each.forecast * error.high], axis=1)
        scores[f"wape_{span}"] = metric("wape").score(each.actual, each.forecast * error.middle)
        scores[f"coverage_{span}"] = metric("coverage").score(each.actual, ends)
    return scores


def _fit_total(steps: int, windows: WindowTotals) -> TotalError | None:
    """From the windows after the training rows; with few of those, from all before the test.

    Models behind the windows of training rows had seen less than those that will answer.
    """
    is_late = (windows.part == Part.VALIDATION) | (windows.part == Part.CALIBRATION)
    is_used = is_late if is_late.sum() >= ENOUGH_WINDOWS else windows.part != Part.TEST
    used = windows.take(is_used)
    return fit_total(steps, used.forecast, used.actual, INTERVAL_COVERAGE)


def _windows(
    plan: TrainingPlan, rows: Rows, values: tuple[FloatArray, FloatArray], steps: int
) -> WindowTotals:
    """The windows that lie whole in the data, before the test rows or among them."""
    said, outcome = values
    period = plan.blueprint.period
    start = period.ordinal(rows.as_of)
    is_inside = period.ordinal(rows.times) < start + steps
    code, first = _window_codes(rows, start)
    starts = start[first]
    forecast, actual = (
        np.bincount(code, weights=np.where(is_inside, each, 0.0), minlength=len(first)).astype(
            np.float64
        )
        for each in (said, outcome)
    )
    begun = period.ordinal(rows.times[rows.offsets[:-1]])
    until = microseconds(datetime.fromisoformat(plan.data_until))
    known = period.start(starts + steps) <= period.begin(until, after=1)
    is_whole = (starts >= begun[rows.entity_index[first]]) & known
    part = plan.cuts.assign(period.start(starts), rows.keys[first])
    ends = days(period.start(starts + steps))
    is_settled = (part == Part.TEST) | (ends <= plan.cuts.test)
    kept = is_whole & is_settled & np.isfinite(forecast + actual) & (actual > 0.0)
    return WindowTotals(forecast, actual, part).take(kept)


def _window_codes(rows: Rows, start: IntArray) -> tuple[IntArray, IntArray]:
    """Each row's window, int64 [rows], and a row of each window."""
    span = int(start.max() - start.min()) + 1 if len(start) else 1
    keys = rows.entity_index * span + (start - start.min(initial=0))
    _, first, code = np.unique(keys, return_index=True, return_inverse=True)
    return code.astype(np.int64), first.astype(np.int64)
