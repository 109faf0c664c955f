"""What LightGBM is asked for beyond its defaults: categories one by one, and random cuts."""

import re

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.families import Matrix, Model, Resources, Settings, Task, family

TASK = Task(Answer.NUMBER, "squared", ("category", "number"), categorical=(0,))
RANDOM = np.random.default_rng(0)
X = np.column_stack([RANDOM.integers(0, 12, 800), RANDOM.normal(size=800)]).astype(np.float32)
ROWS = Matrix(X, np.where(X[:, 0] % 3 == 1, 2.0, 0.0) + X[:, 1])


def fitted(threads: int = 1, **settings: float) -> Model:
    given: Settings = {"rounds": 50, **settings}
    return family("lightgbm").fit(TASK, ROWS, None, given, Resources(threads, seed=7))


def test_each_split_sets_one_category_apart() -> None:
    text = fitted().to_bytes().decode(errors="replace")
    words = re.findall(r"^cat_threshold=(.*)$", text, re.MULTILINE)
    sizes = [int(word).bit_count() for line in words for word in line.split()]
    assert len(sizes) > 50
    assert max(sizes) == 1


def test_random_cuts_give_another_model_and_the_same_on_any_threads() -> None:
    model = fitted(extra_trees=1)
    assert model.to_bytes() == fitted(threads=2, extra_trees=1).to_bytes()
    assert not np.array_equal(model.predict(X), fitted().predict(X))
