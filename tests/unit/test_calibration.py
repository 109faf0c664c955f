"""Calibration: chosen only when it helps, monotone, and the same after a round trip."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from tracer_ray.errors import ReleaseError
from tracer_ray.link import log_odds, sigmoid
from tracer_ray.metrics import metric
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.calibration import (
    Calibrator,
    Fit,
    Method,
    choose_calibration,
    fit_isotonic,
    fit_sigmoid,
    reliability,
)


def _rows(slope: float, rows: int = 3000, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Raw probabilities whose log-odds are `slope` times too extreme, and outcomes."""
    random = np.random.default_rng(seed)
    margin = random.normal(0, 1.2, rows)
    outcome = (random.uniform(size=rows) < sigmoid(margin)).astype(np.float64)
    return sigmoid(slope * margin), outcome


def test_a_calibrated_model_is_rarely_changed() -> None:
    chosen = [choose_calibration(*_rows(1.0, 600, seed)).method for seed in range(40)]
    assert chosen.count(Method.NONE) >= 36


def test_an_overconfident_model_is_corrected() -> None:
    calibrator = choose_calibration(*_rows(2.5))
    fresh, outcome = _rows(2.5, seed=1)
    assert calibrator.method is not Method.NONE
    before = metric("brier").score(outcome, fresh)
    after = metric("brier").score(outcome, calibrator.apply(fresh))
    assert after < before - 0.005
    assert metric("ece").score(outcome, calibrator.apply(fresh)) < 0.03


def test_a_step_that_no_sigmoid_can_follow_gets_isotonic() -> None:
    random = np.random.default_rng(3)
    raw = random.uniform(0.05, 0.95, 4000)
    outcome = (random.uniform(size=4000) < np.where(raw > 0.7, 0.9, 0.2)).astype(np.float64)
    assert choose_calibration(raw, outcome).method is Method.ISOTONIC


def test_too_few_rows_are_left_alone() -> None:
    raw, outcome = _rows(3.0, 199)
    assert choose_calibration(raw, outcome) == Calibrator()
    assert choose_calibration(raw, outcome, minimum_rows=100).method is not Method.NONE


def test_outcomes_of_one_class_are_left_alone() -> None:
    assert choose_calibration(np.full(500, 0.3), np.ones(500)) == Calibrator()


def test_sigmoid_equals_logistic_regression_on_the_log_odds() -> None:
    raw, outcome = _rows(2.0, 20_000)
    oracle = LogisticRegression(C=np.inf).fit(log_odds(raw)[:, None], outcome)
    intercept, slope = fit_sigmoid(raw, outcome).y
    assert slope == pytest.approx(oracle.coef_[0, 0], abs=1e-3)
    assert intercept == pytest.approx(oracle.intercept_[0], abs=1e-3)


def test_sigmoid_stays_finite_where_classes_separate() -> None:
    calibrator = fit_sigmoid(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert np.isfinite(calibrator.y).all()


def test_a_model_that_ranks_backwards_becomes_the_base_rate() -> None:
    raw, outcome = _rows(-1.0)
    calibrated = fit_sigmoid(raw, outcome).apply(raw)
    np.testing.assert_allclose(calibrated, outcome.mean(), atol=1e-9)


def test_isotonic_blocks_equal_scikit_learn_inside() -> None:
    raw, outcome = _rows(2.0, 500)
    calibrator = fit_isotonic(raw, outcome)
    oracle = IsotonicRegression().fit_transform(raw, outcome)
    inner = (oracle > oracle.min()) & (oracle < oracle.max())
    assert set(np.round(oracle[inner], 9)) == set(np.round(calibrator.y[1:-1], 9))


@settings(max_examples=50)
@given(st.integers(2, 60), st.integers(0, 10_000))
def test_isotonic_keeps_the_order_and_is_never_certain(rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    raw = np.round(random.uniform(size=rows), 1)
    calibrator = fit_isotonic(raw, random.integers(0, 2, rows).astype(np.float64))
    calibrated = calibrator.apply(np.linspace(0, 1, 50))
    assert (np.diff(calibrated) >= 0).all()
    assert calibrated.min() > 0
    assert calibrated.max() < 1


@pytest.mark.parametrize("fit", [fit_sigmoid, fit_isotonic])
def test_a_calibrator_survives_json(fit: Fit) -> None:
    raw, outcome = _rows(2.0, 300)
    calibrator = fit(raw, outcome)
    assert Calibrator.from_json(json.loads(json.dumps(calibrator.to_json()))) == calibrator


def test_broken_json_is_a_release_error() -> None:
    with pytest.raises(ReleaseError, match="no calibrator"):
        Calibrator.from_json({"method": "magic", "x": [], "y": []})


def test_an_empty_bin_of_the_reliability_table_is_nan() -> None:
    table = reliability(np.array([0.05, 0.07]), np.array([0.0, 1.0]))
    assert table.rows.tolist() == [2] + [0] * 9
    assert table.observed[0] == 0.5
    assert np.isnan(table.mean_predicted[1:]).all()


def test_a_sigmoid_is_found_from_far_away() -> None:
    """Log-odds that are twice too steep and 5.5 too low: whole Newton steps would overshoot."""
    random = np.random.default_rng(6)
    signal = random.normal(size=4000)
    outcome = (random.random(4000) < sigmoid(signal - 2.0)).astype(np.float64)
    intercept, slope = fit_sigmoid(sigmoid(2.0 * signal - 5.5), outcome).y
    assert slope == pytest.approx(0.5, abs=0.05)
    assert intercept == pytest.approx(0.75, abs=0.15)
