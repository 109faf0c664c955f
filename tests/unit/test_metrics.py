"""Metrics against scikit-learn and against values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from tracer_ray.errors import BlueprintError
from tracer_ray.metrics import metric, quantile_levels, skill
from tracer_ray.rows import FloatArray


def _numbers() -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(1)
    actual = random.gamma(2.0, 5.0, 500)
    return actual, actual + random.normal(0, 3, 500)


def _probabilities(ties: bool) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(2)
    predicted = random.uniform(0.01, 0.99, 700)
    outcome = (random.uniform(size=700) < predicted).astype(np.float64)
    return outcome, np.round(predicted, 1 if ties else 12)


def test_errors_of_numbers_equal_scikit_learn() -> None:
    actual, predicted = _numbers()
    assert metric("mae").score(actual, predicted) == pytest.approx(
        oracle.mean_absolute_error(actual, predicted)
    )
    assert metric("rmse").score(actual, predicted) == pytest.approx(
        oracle.root_mean_squared_error(actual, predicted)
    )


@pytest.mark.parametrize("ties", [False, True])
def test_measures_of_probabilities_equal_scikit_learn(ties: bool) -> None:
    outcome, predicted = _probabilities(ties)
    expected = {
        "brier": oracle.brier_score_loss(outcome, predicted),
        "auc": oracle.roc_auc_score(outcome, predicted),
        "pr_auc": oracle.average_precision_score(outcome, predicted),
    }
    for name, value in expected.items():
        assert metric(name).score(outcome, predicted) == pytest.approx(value), name


def test_log_loss_equals_scikit_learn_inside_the_clip() -> None:
    outcome, predicted = _probabilities(ties=False)
    assert metric("log_loss").score(outcome, predicted) == pytest.approx(
        oracle.log_loss(outcome, predicted)
    )


def test_log_loss_of_a_sure_and_wrong_prediction_is_finite() -> None:
    worst = metric("log_loss").score(np.array([1.0]), np.array([0.0]))
    assert worst == pytest.approx(15 * np.log(10))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=40))
def test_auc_with_ties_counts_pairs(rows: list[tuple[bool, int]]) -> None:
    outcome = np.array([float(won) for won, _ in rows])
    predicted = np.array([level / 4 for _, level in rows])
    pairs = [
        (a > b) + 0.5 * (a == b) for a in predicted[outcome == 1] for b in predicted[outcome == 0]
    ]
    expected = float(np.mean(pairs)) if pairs else float("nan")
    assert metric("auc").score(outcome, predicted) == pytest.approx(expected, nan_ok=True)


def test_rmspe_leaves_out_rows_whose_outcome_is_zero() -> None:
    actual, predicted = np.array([100.0, 0.0, 200.0]), np.array([90.0, 5.0, 200.0])
    assert metric("rmspe").score(actual, predicted) == pytest.approx(np.sqrt(0.01 / 2))


def test_ece_is_the_weighted_gap_of_the_bins() -> None:
    outcome = np.array([0.0, 1.0, 1.0, 1.0])
    predicted = np.array([0.05, 0.05, 0.95, 1.0])
    # bin 0: |1 - 0.1| = 0.9 in all, bin 9: |2 - 1.95| = 0.05 in all, over 4 rows
    assert metric("ece").score(outcome, predicted) == pytest.approx(0.95 / 4)


def test_coverage_counts_both_ends() -> None:
    interval = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    assert metric("coverage").score(np.array([1.0, 2.0, 2.1, 0.9]), interval) == 0.5


def test_pinball_equals_scikit_learn() -> None:
    actual, predicted = _numbers()
    levels = quantile_levels(3)
    quantiles = predicted[:, None] + np.array([-3.0, 0.0, 3.0])
    expected = np.mean(
        [
            oracle.mean_pinball_loss(actual, quantiles[:, i], alpha=levels[i])
            for i in range(len(levels))
        ]
    )
    assert metric("pinball").score(actual, quantiles) == pytest.approx(expected)


def test_crps_of_a_point_is_its_absolute_error() -> None:
    actual, predicted = _numbers()
    quantiles = np.repeat(predicted[:, None], 9, axis=1)
    assert metric("crps").score(actual, quantiles) == pytest.approx(
        metric("mae").score(actual, predicted)
    )


def test_crps_of_a_uniform_forecast_equals_its_formula() -> None:
    # uniform on 0..1 and an outcome y: the integral of (F - step)^2 is y^2 - y + 1/3
    quantiles = quantile_levels(2000)[None, :]
    score = metric("crps").score(np.array([0.3]), quantiles)
    assert score == pytest.approx(0.3**2 - 0.3 + 1 / 3, abs=1e-6)


@pytest.mark.parametrize("name", ["mae", "log_loss", "brier", "crps"])
def test_the_score_is_the_mean_of_the_rows_losses(name: str) -> None:
    outcome, predicted = _probabilities(ties=False)
    given = predicted[:, None] if name == "crps" else predicted
    each = metric(name)
    assert each.losses(outcome, given).shape == outcome.shape
    assert each.losses(outcome, given).mean() == pytest.approx(each.score(outcome, given))


def test_the_root_mean_square_is_the_root_of_the_rows_mean_loss() -> None:
    actual, predicted = _numbers()
    rmse = metric("rmse")
    root = np.sqrt(rmse.losses(actual, predicted).mean())
    assert root == pytest.approx(rmse.score(actual, predicted))


def test_a_metric_without_losses_says_so() -> None:
    assert not metric("auc").has_losses
    with pytest.raises(ValueError, match="auc has no losses per row"):
        metric("auc").losses(np.array([1.0]), np.array([0.5]))


def test_what_is_undefined_is_nan() -> None:
    none, one = np.array([]), np.array([1.0])
    assert np.isnan(metric("mae").score(none, none))
    assert np.isnan(metric("auc").score(one, one))
    assert np.isnan(metric("pr_auc").score(np.array([0.0]), one))
    assert np.isnan(skill(1.0, 0.0))


def test_skill_compares_with_the_baseline() -> None:
    actual = np.array([0.0, 0.0])
    model, baseline = np.array([1.0, 1.0]), np.array([2.0, 2.0])
    assert metric("mae").skill(actual, model, baseline) == 0.5
    assert metric("rmse").is_better(1.0, 2.0)
    assert metric("auc").is_better(0.9, 0.8)


def test_an_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(BlueprintError, match="no metric 'accuracy'; there are auc, brier"):
        metric("accuracy")


def test_outcomes_and_predictions_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 outcomes but 1 predictions"):
        metric("mae").score(np.zeros(2), np.zeros(1))
