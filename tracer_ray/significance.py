"""Whether a mean is beyond chance, where neighbouring rows are not independent."""

import numpy as np

from tracer_ray.rows import FloatArray

ONE_SIDED_95_PERCENT = 1.645  # standard errors that a gain must be above zero


def mean_error(values: FloatArray, positions: FloatArray, lag: int = 0) -> float:
    """The standard error of the mean of `values`, float64 [rows]; NaN without rows.

    Rows of one position (a day) count as one observation: what they share does not average out.
    Positions up to `lag` apart may go together too, as the errors of overlapping horizons do; their
    products count with falling weights (Newey and West, 1987), over at most a quarter of the
    positions.

    >>> mean_error(np.array([1.0, 3.0]), np.array([1.0, 2.0]))  # two rows, two days
    0.7071067811865476
    >>> mean_error(np.array([1.0, 1.0, 3.0, 3.0]), np.array([1.0, 1.0, 2.0, 2.0]))  # still two
    0.7071067811865476
    """
    if not len(values):
        return float("nan")
    _, index = np.unique(positions, return_inverse=True)
    sums = np.bincount(index, weights=values - values.mean())
    variance = float(sums @ sums)
    reach = min(lag, len(sums) // 4)
    for apart in range(1, reach + 1):
        weight = 1.0 - apart / (reach + 1.0)
        variance += 2.0 * weight * float(sums[apart:] @ sums[:-apart])
    return float(np.sqrt(max(variance, 0.0))) / len(values)
