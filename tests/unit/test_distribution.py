"""Predictive distributions against known truths, and against real games."""

import os
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import nbdtr, ndtr, pdtr

from tracer_ray.errors import ReleaseError, TrainingError
from tracer_ray.metrics import metric
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.distribution import Distribution, fit_distribution

_SHARED = Path(os.environ.get("TRACER_SHARED", Path(__file__).parents[3] / "shared"))
_GAMES = _SHARED / "data" / "nba_player_box_scores" / "nba_player_box_scores.parquet"


def _counts(mean: float, rows: int = 4000, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    mu = random.gamma(4.0, mean / 4.0, rows)
    return mu, random.poisson(mu).astype(np.float64)


def _negative_binomials(rows: int = 6000, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Counts with variance mu + mu^2 / 4."""
    random = np.random.default_rng(seed)
    mu = random.uniform(0.2, 20.0, rows)
    return mu, random.poisson(mu * random.gamma(4.0, 0.25, rows)).astype(np.float64)


def _numbers(rows: int = 4000, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Heavy-tailed residuals that grow with the forecast."""
    random = np.random.default_rng(seed)
    mu = random.uniform(-50.0, 100.0, rows)
    return mu, mu + (1.0 + 0.1 * np.abs(mu)) * random.standard_t(4, rows)


@pytest.mark.parametrize("mean", [0.5, 4.0, 25.0])
def test_probabilities_of_a_line_are_near_the_truth_for_poisson_counts(mean: float) -> None:
    fitted = fit_distribution(*_counts(mean))
    mu, _ = _counts(mean, seed=1)
    line = np.floor(mu)
    over, under = 1.0 - pdtr(line, mu), np.where(line > 0, pdtr(line - 1, mu), 0.0)
    noise = np.sqrt(0.25 / 500)  # of a share among the 500 rows of a bin
    assert np.abs(fitted.over(mu, line) - over).mean() < 1.2 * noise
    assert np.abs(fitted.under(mu, line) - under).mean() < 1.2 * noise


def test_log_loss_is_near_that_of_the_true_negative_binomial() -> None:
    fitted = fit_distribution(*_negative_binomials())
    mu, actual = _negative_binomials(20_000, seed=1)
    line = np.floor(mu) + 0.5
    true = 1.0 - nbdtr(np.floor(line).astype(int), 4, 4.0 / (4.0 + mu))
    measure, is_over = metric("log_loss"), (actual > line).astype(np.float64)
    ours = measure.score(is_over, fitted.over(mu, line))
    assert ours < measure.score(is_over, true) + 0.002


def test_crps_is_near_that_of_the_true_negative_binomial() -> None:
    fitted = fit_distribution(*_negative_binomials())
    mu, actual = _negative_binomials(5000, seed=1)
    count = np.arange(200)
    true = nbdtr(count, 4, (4.0 / (4.0 + mu))[:, None])
    expected = np.square(true - (count >= actual[:, None])).sum(axis=1).mean()
    assert fitted.crps(mu, actual).mean() < 1.01 * expected


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_an_interval_of_numbers_holds_its_share_at_every_forecast(coverage: float) -> None:
    fitted = fit_distribution(*_numbers(10_000))
    mu, actual = _numbers(20_000, seed=1)
    interval = fitted.interval(mu, coverage)
    measure = metric("coverage")
    for low, high in ((-50, 0), (0, 50), (50, 100)):
        rows = (mu >= low) & (mu < high)
        assert measure.score(actual[rows], interval[rows]) == pytest.approx(coverage, abs=0.025)


def test_a_small_calibration_slice_is_finite_sample_correct_on_average() -> None:
    # conformal quantiles of 39 rows: mean coverage over many draws is the nominal one
    covered = []
    for seed in range(400):
        random = np.random.default_rng(seed)
        fitted = fit_distribution(np.zeros(39), random.normal(size=39))
        covered.append(np.ptp(ndtr(fitted.interval(np.zeros(1), 0.8)[0])))
    assert np.mean(covered) == pytest.approx(0.8, abs=0.012)


def test_a_spread_feature_narrows_the_interval_of_sure_rows() -> None:
    random = np.random.default_rng(0)
    mu, spread = random.normal(50.0, 5.0, 5000), random.uniform(0.5, 8.0, 5000)
    actual = mu + spread * random.normal(size=5000)
    fitted = fit_distribution(mu, actual, spread)
    at = np.full(2, 50.0)
    width = np.ptp(fitted.interval(at, 0.8, np.array([1.0, 6.0])), axis=1)
    assert width[1] / width[0] == pytest.approx(6.0, rel=0.25)
    with pytest.raises(ValueError, match="fitted with a spread; ask with one"):
        fitted.interval(at)
    with pytest.raises(ValueError, match="fitted without a spread"):
        fit_distribution(mu, actual).median(at, at)


def test_a_biased_forecast_is_moved_to_where_outcomes_fall() -> None:
    mu, actual = _counts(8.0)
    fitted = fit_distribution(0.5 * mu - 1.0, actual)
    assert fitted.mean(0.5 * mu - 1.0).mean() == pytest.approx(actual.mean(), rel=0.03)


def test_counts_are_told_from_numbers() -> None:
    mu, actual = _counts(3.0)
    assert fit_distribution(mu, actual).is_count
    assert not fit_distribution(mu, actual + 0.5).is_count
    assert not fit_distribution(mu, actual - 1.0).is_count
    assert not fit_distribution(1000 * mu, 1000 * actual).is_count


def test_large_whole_numbers_give_a_push_on_whole_lines() -> None:
    random = np.random.default_rng(0)
    mu = random.uniform(900.0, 1100.0, 5000)
    fitted = fit_distribution(mu, np.round(mu + random.normal(0.0, 5.0, 5000)))
    line = np.array([1000.0])
    push = 1.0 - fitted.over(line, 1000.0) - fitted.under(line, 1000.0)
    assert push[0] == pytest.approx(1.0 / (5.0 * np.sqrt(2.0 * np.pi)), rel=0.2)
    assert fitted.over(line, 1000.5) + fitted.under(line, 1000.5) == pytest.approx(1.0)
    assert fitted.interval(line).tolist() == np.round(fitted.interval(line)).tolist()


@settings(max_examples=40)
@given(st.integers(0, 1000), st.integers(20, 1500), st.sampled_from(["count", "number", "zero"]))
def test_a_distribution_is_one_whatever_it_was_fitted_to(seed: int, rows: int, kind: str) -> None:
    mu, actual = _numbers(rows, seed) if kind == "number" else _counts(2.0, rows, seed)
    fitted = fit_distribution(mu, 0.0 * actual if kind == "zero" else actual)
    asked = np.array([-1e6, -1.0, 0.0, 0.3, 2.0, 50.0, 500.0])
    levels = np.array([0.01, 0.1, 0.5, 0.9, 0.99])
    quantiles = fitted.quantile(asked, levels)
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    lines = np.arange(-2.0, 12.0, 0.5)
    over = np.array([fitted.over(asked, line) for line in lines])
    under = np.array([fitted.under(asked, line) for line in lines])
    assert (np.diff(over, axis=0) <= 1e-12).all()
    assert ((over >= 0) & (under >= 0) & (over + under <= 1 + 1e-12)).all()
    if kind != "number":
        assert (quantiles >= 0).all()
        assert (under[lines <= 0] == 0).all()
        assert (over[lines < 0] == 1).all()
        np.testing.assert_allclose((over + under)[lines % 1 == 0.5], 1.0)


@pytest.mark.parametrize("kind", ["count", "number"])
def test_a_row_is_answered_alike_alone_and_among_many(kind: str) -> None:
    mu, actual = _counts(5.0, 12_000) if kind == "count" else _numbers(12_000)
    fitted = fit_distribution(mu, actual)
    for answer in (fitted.interval, fitted.mean, fitted.median):
        np.testing.assert_allclose(answer(mu)[11_000:11_003], answer(mu[11_000:11_003]))


@pytest.mark.parametrize("kind", ["count", "number"])
def test_a_distribution_survives_its_arrays(kind: str) -> None:
    mu, actual = _counts(5.0) if kind == "count" else _numbers()
    fitted = fit_distribution(mu, actual)
    restored = Distribution.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(restored.interval(mu), fitted.interval(mu))
    np.testing.assert_array_equal(restored.over(mu, 3.5), fitted.over(mu, 3.5))
    arrays = fitted.to_arrays()
    del arrays["bent"]
    with pytest.raises(ReleaseError, match="bent"):
        Distribution.from_arrays(arrays)


def test_too_few_rows_and_nulls_are_refused() -> None:
    with pytest.raises(TrainingError, match="needs 20 calibration rows, got 19"):
        fit_distribution(np.zeros(19), np.zeros(19))
    with pytest.raises(TrainingError, match="null or infinite"):
        fit_distribution(np.full(50, np.nan), np.zeros(50))


def _season(name: str, statistic: str) -> tuple[FloatArray, FloatArray]:
    """The mean of a player's last ten games, and the next game, of one season."""
    columns = ["player_id", "game_date", statistic]
    table = pq.read_table(_GAMES, columns=columns, filters=pc.field("season") == name)
    table = table.filter(pc.is_valid(table[statistic])).sort_by(
        [("player_id", "ascending"), ("game_date", "ascending")]
    )
    player = table["player_id"].to_numpy()
    values = table[statistic].to_numpy().astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(values)])
    mu = (total[10:-1] - total[:-11]) / 10.0
    is_same = player[10:] == player[:-10]
    return mu[is_same], values[10:][is_same]


@pytest.mark.skipif(not _GAMES.exists(), reason="needs the NBA box scores of TRACER_SHARED")
@pytest.mark.parametrize("statistic", ["points", "blocks", "rebounds"])
def test_one_seasons_games_calibrate_the_next(statistic: str) -> None:
    fitted = fit_distribution(*_season("2019-20", statistic))
    mu, actual = _season("2020-21", statistic)
    assert metric("coverage").score(actual, fitted.interval(mu)) == pytest.approx(0.8, abs=0.02)
    line = np.floor(mu) + 0.5
    is_over = (actual > line).astype(np.float64)
    assert metric("ece").score(is_over, fitted.over(mu, line)) < 0.015
    whole = np.round(mu)
    push = 1.0 - fitted.over(mu, whole) - fitted.under(mu, whole)
    assert push.mean() == pytest.approx((actual == whole).mean(), abs=0.01)
