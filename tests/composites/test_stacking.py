"""Weights of a combination: against scikit-learn, and what no weighing may do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge

from tracer_ray.composites.combination import Form, Scale
from tracer_ray.composites.stacking import Outcome, fit_weights
from tracer_ray.rows import FloatArray

SEEDS = st.integers(0, 2**32 - 1)


def made(
    seed: int, outcome: Outcome, slopes: tuple[float, ...] = (1.2, 0.4, 0.0), rows: int = 600
) -> tuple[FloatArray, FloatArray]:
    """Standard normal signals, and an outcome that rises by `slopes` with them."""
    random = np.random.default_rng(seed)
    signals = random.normal(size=(rows, len(slopes)))
    link = signals @ np.array(slopes) - 0.3
    if outcome is Outcome.AMOUNT:
        return signals, 40.0 + 10.0 * (link + random.normal(size=rows))
    return signals, (random.random(rows) < 1.0 / (1.0 + np.exp(-link))).astype(np.float64)


def test_weights_of_an_event_are_those_of_logistic_regression_where_none_would_be_negative() -> (
    None
):
    signals, actual = made(3, Outcome.EVENT, (1.2, 0.4, 0.3))
    theirs = LogisticRegression(C=1.0, tol=1e-10).fit(signals, actual)
    ours = fit_weights(signals, actual, Outcome.EVENT)
    assert ours == pytest.approx([*theirs.intercept_, *theirs.coef_[0]], abs=1e-4)


def test_a_signal_that_would_be_weighed_against_is_left_out() -> None:
    signals, actual = made(1, Outcome.EVENT, (1.2, 0.4, -0.8))
    theirs = LogisticRegression(C=1.0, tol=1e-10).fit(signals[:, :2], actual)
    ours = fit_weights(signals, actual, Outcome.EVENT)
    assert ours == pytest.approx([*theirs.intercept_, *theirs.coef_[0], 0.0], abs=1e-4)


@pytest.mark.parametrize("slopes", [(1.2, 0.4, 0.3), (1.2, 0.4, -0.8)])
def test_weights_of_an_amount_are_those_of_positive_ridge_regression(
    slopes: tuple[float, ...],
) -> None:
    signals, actual = made(2, Outcome.AMOUNT, slopes)
    spread = actual.std()
    theirs = Ridge(alpha=1.0, positive=True, tol=1e-12).fit(signals, actual / spread)
    ours = fit_weights(signals, actual, Outcome.AMOUNT) / spread
    assert ours == pytest.approx([theirs.intercept_, *theirs.coef_], abs=1e-4)


@settings(max_examples=25)
@given(SEEDS, st.permutations(range(3)), st.sampled_from(Outcome))
def test_signals_in_another_order_have_their_weights_in_that_order(
    seed: int, order: list[int], outcome: Outcome
) -> None:
    signals, actual = made(seed, outcome, rows=150)
    before = fit_weights(signals, actual, outcome)
    after = fit_weights(signals[:, order], actual, outcome)
    scale = np.abs(before).max()
    assert after == pytest.approx([before[0], *before[1:][order]], abs=1e-3 * scale)


@given(SEEDS, st.sampled_from(Outcome))
def test_a_signal_that_tells_nothing_has_little_weight(seed: int, outcome: Outcome) -> None:
    signals, actual = made(seed, outcome, rows=4000)
    _, useful, _, useless = fit_weights(signals, actual, outcome)
    assert 0.0 <= useless < 0.2 * useful  # a fifth is more than four standard errors


@given(SEEDS, st.sampled_from(Form), st.sampled_from(Outcome))
def test_scores_rise_with_the_outcome_whatever_an_answer_is_about(
    seed: int, form: Form, outcome: Outcome
) -> None:
    signals, actual = made(seed, outcome, (1.5,), rows=200)
    chance = 1.0 / (1.0 + np.exp(-signals[:, 0]))
    for values in (chance, 1.0 - chance):
        scores = Scale.of(form, values, actual).scores(values)
        assert np.corrcoef(scores, actual)[0, 1] > 0.0
        assert (scores.mean(), scores.std()) == pytest.approx((0.0, 1.0), abs=1e-9)


def test_an_answer_that_never_differs_says_nothing() -> None:
    same = Scale.of(Form.LOG_ODDS, np.full(9, 0.3), np.arange(9.0))
    assert same.scores(np.array([0.3, 0.9])).tolist() == [0.0, 0.0]
