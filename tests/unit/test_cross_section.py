"""Orders within days: against scipy and scikit-learn, and with errors from days."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import ndcg_score

from tracer_ray.cross_section import is_order_known, ndcg, rank_correlation, rank_scores, ranks
from tracer_ray.significance import mean_error

columns = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(-3, 3)), min_size=3, max_size=40
).filter(lambda rows: len({a for a, _ in rows}) > 1 and len({b for _, b in rows}) > 1)


@given(columns)
def test_ranks_and_their_correlation_are_scipys(rows: list[tuple[int, int]]) -> None:
    actual, score = np.array(rows, np.float64).T
    np.testing.assert_allclose(ranks(actual), rankdata(actual))
    assert rank_correlation(actual, score) == pytest.approx(spearmanr(actual, score).statistic)


@given(columns)
def test_the_gain_is_scikit_learns_on_ranked_outcomes(rows: list[tuple[int, int]]) -> None:
    actual, score = np.array(rows, np.float64).T
    gain = (rankdata(actual) - 1.0) / (len(actual) - 1)
    assert ndcg(actual, score) == pytest.approx(ndcg_score([gain], [score]))


def test_days_are_the_observations() -> None:
    """Each day's twenty rows say the same: ten days have the error of ten numbers."""
    random = np.random.default_rng(0)
    days = np.repeat(np.arange(10.0), 20)
    actual, score = random.normal(size=200), random.normal(size=200)
    found = rank_scores(actual, score, days, lag=0)
    daily = np.array(
        [spearmanr(actual[days == day], score[days == day]).statistic for day in range(10)]
    )
    assert found["rank_correlation"] == pytest.approx(daily.mean())
    expected = np.sqrt(((daily - daily.mean()) ** 2).sum()) / 10
    assert found["rank_correlation_error"] == pytest.approx(expected)
    assert not is_order_known(found)


def test_equal_scores_order_nothing() -> None:
    days = np.repeat(np.arange(4.0), 6)
    found = rank_scores(np.arange(24.0), np.zeros(24), days, lag=0)
    assert set(found) == {"ndcg"}
    assert not is_order_known(found)
    assert rank_scores(np.arange(3.0), np.arange(3.0), np.zeros(3), lag=0) == {}


def test_errors_that_overlap_are_larger_than_they_look() -> None:
    random = np.random.default_rng(4)
    shocks = random.normal(size=2004)
    overlapping = np.convolve(shocks, np.ones(5), mode="valid")
    days = np.arange(2000.0)
    true_error = 5.0 / np.sqrt(2000.0)  # the sum of 2,000 shocks that each count five times
    assert mean_error(overlapping, days, lag=20) == pytest.approx(true_error, rel=0.2)
    assert mean_error(overlapping, days) < 0.6 * true_error
