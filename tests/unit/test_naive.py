"""The naive forecast as a candidate: it says what the feature says that it starts from."""

import numpy as np
import pytest

from tracer_ray.blueprint import Answer, candidate
from tracer_ray.errors import ReleaseError, TrainingError
from tracer_ray.families import Matrix, Resources, Task, family
from tracer_ray.families.fitting import fit_candidate, load_model

AMOUNTS = Task(Answer.AMOUNT, "squared", ("lag", "other"))
X = np.log1p(np.array([[10.0, 1.0], [20.0, 2.0], [40.0, 4.0], [np.nan, 8.0]])).astype(np.float32)
ROWS = Matrix(X, np.array([5.0, 50.0, 5.0, 50.0]))


def test_it_repeats_its_feature_and_the_usual_value_where_that_is_null() -> None:
    chosen = candidate("naive", start=0)
    model = fit_candidate(AMOUNTS, ROWS, None, chosen, Resources())
    said = [10.0, 20.0, 40.0, 20.0]
    np.testing.assert_allclose(model.predict(X), said, rtol=1e-6)
    loaded = load_model("naive", model.to_bytes(), chosen.settings, Answer.AMOUNT)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    np.testing.assert_allclose(np.expm1(model.contributions(X).sum(axis=1)), said, rtol=1e-6)
    assert loaded.importances().tolist() == [0.0, 0.0]


def test_a_probability_is_repeated_as_it_is_and_explained_in_log_odds() -> None:
    flags = Task(Answer.PROBABILITY, "log_loss", ("rating", "other"))
    x = np.array([[0.2, 1.0], [0.9, 2.0], [0.5, 0.0]], np.float32)
    chosen = candidate("naive", start=0)
    model = fit_candidate(flags, Matrix(x, np.array([0.0, 1.0, 1.0])), None, chosen, Resources())
    loaded = load_model("naive", model.to_bytes(), chosen.settings, Answer.PROBABILITY)
    np.testing.assert_allclose(loaded.predict(x), [0.2, 0.9, 0.5], rtol=1e-6)
    np.testing.assert_allclose(
        loaded.contributions(x)[:, 0], np.log([0.2 / 0.8, 0.9 / 0.1, 1.0]), atol=1e-6
    )


def test_it_needs_a_feature_to_repeat() -> None:
    with pytest.raises(TrainingError, match="takes a `start` and no other setting"):
        fit_candidate(AMOUNTS, ROWS, None, candidate("naive"), Resources())


def test_bytes_of_anything_else_are_refused() -> None:
    with pytest.raises(ReleaseError, match="3 bytes are no naive forecast"):
        family("naive").load(b"abc")
