"""The forest's walk against scikit-learn's, and its SHAP values against the shap package's."""

import warnings

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from tracer_ray.blueprint import Answer
from tracer_ray.families import Matrix, Resources, Task, family
from tracer_ray.families.contract import Loss
from tracer_ray.families.random_forest import ForestModel
from tracer_ray.rows import Float32Array, FloatArray

_NAMES = tuple("abcdefgh")
_SETTINGS = {"trees": 50, "depth": 6, "min_split": 5, "min_leaf": 3, "max_features": 0.5}


def _rows(seed: int = 0) -> tuple[Float32Array, FloatArray]:
    random = np.random.default_rng(seed)
    x = np.round(random.normal(size=(400, 8)), 1).astype(np.float32)
    y = x[:, 0] + x[:, 1] * x[:, 2] + np.where(x[:, 3] > 0, 1.0, 0.0) + random.normal(size=400)
    x[random.uniform(size=x.shape) < 0.15] = np.nan
    x[:, 7] = np.round(random.normal(size=400), 1)  # never null in training
    return x, y.astype(np.float64)


def _fit(loss: Loss) -> ForestModel:
    x, y = _rows()
    rows = Matrix(x, np.nan_to_num(y))
    model = family("random_forest").fit(
        Task(Answer.NUMBER, loss, _NAMES), rows, None, _SETTINGS, Resources(seed=5)
    )
    assert isinstance(model, ForestModel)
    return model


@pytest.fixture(scope="module")
def oracle() -> RandomForestRegressor:
    """The same forest, as scikit-learn keeps it."""
    x, y = _rows()
    forest = RandomForestRegressor(
        n_estimators=50,
        max_depth=6,
        min_samples_split=5,
        min_samples_leaf=3,
        max_features=0.5,
        random_state=5,
    )
    return forest.fit(x, np.nan_to_num(y))


def test_the_walk_equals_scikit_learn_with_nulls_seen_and_unseen(
    oracle: RandomForestRegressor,
) -> None:
    x, _ = _rows(seed=1)
    x[:50, 7] = np.nan
    x[50] = np.nan
    np.testing.assert_allclose(_fit("squared").predict(x), oracle.predict(x), rtol=1e-12)


def test_contributions_equal_the_shap_package(oracle: RandomForestRegressor) -> None:
    x, _ = _rows(seed=1)
    filled = np.nan_to_num(x[:60])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plots, which nobody asked for
        import shap
    explainer = shap.TreeExplainer(oracle, feature_perturbation="tree_path_dependent")
    ours = _fit("squared").contributions(filled)
    np.testing.assert_allclose(ours[:, :-1], explainer.shap_values(filled), atol=1e-6)
    np.testing.assert_allclose(ours[:, -1], np.ravel(explainer.expected_value)[0], atol=1e-6)


def test_the_leaves_of_an_absolute_fit_hold_medians(oracle: RandomForestRegressor) -> None:
    x, y = _rows()
    y = np.nan_to_num(y)
    expected = np.zeros(len(y))
    for leaf in oracle.apply(x).T:
        expected += np.array([np.median(y[leaf == each]) for each in leaf])
    np.testing.assert_allclose(_fit("absolute").predict(x), expected / 50, rtol=1e-12)


def test_contributions_to_a_probability_keep_the_shares_of_the_shap_package() -> None:
    x, y = _rows()
    x, y = np.nan_to_num(x), (np.nan_to_num(y) > 0.5).astype(np.float64)
    task = Task(Answer.PROBABILITY, "log_loss", _NAMES)
    model = family("random_forest").fit(task, Matrix(x, y), None, _SETTINGS, Resources(seed=5))
    forest = RandomForestRegressor(
        n_estimators=50,
        max_depth=6,
        min_samples_split=5,
        min_samples_leaf=3,
        max_features=0.5,
        random_state=5,
    ).fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plots, which nobody asked for
        import shap
    explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    expected, ours = explainer.shap_values(x[:60]), model.contributions(x[:60])
    slopes = ours[:, :-1].sum(axis=1) / expected.sum(axis=1)
    np.testing.assert_allclose(ours[:, :-1], expected * slopes[:, None], atol=1e-6)
    assert (slopes > 3.9).all()  # log-odds change at least 4 times as fast as the probability
