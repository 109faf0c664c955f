"""The random forest: grown by scikit-learn, kept and walked as flat arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.errors import ReleaseError
from tracer_ray.families.array_file import Array, pack, unpack
from tracer_ray.families.contract import (
    Matrix,
    Range,
    Resources,
    Settings,
    Task,
    checked_offset,
    complete_settings,
    refuse_offset,
    shares,
)
from tracer_ray.families.tree_walk import (
    Int32Array,
    Trees,
    explain_forest,
    parents,
    walk_forest,
)
from tracer_ray.link import log_odds
from tracer_ray.rows import Float32Array, FloatArray, IntArray

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestRegressor

_KIND = "random_forest"
_LEAST_CHANGE = 1e-9  # below, the slope of the log-odds is that at the point itself
_LARGE_ROWS = 20_000
_LARGE_SHARE = 20_000  # rows that each tree draws where there are more


@dataclass(frozen=True)
class RandomForest:
    """Averaged deep trees; codes of categories are ordered numbers, nulls are split natively.

    For an absolute loss the leaves are set to the median of all training rows that reach them. A
    probability is the mean outcome, kept half a row away from 0 and 1: for outcomes 0 and 1 the
    squared error chooses the same splits as Gini impurity. Above 20,000 rows every tree draws
    20,000 of them. The same seed gives the same bytes on one thread or many.
    """

    name: str = "random_forest"
    ranges: tuple[Range, ...] = (
        Range("trees", 50, 500, 100, is_log=True, is_integer=True),
        Range("depth", 3, 15, 8, is_integer=True),
        Range("min_split", 5, 20, 10, is_integer=True),
        Range("min_leaf", 2, 10, 5, is_integer=True),
        Range("max_features", 0.2, 1.0, 0.4),
    )

    def accepts_offset(self, answer: Answer) -> bool:
        """For numbers, whose residuals are fitted; averaging has no log-odds to start from."""
        return answer is Answer.NUMBER

    def fit(
        self,
        task: Task,
        train: Matrix,
        validation: Matrix | None,
        settings: Settings,
        resources: Resources,
    ) -> "ForestModel":
        """A forest of the training rows; validation rows are not used."""
        refuse_offset(self, task, train)
        rest = train.y - train.offsets
        forest = _grower(complete_settings(self, settings), len(train), resources)
        forest.fit(train.x, rest, sample_weight=train.weight)
        trees = _flat(forest)
        if task.loss == "absolute":
            trees = _with_medians(trees, forest.apply(train.x).astype(np.int64), rest)
        return ForestModel(
            trees,
            np.asarray(forest.feature_importances_, dtype=np.float64),
            margin=0.5 / len(train) if task.answer is Answer.PROBABILITY else -np.inf,
            has_offset=train.offset is not None,
        )

    def load(self, data: bytes) -> "ForestModel":
        """The model of .npz bytes."""
        arrays = unpack(data, _KIND)
        try:
            return ForestModel(
                _trees(arrays),
                arrays["importances"].astype(np.float64),
                float(arrays["margin"].astype(np.float64)),
                bool(arrays["has_offset"]),
            )
        except KeyError as error:
            raise ReleaseError(f"the arrays of a {_KIND} model lack {error}") from error


@dataclass(frozen=True)
class ForestModel:
    """A forest as arrays; predictions stay `margin` away from 0 and 1 (-inf for numbers)."""

    trees: Trees
    gains: FloatArray
    margin: float
    has_offset: bool

    @property
    def rounds(self) -> int:
        """0: there are none to pin."""
        return 0

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values or probabilities, float64 [rows]."""
        known = checked_offset(offset, self.has_offset, len(x))
        raw = walk_forest(self.trees.nodes, self.trees.roots, x)
        return np.clip(raw + known, self.margin, 1.0 - self.margin)

    def contributions(self, x: Float32Array) -> FloatArray:
        """Exact tree SHAP values; of a probability stretched to its log-odds.

        A forest averages probabilities, and those do not add up in log-odds: a row's values are
        multiplied by one slope, from the mean probability to its own. Their shares stay exact.
        """
        parts = explain_forest(self.trees.nodes, self._parents, self.trees.roots, x)
        return _stretched(parts, self.margin) if np.isfinite(self.margin) else parts

    def importances(self) -> FloatArray:
        """Shares of the impurity removed."""
        return shares(self.gains)

    def to_bytes(self) -> bytes:
        """Arrays as .npz."""
        arrays = {each.name: getattr(self.trees, each.name) for each in fields(Trees)}
        return pack(
            {
                "kind": np.array(_KIND),
                "importances": self.gains,
                "margin": np.array(self.margin),
                "has_offset": np.array(self.has_offset),
                **arrays,
            }
        )

    @cached_property
    def _parents(self) -> Int32Array:
        return parents(self.trees)


