"""The elastic net's own solvers against scikit-learn's, and its treatment of nulls and codes."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet, LogisticRegression
from sklearn.preprocessing import StandardScaler

from tracer_ray.blueprint import Answer
from tracer_ray.families import Matrix, Resources, Task, family
from tracer_ray.families.linear_model import LinearModel
from tracer_ray.rows import Float32Array, FloatArray

_NAMES = tuple("abcdef")


def _rows(rows: int = 500) -> tuple[Float32Array, FloatArray]:
    random = np.random.default_rng(0)
    x = (random.normal(size=(rows, 6)) * [1, 2, 3, 4, 5, 6] + 7).astype(np.float32)
    return x, x.astype(np.float64) @ [1.0, -0.5, 0.3, 0.0, 0.0, 0.1] + random.normal(size=rows)


def _fit(task: Task, matrix: Matrix, alpha: float, l1_ratio: float) -> LinearModel:
    settings = {"alpha": alpha, "l1_ratio": l1_ratio}
    model = family("elastic_net").fit(task, matrix, None, settings, Resources())
    assert isinstance(model, LinearModel)
    return model


@pytest.mark.parametrize(("alpha", "l1_ratio"), [(0.01, 0.5), (0.3, 0.1), (0.2, 0.9)])
def test_numbers_equal_scikit_learn_on_standardised_rows(alpha: float, l1_ratio: float) -> None:
    x, y = _rows()
    ours = _fit(Task(Answer.NUMBER, "squared", _NAMES), Matrix(x, y), alpha, l1_ratio)
    scaled = StandardScaler().fit_transform(x.astype(np.float64))
    oracle = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-10, max_iter=10_000)
    oracle.fit(scaled, (y - y.mean()) / y.std())
    expected = oracle.predict(scaled) * y.std() + y.mean()
    np.testing.assert_allclose(ours.predict(x), expected, atol=1e-4)


@pytest.mark.parametrize(("alpha", "l1_ratio"), [(0.01, 0.5), (0.1, 0.1), (0.1, 0.9)])
def test_probabilities_equal_scikit_learn_on_standardised_rows(
    alpha: float, l1_ratio: float
) -> None:
    x, margin = _rows()
    y = (margin > np.quantile(margin, 0.7)).astype(np.float64)
    ours = _fit(Task(Answer.PROBABILITY, "log_loss", _NAMES), Matrix(x, y), alpha, l1_ratio)
    scaled = StandardScaler().fit_transform(x.astype(np.float64))
    oracle = LogisticRegression(
        l1_ratio=l1_ratio, C=1 / (alpha * len(y)), solver="saga", tol=1e-8, max_iter=20_000
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle.fit(scaled, y)
    np.testing.assert_allclose(ours.predict(x), oracle.predict_proba(scaled)[:, 1], atol=1e-4)


def test_a_sampled_curvature_still_finds_the_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    x, margin = _rows(3000)
    y = (margin > np.quantile(margin, 0.7)).astype(np.float64)
    task = Task(Answer.PROBABILITY, "log_loss", _NAMES)
    full = _fit(task, Matrix(x, y), 0.02, 0.5)
    monkeypatch.setattr("tracer_ray.families.elastic_net._CURVATURE_ROWS", 300)
    np.testing.assert_allclose(_fit(task, Matrix(x, y), 0.02, 0.5).weights, full.weights, atol=1e-4)


def test_the_residuals_of_an_absolute_fit_have_median_zero() -> None:
    x, y = _rows()
    skewed = y + np.random.default_rng(1).exponential(5.0, len(y))
    model = _fit(Task(Answer.NUMBER, "absolute", _NAMES), Matrix(x, skewed), 0.05, 0.5)
    assert np.median(skewed - model.predict(x)) == pytest.approx(0.0, abs=0.05)


def test_an_unknown_code_and_a_rare_one_get_the_same_answer() -> None:
    random = np.random.default_rng(0)
    x = np.zeros((300, 1), dtype=np.float32)
    x[:, 0] = random.integers(0, 3, 300)
    x[:3, 0] = 7
    y = np.where(x[:, 0] == 1, 5.0, 0.0)
    model = _fit(Task(Answer.NUMBER, "squared", ("team",), (0,)), Matrix(x, y), 0.01, 0.5)
    zero, one, rare, unknown = model.predict(np.array([[0], [1], [7], [-1]], dtype=np.float32))
    assert one == pytest.approx(5.0, abs=0.3)
    assert zero == pytest.approx(0.0, abs=0.3)
    assert rare == unknown


def test_a_null_has_an_effect_of_its_own() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 2)).astype(np.float32)
    is_null = random.uniform(size=400) < 0.4
    x[is_null, 0] = np.nan
    y = np.where(is_null, 3.0, 0.0)
    model = _fit(Task(Answer.NUMBER, "squared", ("a", "b")), Matrix(x, y), 0.01, 0.5)
    asked = np.array([[np.nan, 0.0], [0.0, 0.0]], dtype=np.float32)
    np.testing.assert_allclose(model.predict(asked), [3.0, 0.0], atol=0.2)
