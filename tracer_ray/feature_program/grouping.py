"""Rows that share a name or an instant, found without a loop in Python."""

import numpy as np

from tracer_ray.feature_program.kernels import compiled
from tracer_ray.rows import FloatArray, IntArray


def run_starts(*keys: IntArray) -> IntArray:
    """The rows, int64, at which any of the sorted keys changes, the first row among them.

    >>> run_starts(np.array([1, 1, 1, 2]), np.array([5, 5, 6, 6])).tolist()
    [0, 2, 3]
    """
    is_new = np.ones(len(keys[0]), bool)
    is_new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return np.flatnonzero(is_new)


def run_sums(values: FloatArray, starts: IntArray) -> FloatArray:
    """The sum of each run of rows, float64 [starts].

    >>> run_sums(np.array([1.0, 2.0, 4.0]), np.array([0, 2])).tolist()
    [3.0, 4.0]
    """
    return np.add.reduceat(values, starts) if len(starts) else np.zeros(0)


def sorted_runs(values: FloatArray, starts: IntArray) -> FloatArray:
    """The values, those of each run of rows in rising order, NaN last.

    >>> sorted_runs(np.array([3.0, 1.0, 2.0, 0.0]), np.array([0, 2])).tolist()
    [1.0, 3.0, 0.0, 2.0]
    """
    order = np.argsort(values)
    runs = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(values)))
    return values[order[order_of_codes(runs[order], len(starts))]]


@compiled
def order_of_codes(codes: IntArray, count: int) -> IntArray:
    """The rows in the order of their codes below `count`, int64; of one code in their old order.

    >>> order_of_codes(np.array([2, 0, 2, 1]), 3).tolist()
    [1, 3, 0, 2]
    """
    places = np.zeros(count + 1, np.int64)
    for code in codes:
        places[code + 1] += 1
    places = np.cumsum(places)
    order = np.empty(len(codes), np.int64)
    for row, code in enumerate(codes):
        order[places[code]] = row
        places[code] += 1
    return order


@compiled
def positions_in_runs(
    offsets: IntArray, values: IntArray, codes: IntArray, wanted: IntArray
) -> IntArray:
    """Where the run of each code holds the wanted value, int64 [codes]; -1 where it doesn't.

    Run `i` is `offsets[i]:offsets[i + 1]` of the values, which rise in it; a code of -1 has none.

    >>> offsets, values = np.array([0, 2, 3]), np.array([5, 7, 5])
    >>> positions_in_runs(offsets, values, np.array([0, 1, 1, -1]), np.array([7, 5, 7, 5])).tolist()
    [1, 2, -1, -1]
    """
    found = np.full(len(codes), -1, np.int64)
    for row, code in enumerate(codes):
        low = end = offsets[code + 1]
        if code >= 0:
            low = offsets[code]
        high = end
        while low < high:
            middle = (low + high) // 2
            if values[middle] < wanted[row]:
                low = middle + 1
            else:
                high = middle
        if low < end and values[low] == wanted[row]:
            found[row] = low
    return found
