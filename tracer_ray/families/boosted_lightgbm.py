"""Gradient boosting by LightGBM: leaf-wise trees, native early stopping, text bytes."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.families.contract import (
    Matrix,
    Range,
    Resources,
    Settings,
    Task,
    checked_offset,
    complete_settings,
    shares,
)
from tracer_ray.families.native_file import Facts, seal, unseal
from tracer_ray.link import sigmoid
from tracer_ray.rows import Float32Array, FloatArray

if TYPE_CHECKING:
    from lightgbm import Dataset

_OBJECTIVES = {
    "absolute": ("regression_l1", "l1"),
    "squared": ("regression", "l2"),
    "log_loss": ("binary", "binary_logloss"),
}
_PATIENCE = Range("early_stopping_rounds", 10, 50, 30, is_integer=True)
# random cuts (Geurts and others, 2006), where a candidate asks for them
_RANDOM_CUTS = Range("extra_trees", 0, 1, 0, is_integer=True)
_LARGE_ROWS = 100_000
_SINGLE_CATEGORIES = 64  # sets of few categories overfit: there are many sets to choose from
_THREADS = re.compile(r"^\[num_threads: \d+\]$", re.MULTILINE)


@dataclass(frozen=True)
class LightGBM:
    """Leaf-wise boosted trees; nulls and unknown codes are split natively.

    Up to 64 categories are split one against the rest, more of them as sets.

    `absolute` is LightGBM's L1 objective, which sets leaves to medians of the residuals. The same
    seed gives the same bytes on one thread or many (its deterministic mode).
    """

    name: str = "lightgbm"
    ranges: tuple[Range, ...] = (
        Range("rounds", 50, 500, 300, is_integer=True),
        Range("depth", 3, 12, 6, is_integer=True),
        Range("num_leaves", 4, 127, 15, is_log=True, is_integer=True),
        Range("learning_rate", 0.01, 0.3, 0.05, is_log=True),
        Range("subsample", 0.6, 1.0, 0.8),
        Range("colsample", 0.5, 1.0, 0.8),
        Range("min_data_in_leaf", 5, 200, 20, is_log=True, is_integer=True),
        Range("l2", 0.1, 30.0, 1.0, is_log=True),
    )

    def accepts_offset(self, answer: Answer) -> bool:
        """Always: as the initial score."""
        return True

    def fit(
        self,
        task: Task,
        train: Matrix,
        validation: Matrix | None,
        settings: Settings,
        resources: Resources,
    ) -> "LightGBMModel":
        """Boosted trees, cut at the best round where validation rows are given."""
        import lightgbm

        values = complete_settings(self, settings, _PATIENCE, _RANDOM_CUTS)
        parameters = _parameters(task, len(train), values, resources)
        data = _dataset(task, train, parameters, None)
        watched = [] if validation is None else [_dataset(task, validation, parameters, data)]
        patience = int(values["early_stopping_rounds"])
        booster = lightgbm.train(
            parameters,
            data,
            num_boost_round=int(values["rounds"]),
            valid_sets=watched,
            callbacks=[lightgbm.early_stopping(patience, verbose=False)] if watched else [],
        )
        text = booster.model_to_string(num_iteration=booster.best_iteration)
        facts: Facts = {
            "categorical": list(task.categorical),
            "has_offset": train.offset is not None,
            "is_probability": task.answer is Answer.PROBABILITY,
        }
        same_on_any_threads = _THREADS.sub("[num_threads: 1]", text)
        return LightGBMModel(same_on_any_threads, facts, resources.threads)

    def load(self, data: bytes) -> "LightGBMModel":
        """The model of text bytes, predicting on one thread."""
        native, facts = unseal(data, self.name)
        return LightGBMModel(native.decode(), facts, 1)


class LightGBMModel:
    """A fitted booster in text, and the facts that the text does not hold."""

    def __init__(self, text: str, facts: Facts, threads: int) -> None:
        """Read the booster from its text."""
        from lightgbm import Booster

        self._booster = Booster(model_str=text)
        self._text = text
        self._facts = facts
        self._threads = threads
        self._is_probability = bool(facts["is_probability"])
        self._has_offset = bool(facts["has_offset"])
        known = facts["categorical"]
        self._categorical = tuple(known) if isinstance(known, list) else ()

    @property
    def rounds(self) -> int:
        """The boosting rounds kept."""
        return int(self._booster.current_iteration())

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values or probabilities, float64 [rows]."""
        known = checked_offset(offset, self._has_offset, len(x))
        raw = self._booster.predict(
            _without_unknown(x, self._categorical),
            raw_score=True,
            num_threads=self._threads,
            validate_features=False,
        )
        margin = np.asarray(raw, dtype=np.float64) + known
        return sigmoid(margin) if self._is_probability else margin

    def contributions(self, x: Float32Array) -> FloatArray:
        """Exact tree SHAP values (Lundberg and others, 2020), of the margin without offset."""
        values = self._booster.predict(
            _without_unknown(x, self._categorical), pred_contrib=True, num_threads=self._threads
        )
        return np.asarray(values, dtype=np.float64)

    def importances(self) -> FloatArray:
        """Shares of the total gain."""
        gains = self._booster.feature_importance(importance_type="gain")
        return shares(np.asarray(gains, dtype=np.float64))

    def to_bytes(self) -> bytes:
        """LightGBM's text format, sealed."""
        return seal(self._text.encode(), self._facts)


def _without_unknown(x: Float32Array, categorical: tuple[int, ...]) -> Float32Array:
    """The features with null in place of the unknown code -1."""
    if not categorical:
        return x
    copy = x.copy()
    for position in categorical:
        copy[copy[:, position] < 0, position] = np.nan
    return copy


def _dataset(
    task: Task,
    matrix: Matrix,
    parameters: dict[str, float | int | str | bool],
    reference: "Dataset | None",
) -> "Dataset":
    from lightgbm import Dataset

    return Dataset(
        _without_unknown(matrix.x, task.categorical),
        label=matrix.y,
        weight=matrix.weight,
        init_score=matrix.offset,
        categorical_feature=list(task.categorical),
        params=parameters,
        reference=reference,
    )


def _parameters(
    task: Task, rows: int, values: dict[str, float], resources: Resources
) -> dict[str, float | int | str | bool]:
    objective, watched = _OBJECTIVES[task.loss]
    return {
        "objective": objective,
        "metric": watched,
        "max_bin": 255 if rows > _LARGE_ROWS else 63,
        "max_depth": int(values["depth"]),
        "num_leaves": int(values["num_leaves"]),
        "learning_rate": values["learning_rate"],
        "bagging_fraction": values["subsample"],
        "bagging_freq": 1,
        "feature_fraction": values["colsample"],
        "min_data_in_leaf": int(values["min_data_in_leaf"]),
        "extra_trees": bool(values["extra_trees"]),
        "lambda_l2": values["l2"],
        "max_cat_to_onehot": _SINGLE_CATEGORIES,
        "feature_pre_filter": False,
        "seed": resources.seed % 2**31,
        "num_threads": resources.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


FAMILY = LightGBM()
