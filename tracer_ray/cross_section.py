"""How well rows of one day are ordered: rank correlation and discounted gain, day by day.

Rows of one day share what the whole market did, so a day is one observation, and a mean over days
has its error from days (`significance.mean_error`).
"""

import numpy as np

from tracer_ray.rows import FloatArray
from tracer_ray.significance import ONE_SIDED_95_PERCENT, mean_error

LEAST_ROWS = 5  # of a day that is judged


def ranks(values: FloatArray) -> FloatArray:
    """The rank of each value, 1 the lowest; equal values share the mean of theirs, float64 [rows].

    >>> ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2.0)[inverse], np.float64)


def rank_correlation(actual: FloatArray, score: FloatArray) -> float:
    """Spearman's rank correlation; NaN where all scores or all outcomes are equal.

    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([0.1, 0.2, 0.3]))
    1.0
    """
    first, second = (ranks(each) - (len(actual) + 1) / 2.0 for each in (actual, score))
    size = float(np.sqrt((first @ first) * (second @ second)))
    return round(float(first @ second) / size, 12) if size > 0.0 else float("nan")


def ndcg(actual: FloatArray, score: FloatArray) -> float:
    """Normalised discounted cumulative gain (Jarvelin and Kekalainen, 2002) of one day.

    An outcome's gain is the share of the day's rows that it is above, so that it does not depend on
    the day's level; equal scores get the mean gain of their places.

    >>> ndcg(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    1.0
    """
    gain = (ranks(actual) - 1.0) / max(len(actual) - 1, 1)
    discount = 1.0 / np.log2(np.arange(len(actual)) + 2.0)
    _, place, counts = np.unique(-score, return_inverse=True, return_counts=True)
    ends = np.concatenate([[0.0], np.cumsum(discount)])
    after = np.cumsum(counts)
    shared = (ends[after] - ends[after - counts]) / counts
    best = float(np.sort(gain)[::-1] @ discount)
    return float(gain @ shared[place]) / best if best > 0.0 else float("nan")


def rank_scores(
    actual: FloatArray, score: FloatArray, days: FloatArray, lag: int
) -> dict[str, float]:
    """The means over days of both, the error of the former, and its ratio to it; float64 [rows].

    Outcomes of days up to `lag` apart overlap. Without a day of five rows whose scores differ
    there is only the gain, of a random order then.
    """
    order = np.argsort(days, kind="stable")
    starts = np.flatnonzero(np.diff(days[order], prepend=np.nan) != 0.0)
    groups = [each for each in np.split(order, starts[1:]) if len(each) >= LEAST_ROWS]
    if not groups:
        return {}
    gains = [ndcg(actual[each], score[each]) for each in groups]
    found = np.array([rank_correlation(actual[each], score[each]) for each in groups])
    is_known = np.isfinite(found)
    said = {"ndcg": float(np.nanmean(gains))}
    if not is_known.any():
        return said
    day = np.array([days[each[0]] for each in groups])[is_known]
    mean, error = float(found[is_known].mean()), mean_error(found[is_known], day, lag)
    return said | {
        "rank_correlation": mean,
        "rank_correlation_error": error,
        "rank_correlation_t": mean / error if error > 0.0 else float("nan"),
    }


def is_order_known(scores: dict[str, float]) -> bool:
    """Whether the mean rank correlation is above zero beyond chance (one-sided, 95 %)."""
    return scores.get("rank_correlation_t", float("nan")) > ONE_SIDED_95_PERCENT
