"""From features with nulls and codes to the standardised columns of a linear model, and back.

Columns of the design, in this order: every feature (winsorised to its training range, nulls at the
mean), one null indicator per feature that had nulls, one indicator per frequent code of each
categorical feature. Rows are handled in blocks, so that only float32 columns exist whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tracer_ray.families.contract import Matrix
from tracer_ray.rows import Float32Array, FloatArray, IntArray

_BLOCK_ROWS = 20_000
_MINIMUM_CODE_ROWS = 10  # rarer codes share the unknown code's level
_MAXIMUM_CODES = 50  # per feature, the most frequent ones


@dataclass(frozen=True)
class Encoding:
    """How features become columns.

    `low`, `high` and `fill` are [features], all 0 for categorical ones; `nullable` are the features
    with a null indicator; `codes` int64 [codes, 2] are the (feature, code) pairs with an indicator.
    """

    low: FloatArray
    high: FloatArray
    fill: FloatArray
    nullable: IntArray
    codes: IntArray

    def encode(self, x: Float32Array) -> FloatArray:
        """The unscaled design, float64 [rows, columns]."""
        wide = x.astype(np.float64)
        is_null = np.isnan(wide)
        filled = np.where(is_null, self.fill, np.clip(wide, self.low, self.high))
        hot = x[:, self.codes[:, 0]] == self.codes[:, 1]
        return np.concatenate([filled, is_null[:, self.nullable], hot], axis=1)

    @property
    def owner(self) -> IntArray:
        """The feature that each column of the design stands for."""
        return np.concatenate([np.arange(len(self.fill)), self.nullable, self.codes[:, 0]])


@dataclass(frozen=True)
class Design:
    """The standardised columns of a matrix, float32 [rows, columns]; arithmetic is in float64.

    `mean` and `spread` (standard deviation) are of the unscaled columns; a constant column is 0.
    """

    matrix: Matrix
    encoding: Encoding
    mean: FloatArray
    spread: FloatArray
    standardised: Float32Array

    def times(self, slopes: FloatArray) -> FloatArray:
        """The columns times one slope each, float64 [rows]."""
        parts = [block @ slopes for _, block in self._blocks(self.standardised)]
        return np.concatenate(parts)

    def gradient(self, rest: FloatArray) -> FloatArray:
        """The sum over rows of the columns times what the rows leave, float64 [columns]."""
        total = np.zeros(len(self.mean))
        for rows, block in self._blocks(self.standardised):
            total += rest[rows] @ block
        return total

    def curvature(self, heft: FloatArray, step: int = 1) -> tuple[FloatArray, FloatArray]:
        """The Gram matrix [columns, columns] and the sum [columns] of rows that weigh `heft`.

        Every `step`-th row stands for all, scaled to the same total weight.
        """
        gram, lean = np.zeros((len(self.mean), len(self.mean))), np.zeros(len(self.mean))
        sampled = heft[::step]
        for rows, block in self._blocks(self.standardised[::step]):
            weighted = block * sampled[rows, None]
            gram += block.T @ weighted
            lean += weighted.sum(axis=0)
        scale = float(heft.sum() / sampled.sum())
        return gram * scale, lean * scale

    @staticmethod
    def _blocks(columns: Float32Array) -> Iterator[tuple[slice, FloatArray]]:
        for start in range(0, len(columns), _BLOCK_ROWS):
            rows = slice(start, start + _BLOCK_ROWS)
            yield rows, columns[rows].astype(np.float64)


def design(matrix: Matrix, categorical: tuple[int, ...]) -> Design:
    """The design of training rows."""
    encoding = _encoding(matrix.x, categorical)
    weight = matrix.weights / matrix.weights.sum()
    blocks = [slice(start, start + _BLOCK_ROWS) for start in range(0, len(matrix), _BLOCK_ROWS)]
    mean = sum(weight[rows] @ encoding.encode(matrix.x[rows]) for rows in blocks)
    square = sum(weight[rows] @ (encoding.encode(matrix.x[rows]) - mean) ** 2 for rows in blocks)
    spread = np.sqrt(square)
    spread = np.where(spread <= 1e-9 * np.abs(mean), 0.0, spread)
    scale = np.where(spread > 0.0, spread, np.inf)
    standardised = np.empty((len(matrix), len(scale)), dtype=np.float32)
    for rows in blocks:
        standardised[rows] = (encoding.encode(matrix.x[rows]) - mean) / scale
    return Design(matrix, encoding, mean, spread, standardised)


def _encoding(x: Float32Array, categorical: tuple[int, ...]) -> Encoding:
    is_null = np.isnan(x)
    counts = len(x) - is_null.sum(axis=0)
    fill = np.where(is_null, 0.0, x).sum(axis=0, dtype=np.float64) / np.maximum(counts, 1)
    low = np.where(is_null, np.inf, x).min(axis=0).astype(np.float64)
    high = np.where(is_null, -np.inf, x).max(axis=0).astype(np.float64)
    is_used = (counts > 0) & ~np.isin(np.arange(x.shape[1]), categorical)
    nullable = np.flatnonzero(is_null.any(axis=0) & is_used)
    codes = [(position, code) for position in categorical for code in _codes(x[:, position])]
    return Encoding(
        low=np.where(is_used, low, 0.0),
        high=np.where(is_used, high, 0.0),
        fill=np.where(is_used, fill, 0.0),
        nullable=nullable,
        codes=np.array(codes, dtype=np.int64).reshape(-1, 2),
    )


def _codes(column: Float32Array) -> list[int]:
    known = column[column >= 0].astype(np.int64)
    counts = np.bincount(known)
    order = np.argsort(-counts, kind="stable")[:_MAXIMUM_CODES]
    return sorted(int(code) for code in order if counts[code] >= _MINIMUM_CODE_ROWS)
