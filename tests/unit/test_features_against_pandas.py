"""Every operation on the past against pandas, on one owner's values with gaps and nulls."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tracer_ray.feature_program.kernels import scan
from tracer_ray.feature_program.series import compile_history
from tracer_ray.features import Feature, Op
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray

ROWS = 150
WINDOW = 7
SEASON_START_MONTH = 10
_RANDOM = np.random.default_rng(7)
VALUES = np.where(_RANDOM.random(ROWS) < 0.2, np.nan, _RANDOM.normal(20.0, 6.0, ROWS))
DAYS = np.cumsum(_RANDOM.choice([1, 2, 3, 5, 90], ROWS, p=[0.4, 0.3, 0.2, 0.05, 0.05]))


def computed(op: Op, window: int = 0, column: str = "y") -> FloatArray:
    history = compile_history(
        "owners", {0: Feature("f", op, column, window)}, 1, SEASON_START_MONTH
    )
    times = DAYS.astype(np.int64) * MICROSECONDS_PER_DAY
    values = history.values(times, {"y": VALUES})
    series = history.series(np.array([0, ROWS]), values)
    out = history.scan(scan, series, np.array(["ann"], object), np.zeros((1, history.width)))
    return out[:, 0].astype(np.float64)


def past(row: int) -> pd.Series:
    return pd.Series(VALUES[:row]).dropna()


def over_past(statistic: Callable[[pd.Series], float]) -> FloatArray:
    return np.array([statistic(past(row)) if len(past(row)) else np.nan for row in range(ROWS)])


def slope(values: pd.Series) -> float:
    newest = values.tail(WINDOW)
    if len(newest) < 2:
        return np.nan
    return float(np.polyfit(np.arange(len(newest)), newest, 1)[0])


def weighted_mean(values: pd.Series) -> float:
    newest = values.tail(WINDOW)
    return float(np.average(newest, weights=np.arange(1, len(newest) + 1)))


def momentum(values: pd.Series) -> float:
    return float(values.tail(WINDOW).mean() - values.tail(4 * WINDOW).mean())


ORACLES: dict[Op, Callable[[pd.Series], float]] = {
    Op.LAG: lambda past: past.iloc[-WINDOW] if len(past) >= WINDOW else np.nan,
    Op.MEAN: lambda past: past.tail(WINDOW).mean(),
    Op.STD: lambda past: past.tail(WINDOW).std(),
    Op.MIN: lambda past: past.tail(WINDOW).min(),
    Op.MAX: lambda past: past.tail(WINDOW).max(),
    Op.MEDIAN: lambda past: past.tail(WINDOW).median(),
    Op.WEIGHTED_MEAN: weighted_mean,
    Op.SLOPE: slope,
    Op.MOMENTUM: momentum,
    Op.EWM: lambda past: past.ewm(halflife=WINDOW, adjust=True).mean().iloc[-1],
    Op.EXPANDING_MEAN: lambda past: past.mean(),
    Op.EXPANDING_STD: lambda past: past.std(),
}


@pytest.mark.parametrize("op", ORACLES)
def test_an_operation_on_the_past_is_what_pandas_gives(op: Op) -> None:
    window = 0 if op in (Op.EXPANDING_MEAN, Op.EXPANDING_STD) else WINDOW
    np.testing.assert_allclose(computed(op, window), over_past(ORACLES[op]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("window", [1, 2, 8, 20])
def test_a_median_of_any_length_is_what_pandas_gives(window: int) -> None:
    expected = over_past(lambda past: past.tail(window).median())
    np.testing.assert_allclose(computed(Op.MEDIAN, window), expected, rtol=1e-5)


def test_a_count_is_the_number_of_earlier_values() -> None:
    np.testing.assert_array_equal(computed(Op.COUNT), [len(past(row)) for row in range(ROWS)])


def test_a_season_starts_in_its_month_and_its_mean_is_last_seasons_until_then() -> None:
    dates = pd.to_datetime(DAYS, unit="D")
    seasons = np.where(dates.month >= SEASON_START_MONTH, dates.year, dates.year - 1)
    means, counts = np.full(ROWS, np.nan), np.zeros(ROWS)
    for row in range(ROWS):
        is_known = ~np.isnan(VALUES[:row])
        known, known_seasons = VALUES[:row][is_known], seasons[:row][is_known]
        counts[row] = (known_seasons == seasons[row]).sum()
        if len(known):
            means[row] = known[known_seasons == known_seasons[-1]].mean()
    np.testing.assert_allclose(computed(Op.SEASON_MEAN), means, rtol=1e-5)
    np.testing.assert_array_equal(computed(Op.SEASON_COUNT), counts)


def test_rest_days_are_capped_and_the_first_row_has_none() -> None:
    expected = np.minimum(np.diff(DAYS, prepend=np.nan), 60.0)
    np.testing.assert_array_equal(computed(Op.REST_DAYS, column=""), expected)


def test_a_recent_count_leaves_out_the_row_that_is_exactly_the_window_away() -> None:
    expected = [((day - WINDOW < DAYS) & (day > DAYS)).sum() for day in DAYS]
    np.testing.assert_array_equal(computed(Op.RECENT_COUNT, WINDOW, column=""), expected)
