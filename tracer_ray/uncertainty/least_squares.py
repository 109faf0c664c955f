"""Small non-negative least squares, for means and spreads that must never be negative."""

import numpy as np

from tracer_ray.rows import FloatArray

_SWEEPS = 500


def fit_non_negative(columns: FloatArray, y: FloatArray, weight: FloatArray) -> FloatArray:
    """The b >= 0 that minimises the weighted squared error of `columns @ b`, float64 [columns].

    >>> fit_non_negative(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([2.0, 1.0]), np.ones(2))
    array([1.5, 0. ])
    """
    size = np.maximum(np.abs(columns).max(axis=0), 1e-300)
    scaled = columns / size
    gram, target = scaled.T @ (scaled * weight[:, None]), scaled.T @ (weight * y)
    found = np.zeros(len(target))
    for _ in range(_SWEEPS):
        before = found.copy()
        for j in np.flatnonzero(np.diag(gram) > 0):
            pull = target[j] - gram[j] @ found + gram[j, j] * found[j]
            found[j] = max(pull / gram[j, j], 0.0)
        if np.abs(found - before).max() <= 1e-12 * np.abs(found).max():
            break
    return np.asarray(found / size)


def fit_spread(columns: FloatArray, size: FloatArray) -> FloatArray:
    """The b >= 0 with which `columns @ b` follows `size` (absolute or squared residuals).

    The error of such sizes grows with them, so rows are weighted by the inverse square of the fit.
    """
    typical = np.full(len(size), max(float(size.mean()), 1e-300))
    found = np.zeros(columns.shape[1])
    for _ in range(3):
        found = fit_non_negative(columns, size, typical**-2 / np.mean(typical**-2))
        typical = np.maximum(columns @ found, 0.05 * size.mean() + 1e-300)
    return found
