"""Walking flat trees: predictions and exact SHAP values, compiled.

A tree is a range of nodes in flat arrays. A row goes left where its value is at most the threshold,
or is null and the node sends nulls left; a leaf has left = -1. Features are float32, thresholds
float64, compared as scikit-learn does.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracer_ray.families.compiled import compiled
from tracer_ray.rows import Float32Array, FloatArray, IntArray

Int32Array = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]
Nodes = tuple[Int32Array, FloatArray, Int32Array, Int32Array, BoolArray, FloatArray, FloatArray]

_DEEPEST = 64


@dataclass(frozen=True)
class Trees:
    """All trees of a forest, one entry per node; `roots` are the positions of their first nodes.

    `left` and `right` are positions in these arrays; `cover` is the training weight at the node.
    """

    feature: Int32Array
    threshold: FloatArray
    left: Int32Array
    right: Int32Array
    null_left: BoolArray
    value: FloatArray
    cover: FloatArray
    roots: IntArray

    @property
    def nodes(self) -> Nodes:
        """The arrays that a kernel reads."""
        return (
            self.feature,
            self.threshold,
            self.left,
            self.right,
            self.null_left,
            self.value,
            self.cover,
        )


@compiled
def walk_forest(nodes: Nodes, roots: IntArray, x: Float32Array) -> FloatArray:
    """The mean of all trees' leaf values, float64 [rows]."""
    feature, threshold, left, right, null_left, value, _ = nodes
    predicted = np.zeros(len(x))
    for row in range(len(x)):
        for root in roots:
            node = root
            while left[node] >= 0:
                seen = x[row, feature[node]]
                goes_left = null_left[node] if np.isnan(seen) else seen <= threshold[node]
                node = left[node] if goes_left else right[node]
            predicted[row] += value[node]
    return predicted / len(roots)


@compiled
def explain_forest(
    nodes: Nodes, parent: Int32Array, roots: IntArray, x: Float32Array
) -> FloatArray:
    """Path-dependent SHAP values, float64 [rows, features + 1]; the last column is the mean.

    Lundberg and others (2020), From local explanations to global understanding with explainable AI
    for trees. Here leaf by leaf: a leaf's value is shared among the distinct features above it.
    """
    feature, threshold, left, _, null_left, value, cover = nodes
    shared = np.zeros((len(x), x.shape[1] + 1))
    names = np.empty(_DEEPEST, dtype=np.int64)
    zero, one = np.empty(_DEEPEST), np.empty(_DEEPEST)
    for row in range(len(x)):
        for leaf in range(len(left)):
            if left[leaf] >= 0:
                continue
            depth = 0
            node = leaf
            while parent[node] >= 0:
                above = parent[node]
                seen = x[row, feature[above]]
                goes_left = null_left[above] if np.isnan(seen) else seen <= threshold[above]
                at = 0
                while at < depth and names[at] != feature[above]:
                    at += 1
                if at == depth:
                    names[at], zero[at], one[at] = feature[above], 1.0, 1.0
                    depth += 1
                zero[at] *= cover[node] / cover[above]
                if goes_left != (left[above] == node):
                    one[at] = 0.0
                node = above
            _share_leaf(shared[row], names, zero, one, depth, value[leaf])
    return shared / len(roots)


@compiled
def _share_leaf(
    shared: FloatArray, names: IntArray, zero: FloatArray, one: FloatArray, depth: int, value: float
) -> None:
    """Adds to each feature what it contributes by leading to the leaf or away from it.

    `zero` is the share of training rows that a split sends towards the leaf, `one` is 1.0 where it
    sends this row there. `weights[k]` is the permutation weight of the sets with k known features.
    """
    weights = np.zeros(depth + 1)
    weights[0] = 1.0
    expected = value
    for i in range(depth):
        expected *= zero[i]
        for k in range(i, -1, -1):
            weights[k + 1] += one[i] * weights[k] * (k + 1) / (i + 2)
            weights[k] *= zero[i] * (i + 1 - k) / (i + 2)
    shared[-1] += expected
    for i in range(depth):
        total, following = 0.0, weights[depth]
        for k in range(depth - 1, -1, -1):
            if one[i] != 0.0:
                without = following * (depth + 1) / (k + 1)
                total += without
                following = weights[k] - without * zero[i] * (depth - k) / (depth + 1)
            else:
                total += weights[k] * (depth + 1) / (zero[i] * (depth - k))
        shared[names[i]] += total * (one[i] - zero[i]) * value


def parents(trees: Trees) -> Int32Array:
    """The position of each node's parent, int32 [nodes]; -1 for a root."""
    above = np.full(len(trees.left), -1, dtype=np.int32)
    inner = np.flatnonzero(trees.left >= 0).astype(np.int32)
    above[trees.left[inner]] = inner
    above[trees.right[inner]] = inner
    return above
