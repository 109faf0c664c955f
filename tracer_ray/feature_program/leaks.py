"""The check that no feature sees its own row's outcome or anything later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.rows import Float32Array, FloatArray, Rows


@dataclass(frozen=True)
class LeakCheck:
    """What to check: the features of a transform, and the columns known only after a row."""

    transform: Callable[[Rows], Float32Array]
    features: tuple[str, ...]
    outcomes: tuple[str, ...]


def assert_no_leak(check: LeakCheck, rows: Rows, instants: Sequence[int], seed: int = 0) -> None:
    """Raises AssertionError naming the feature that moves when what it may not see changes.

    At each instant (microseconds) the outcomes of all rows from then on are replaced, those of the
    rows themselves among them; then the rows after it are left out. The features of the rows up to
    the instant must stay as they are.
    """
    expected = check.transform(rows)
    for instant in instants:
        is_open = rows.times <= instant
        others = replace(rows, numbers=_other_outcomes(check, rows, instant, seed))
        _compare(check, expected[is_open], check.transform(others)[is_open], "outcomes change")
        past = rows.take(np.flatnonzero(is_open))
        _compare(check, expected[is_open], check.transform(past), "later rows are left out")


def _other_outcomes(
    check: LeakCheck, rows: Rows, instant: int, seed: int
) -> Mapping[str, FloatArray]:
    random = np.random.default_rng(seed)
    numbers = dict(rows.numbers)
    for name in check.outcomes:
        values = numbers[name]
        others = np.where(np.isnan(values), 1.0, 1.0 - values + random.integers(0, 2) * 16.0)
        others[random.random(len(others)) < 0.1] = np.nan
        numbers[name] = np.where(rows.times >= instant, others, values)
    return numbers


def _compare(check: LeakCheck, expected: Float32Array, found: Float32Array, change: str) -> None:
    is_moved = (expected != found) & ~(np.isnan(expected) & np.isnan(found))
    moved = [
        name for name, is_bad in zip(check.features, is_moved.any(axis=0), strict=True) if is_bad
    ]
    if moved:
        raise AssertionError(f"leak: when {change}, these features move: {', '.join(moved)}")
