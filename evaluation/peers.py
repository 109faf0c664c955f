"""What others would use on the same rows: a linear model and LightGBM, both as they come.

Peers see the features and the split of a finished training run. They are fitted to all rows before
the test rows, the validation and calibration rows included, and scored on the test rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.data.dataset import Dataset
from tracer_ray.feature_program.program import compile_program
from tracer_ray.link import from_link, to_link
from tracer_ray.releases.release import Release
from tracer_ray.rows import Float32Array, FloatArray, TextArray
from tracer_ray.splits import Part
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.scoring import score

SEED = 0


@dataclass(frozen=True)
class Task:
    """Rows to fit and rows to judge of one target; `categorical` are positions of codes.

    `test_keys` name the rows to judge, where every row stands once. Amounts are learned on their
    logarithm, by peers too.
    """

    x: Float32Array
    y: FloatArray
    test_x: Float32Array
    test_y: FloatArray
    test_keys: TextArray
    categorical: list[int]
    answer: Answer


Peer = Callable[[Task], FloatArray]


def task_of(release: Release, run_folder: str, target: str) -> Task:
    """The rows of a run as it left them in its folder."""
    blueprint = release.blueprint()
    program = compile_program(blueprint, release.manifest.targets)
    names = [feature.name for feature in blueprint.features_for(target)]
    positions = program.positions(names)
    coded = {program.names[position] for position in program.categorical}
    reader = BucketReader(f"{run_folder}/features")
    dataset = Dataset.open(release.manifest.origin.dataset_uri)
    pieces = [reader.features(bucket) for bucket in range(dataset.buckets)]
    keys = np.concatenate([dataset.read_bucket(bucket).keys for bucket in range(dataset.buckets)])
    x = np.concatenate([piece.x[:, positions] for piece in pieces])
    y = np.concatenate([piece.outcomes[target] for piece in pieces])
    parts = np.concatenate([piece.parts for piece in pieces])
    is_test = np.isfinite(y) & (parts == Part.TEST)
    is_fitted = np.isfinite(y) & np.isin(parts, (Part.TRAIN, Part.VALIDATION, Part.CALIBRATION))
    categorical = [place for place, name in enumerate(names) if name in coded]
    answer = blueprint.target(target).answer
    test_keys = keys[is_test] if len(keys) == len(y) else keys[:0]
    fitted, judged = (x[is_fitted], y[is_fitted]), (x[is_test], y[is_test], test_keys)
    return Task(*fitted, *judged, categorical, answer)


def linear_model(task: Task) -> FloatArray:
    """Logistic (or least squares) regression: indicators for categories, scaled numbers."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    has_values = np.isfinite(task.x).any(axis=0)
    numeric = [i for i in np.flatnonzero(has_values).tolist() if i not in task.categorical]
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numeric),
        (OneHotEncoder(handle_unknown="ignore"), task.categorical),
    )
    is_flag = task.answer is Answer.PROBABILITY
    model = LogisticRegression(max_iter=2000) if is_flag else LinearRegression()
    pipeline = make_pipeline(prepare, model).fit(task.x, _learned(task))
    return _predicted(pipeline, task)


def default_lightgbm(task: Task) -> FloatArray:
    """LightGBM with its default settings."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if task.answer is Answer.PROBABILITY else LGBMRegressor
    model = kind(random_state=SEED, n_jobs=1, verbose=-1)
    model.fit(task.x, _learned(task), categorical_feature=task.categorical or "auto")
    return _predicted(model, task)


PEERS: Mapping[str, Peer] = {"linear": linear_model, "lightgbm": default_lightgbm}


def peer_scores(task: Task) -> dict[str, dict[str, float]]:
    """The test rows' scores of every peer, by its name."""
    return {name: score(task.test_y, predict(task), task.answer) for name, predict in PEERS.items()}


def _learned(task: Task) -> FloatArray:
    return to_link(task.y, task.answer) if task.answer is Answer.AMOUNT else task.y


def _predicted(model: Any, task: Task) -> FloatArray:
    if task.answer is Answer.PROBABILITY:
        return np.asarray(model.predict_proba(task.test_x)[:, 1], np.float64)
    return from_link(np.asarray(model.predict(task.test_x), np.float64), task.answer)
