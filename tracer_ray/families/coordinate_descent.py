"""The elastic net by coordinate descent on a Gram matrix.

Friedman, Hastie and Tibshirani (2010), Regularization paths for generalized linear models via
coordinate descent. Working on the Gram matrix makes a sweep independent of the number of rows.
"""

import numpy as np

from tracer_ray.families.compiled import compiled
from tracer_ray.rows import FloatArray


@compiled
def minimise(
    gram: FloatArray, target: FloatArray, start: FloatArray, lasso: float, ridge: float
) -> FloatArray:
    """The b that minimises b'Gb/2 - t'b + lasso |b|_1 + ridge |b|_2^2 / 2, float64 [columns].

    Columns with a zero on the Gram's diagonal stay 0. Stops when no coordinate moves its
    prediction by more than 1e-8 (columns are standardised).
    """
    weights = start.copy()
    slope = gram @ weights
    for _ in range(2000):
        largest = 0.0
        for j in range(len(weights)):
            if gram[j, j] <= 0.0:
                continue
            pull = target[j] - slope[j] + gram[j, j] * weights[j]
            shrunk = np.sign(pull) * max(abs(pull) - lasso, 0.0)
            moved = shrunk / (gram[j, j] + ridge) - weights[j]
            if moved != 0.0:
                weights[j] += moved
                slope += moved * gram[j]
                largest = max(largest, abs(moved) * np.sqrt(gram[j, j]))
        if largest < 1e-8:
            break
    return weights