def _stretched(parts: FloatArray, margin: float) -> FloatArray:
    """Contributions to a probability as contributions to its log-odds."""
    start = np.clip(parts[:, -1], margin, 1.0 - margin)
    change = parts[:, :-1].sum(axis=1)
    end = np.clip(parts.sum(axis=1), margin, 1.0 - margin)
    is_moved = np.abs(change) > _LEAST_CHANGE
    slope = np.where(
        is_moved,
        (log_odds(end) - log_odds(start)) / np.where(is_moved, change, 1.0),
        1.0 / (start * (1.0 - start)),
    )
    return np.concatenate([parts[:, :-1] * slope[:, None], log_odds(start)[:, None]], axis=1)


def _grower(values: dict[str, float], rows: int, resources: Resources) -> "RandomForestRegressor":
    from sklearn.ensemble import RandomForestRegressor

    create = cast("Callable[..., RandomForestRegressor]", RandomForestRegressor)
    return create(
        n_estimators=int(values["trees"]),
        max_depth=int(values["depth"]),
        min_samples_split=int(values["min_split"]),
        min_samples_leaf=int(values["min_leaf"]),
        max_features=values["max_features"],
        max_samples=_LARGE_SHARE if rows > _LARGE_ROWS else None,
        n_jobs=resources.threads,
        random_state=resources.seed % 2**31,
    )


def _flat(forest: "RandomForestRegressor") -> Trees:
    grown = [each.tree_ for each in forest.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in grown[:-1])])

    def joined(name: str) -> Array:
        return np.concatenate([np.asarray(getattr(tree, name)).reshape(-1) for tree in grown])

    root = np.repeat(roots, [tree.node_count for tree in grown])
    left, right = (joined(f"children_{side}").astype(np.int64) for side in ("left", "right"))
    return _trees(
        {
            "feature": joined("feature"),
            "threshold": joined("threshold"),
            "left": np.where(left < 0, -1, left + root),
            "right": np.where(right < 0, -1, right + root),
            "null_left": joined("missing_go_to_left"),
            "value": joined("value"),
            "cover": joined("weighted_n_node_samples"),
            "roots": roots,
        }
    )


def _trees(arrays: Mapping[str, Array]) -> Trees:
    return Trees(
        feature=arrays["feature"].astype(np.int32),
        threshold=arrays["threshold"].astype(np.float64),
        left=arrays["left"].astype(np.int32),
        right=arrays["right"].astype(np.int32),
        null_left=arrays["null_left"].astype(np.bool_),
        value=arrays["value"].astype(np.float64),
        cover=arrays["cover"].astype(np.float64),
        roots=arrays["roots"].astype(np.int64),
    )


def _with_medians(trees: Trees, leaves: IntArray, y: FloatArray) -> Trees:
    """The trees with each leaf at the median outcome of the rows that reach it.

    `leaves` are the leaf of each row in each tree, int64 [rows, trees], counted from its root.
    """
    order = np.argsort(y, kind="stable")
    value = trees.value.copy()
    for tree, root in enumerate(trees.roots):
        of_row = leaves[order, tree]
        by_leaf = np.argsort(of_row, kind="stable")
        found, first, rows = np.unique(of_row[by_leaf], return_index=True, return_counts=True)
        lower, upper = (y[order[by_leaf[first + at]]] for at in ((rows - 1) // 2, rows // 2))
        value[root + found] = (lower + upper) / 2.0
    return replace(trees, value=value)


FAMILY = RandomForest()
