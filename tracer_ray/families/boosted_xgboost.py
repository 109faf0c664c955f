"""Gradient boosting by XGBoost: histograms, native early stopping, UBJ bytes."""

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
from tracer_ray.rows import Float32Array, FloatArray

if TYPE_CHECKING:
    from xgboost import Booster, DMatrix

_OBJECTIVES = {
    "absolute": ("reg:absoluteerror", "mae"),
    "squared": ("reg:squarederror", "rmse"),
    "log_loss": ("binary:logistic", "logloss"),
}
_PATIENCE = Range("early_stopping_rounds", 10, 50, 30, is_integer=True)
_LARGE_ROWS = 100_000


@dataclass(frozen=True)
class XGBoost:
    """Boosted trees; codes of categories are read as ordered numbers, nulls natively.

    `absolute` uses XGBoost's own L1 objective, which sets leaves to medians of the residuals. The
    same seed gives the same bytes on one thread or many.
    """

    name: str = "xgboost"
    ranges: tuple[Range, ...] = (
        Range("rounds", 50, 500, 300, is_integer=True),
        Range("depth", 3, 12, 4, is_integer=True),
        Range("learning_rate", 0.01, 0.3, 0.05, is_log=True),
        Range("subsample", 0.6, 1.0, 0.8),
        Range("colsample", 0.5, 1.0, 0.8),
        Range("min_child_weight", 1.0, 50.0, 5.0, is_log=True),
        Range("l2", 0.1, 30.0, 1.0, is_log=True),
    )

    def accepts_offset(self, answer: Answer) -> bool:
        """Always: as the base margin."""
        return True

    def fit(
        self,
        task: Task,
        train: Matrix,
        validation: Matrix | None,
        settings: Settings,
        resources: Resources,
    ) -> "XGBoostModel":
        """Boosted trees, cut at the best round where validation rows are given."""
        import xgboost

        values = complete_settings(self, settings, _PATIENCE)
        matrix = _dmatrix(train, resources.threads)
        watched = [] if validation is None else [(_dmatrix(validation, resources.threads), "v")]
        booster = xgboost.train(
            _parameters(task, len(train), values, resources),
            matrix,
            num_boost_round=int(values["rounds"]),
            evals=watched,
            early_stopping_rounds=int(values["early_stopping_rounds"]) if watched else None,
            verbose_eval=False,
        )
        if watched:
            booster = booster[: booster.best_iteration + 1]
        booster.set_attr(best_iteration=None, best_score=None)
        facts: Facts = {"has_offset": train.offset is not None}
        return XGBoostModel(booster, facts, resources.threads)

    def load(self, data: bytes) -> "XGBoostModel":
        """The model of UBJ bytes, predicting on one thread."""
        import xgboost

        native, facts = unseal(data, self.name)
        booster = xgboost.Booster({"nthread": 1, "verbosity": 0})
        booster.load_model(bytearray(native))
        return XGBoostModel(booster, facts, 1)


class XGBoostModel:
    """A fitted booster, and the facts that its native format does not hold."""

    def __init__(self, booster: "Booster", facts: Facts, threads: int) -> None:
        """Take a booster and how it must be used."""
        self._booster = booster
        self._facts = facts
        self._threads = threads
        self._has_offset = bool(facts["has_offset"])
        booster.set_param({"nthread": threads})

    @property
    def rounds(self) -> int:
        """The boosting rounds kept."""
        return int(self._booster.num_boosted_rounds())

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values or probabilities, float64 [rows]."""
        margin = checked_offset(offset, self._has_offset, len(x))
        given = margin.astype(np.float32) if self._has_offset else None
        predicted = self._booster.inplace_predict(x, base_margin=given, validate_features=False)
        return np.asarray(predicted, dtype=np.float64)

    def contributions(self, x: Float32Array) -> FloatArray:
        """Exact tree SHAP values (Lundberg and others, 2020), of the margin without offset."""
        matrix = self._matrix(x)
        return np.asarray(self._booster.predict(matrix, pred_contribs=True), dtype=np.float64)

    def importances(self) -> FloatArray:
        """Shares of the total gain."""
        gains = np.zeros(self._booster.num_features())
        for name, gain in self._booster.get_score(importance_type="total_gain").items():
            gains[int(name[1:])] = gain
        return shares(gains)

    def to_bytes(self) -> bytes:
        """Universal binary JSON as XGBoost writes it, sealed."""
        return seal(bytes(self._booster.save_raw("ubj")), self._facts)

    def _matrix(self, x: Float32Array) -> "DMatrix":
        from xgboost import DMatrix

        margin = np.zeros(len(x), dtype=np.float32) if self._has_offset else None
        return DMatrix(x, base_margin=margin, nthread=self._threads)


def _dmatrix(matrix: Matrix, threads: int) -> "DMatrix":
    from xgboost import DMatrix

    return DMatrix(
        matrix.x,
        label=matrix.y,
        weight=matrix.weight,
        base_margin=matrix.offset,
        nthread=threads,
    )


def _parameters(
    task: Task, rows: int, values: dict[str, float], resources: Resources
) -> dict[str, float | int | str]:
    objective, watched = _OBJECTIVES[task.loss]
    return {
        "objective": objective,
        "eval_metric": watched,
        "tree_method": "hist",
        "max_bin": 256 if rows > _LARGE_ROWS else 64,
        "max_depth": int(values["depth"]),
        "learning_rate": values["learning_rate"],
        "subsample": values["subsample"],
        "colsample_bytree": values["colsample"],
        "min_child_weight": values["min_child_weight"],
        "lambda": values["l2"],
        "seed": resources.seed % 2**31,
        "nthread": resources.threads,
        "verbosity": 0,
    }


FAMILY = XGBoost()
