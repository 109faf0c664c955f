"""Tracer inside scikit-learn: its own checks, its tools around us, and blueprints by name."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import estimator_checks_generator

from tracer_ray.sklearn import TracerClassifier, TracerRegressor
from tracer_ray.synthetic import customers

NUMBERS = ["tenure", "monthly_charges", "support_tickets"]


# the checks of scikit-learn that can't hold, and why: there is none
EXPECTED_FAILED_CHECKS: dict[str, str] = {}
Check = Callable[[BaseEstimator], None]
CHECKS: list[tuple[BaseEstimator, Check]] = [
    pair
    for estimator in (TracerClassifier(), TracerRegressor())
    for pair in estimator_checks_generator(
        estimator, expected_failed_checks=EXPECTED_FAILED_CHECKS, mark="xfail"
    )
]


def name_of(value: object) -> str:
    """The name of a check, or of an estimator's class."""
    return str(getattr(getattr(value, "func", value), "__name__", type(value).__name__))


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=name_of)
def test_it_passes_the_checks_of_scikit_learn(estimator: BaseEstimator, check: Check) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    made = customers(n=1200, seed=4)
    rows: pd.DataFrame = made.rows.to_pandas()
    return rows.assign(truth=made.truth["churn_probability"].to_numpy())


def test_a_frame_of_numbers_and_texts_is_learned_as_it_is(frame: pd.DataFrame) -> None:
    """Better than a line on the numbers alone, since the contract carries most of the truth."""
    x, y = frame.drop(columns=["customer_id", "churn", "truth"]), frame["churn"]
    ours = TracerClassifier().fit(x[:800], y[:800]).predict_proba(x[800:])
    line = LogisticRegression(max_iter=1000).fit(x[:800][NUMBERS], y[:800])
    theirs = line.predict_proba(x[800:][NUMBERS])
    assert roc_auc_score(y[800:], ours[:, 1]) > roc_auc_score(y[800:], theirs[:, 1]) + 0.02
    truth = frame["truth"].to_numpy()[800:]
    assert np.abs(ours[:, 1] - truth).mean() < np.abs(theirs[:, 1] - truth).mean()


def test_a_blueprint_finds_its_columns_by_their_names(frame: pd.DataFrame) -> None:
    x = frame.drop(columns=["churn", "truth"]).rename(columns={"tenure": "months_active"})
    model = TracerClassifier(blueprint="customer_churn").fit(x[:800], frame["churn"][:800])
    assert model.classes_.tolist() == ["No", "Yes"]
    probability = model.predict_proba(x[800:])[:, 1]
    assert roc_auc_score(frame["churn"][800:], probability) > 0.7
    again = model.predict_proba(pl.from_pandas(x[800:]))[:, 1]
    assert again.tolist() == probability.tolist()


def test_what_is_learned_can_be_copied_and_goes_through_the_usual_tools(
    frame: pd.DataFrame,
) -> None:
    x, y = frame[NUMBERS][:300], frame["churn"][:300]
    model = TracerClassifier(random_state=3).fit(x, y)
    copied = pickle.loads(pickle.dumps(model))
    assert copied.predict_proba(x).tolist() == model.predict_proba(x).tolist()
    assert clone(model).fit(x, y).predict_proba(x).tolist() == model.predict_proba(x).tolist()
    scores = cross_val_score(TracerClassifier(), x, y, cv=3, scoring="roc_auc", error_score="raise")
    assert scores.min() > 0.6
    pipeline = make_pipeline(FunctionTransformer(), TracerClassifier())
    grid = GridSearchCV(pipeline, {"tracerclassifier__random_state": [0, 1]}, cv=2)
    assert grid.fit(x, y).best_estimator_.predict(x).shape == (300,)


@pytest.mark.parametrize(
    ("estimator", "x", "y", "reason"),
    [
        (TracerClassifier(), [[1.0]] * 9, [0, 1, 2] * 3, "Only binary classification is supported"),
        (TracerClassifier(), [[1.0]] * 9, ["a"] * 9, "y has one class only, a: nothing"),
        (TracerClassifier(), [[1.0]] * 4, [0, 1, 0, 1], "4 sample"),
        (TracerRegressor("customer_churn"), [[1.0]] * 9, range(9), "answers with probability"),
        (TracerClassifier("revenue_forecast"), [[1.0]] * 9, [0, 1, 1] * 3, "answers with amount"),
        (TracerClassifier("lead_scorin"), [[1.0]] * 9, [0, 1, 1] * 3, "did you mean lead_scoring"),
    ],
)
def test_what_can_t_be_learned_is_a_value_error(
    estimator: BaseEstimator, x: Sequence[object], y: Sequence[object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        estimator.fit(np.array(x), list(y))


def test_nothing_of_it_starts_ray() -> None:
    program = (
        "import sys, numpy as np; from tracer_ray.sklearn import TracerRegressor; "
        "x = np.arange(40.0)[:, None]; TracerRegressor().fit(x, x[:, 0]).predict(x); "
        "assert 'ray' not in sys.modules and 'mlflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
