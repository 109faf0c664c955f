"""Sums over several days: recalibrated from whole windows, with a coverage that holds."""

from pathlib import Path

import numpy as np
import pytest

from blueprints.revenue_forecast import REVENUE_FORECAST
from tests.small_run import prepared
from tracer_ray.archive import blueprint
from tracer_ray.periods import Period
from tracer_ray.splits import Part
from tracer_ray.synthetic import daily_sales
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.stages import POOLED
from tracer_ray.training.standing import Standing
from tracer_ray.training.window_totals import (
    WindowTotals,
    fit_totals,
    merge_windows,
    total_scores,
    total_windows,
)
from tracer_ray.uncertainty.totals import TotalError, fit_total


def test_the_interval_of_a_sum_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(3)
    covered = []
    for _ in range(300):
        forecast = random.uniform(50.0, 500.0, 31)
        actual = forecast * random.lognormal(0.1, 0.2, 31)
        error = fit_total(30, forecast[:30], actual[:30], 0.8)
        assert error is not None
        low, high = error.interval(float(forecast[30]))
        covered.append(low <= actual[30] <= high)
    assert np.mean(covered) == pytest.approx(0.83, abs=0.06)  # 0.8 up to 0.8 + 2 / 31


def test_a_sum_that_is_always_forecast_a_tenth_too_low_is_put_right() -> None:
    forecast = np.linspace(10.0, 90.0, 40)
    error = fit_total(30, forecast, forecast * 1.1, 0.8)
    assert error is not None
    assert error.total(200.0) == pytest.approx(220.0)
    assert error.interval(200.0) == pytest.approx((220.0, 220.0))


def test_few_windows_give_no_interval() -> None:
    assert fit_total(30, np.full(9, 5.0), np.full(9, 5.0), 0.8) is None


def test_an_error_survives_json() -> None:
    error = TotalError(30, 0.9, 1.0, 1.2, 0.8, 55)
    assert TotalError.from_json(error.to_json()) == error


def test_windows_are_whole_and_add_up_to_the_rows(tmp_path: Path) -> None:
    table = daily_sales(stores=3, days=500, seed=2).rows
    plan = prepared(REVENUE_FORECAST, table, tmp_path, "revenue")
    standing = Standing("last value")
    buckets = range(plan.dataset.buckets)
    parts = [total_windows(plan, "revenue", bucket, standing) for bucket in buckets]
    windows = merge_windows(parts)
    assert sorted(windows) == [30, 90]
    for each in windows.values():
        assert (each.actual > 0.0).all()
        assert np.isfinite(each.forecast).all()
    # by hand: the store's revenue over the 30 days of one of its windows
    rows = plan.read_rows(0)
    said = BucketReader(plan.part_folder(POOLED, "revenue")).columns(0)[POOLED]
    last = rows.as_of[np.isfinite(said)].max()
    is_window = (rows.as_of == last) & (rows.times < last + 30 * 86_400_000_000)
    by_hand = rows.numbers["revenue"][is_window].sum()
    assert np.isclose(windows[30].actual, by_hand).any()


def test_windows_of_months_are_whole_years(tmp_path: Path) -> None:
    yearly = blueprint("revenue_forecast", {"period": "month"})
    table = daily_sales(stores=3, days=2400, seed=2).rows
    plan = prepared(yearly, table, tmp_path, "revenue")
    windows = total_windows(plan, "revenue", 0, Standing("last value"))
    assert sorted(windows) == [3, 12]
    late = windows[12].take(windows[12].part != Part.TRAIN)
    rows = plan.read_rows(0)
    part = plan.cuts.assign(rows.times, rows.keys)
    by_hand = [
        rows.numbers["revenue"][chosen].sum()
        for owner in np.unique(rows.entity_index)
        for start in np.unique(rows.as_of)
        if (
            chosen := (rows.entity_index == owner) & (rows.as_of == start) & (part != Part.TRAIN)
        ).sum()
        == 12
    ]
    assert len(late.actual)
    assert all(np.isclose(by_hand, each).any() for each in late.actual)


def test_test_windows_judge_what_the_others_fitted() -> None:
    random = np.random.default_rng(0)
    forecast = random.uniform(50.0, 500.0, 400)
    part = np.repeat([Part.VALIDATION, Part.TEST], 200).astype(np.int8)
    windows = {30: WindowTotals(forecast, forecast * random.lognormal(0.0, 0.1, 400), part)}
    errors = fit_totals(windows)
    assert [each.windows for each in errors] == [200]
    scores = total_scores(windows, errors, Period.DAY)
    assert scores["coverage_30d"] == pytest.approx(0.8, abs=0.1)
    assert scores["wape_30d"] == pytest.approx(0.08, abs=0.02)
