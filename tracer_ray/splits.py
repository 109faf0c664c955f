"""Splits by time: every model is judged on rows that happened after those it was fitted to.

The cuts are the same instants for all entities. Cutting each entity at a share of its own rows
would let a model fitted to one entity's late rows answer for another's early ones.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from tracer_ray.blueprint import SplitPlan
from tracer_ray.errors import DataError
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray, IntArray, TextArray

PartArray = npt.NDArray[np.int8]


class Part(IntEnum):
    """What a row is used for; GAP rows are used for nothing."""

    GAP = -1
    TRAIN = 0
    VALIDATION = 1
    CALIBRATION = 2
    TEST = 3


@dataclass(frozen=True)
class Cuts:
    """Where the later parts begin: days since 1970, or shares of [0, 1) for rows without time."""

    validation: float
    calibration: float
    test: float
    gap: float = 0.0
    is_by_time: bool = True

    def assign(self, times: IntArray, keys: TextArray) -> PartArray:
        """The part of each row, int8 [rows]; `times` in microseconds, `keys` as text.

        >>> cuts = Cuts(validation=10.0, calibration=20.0, test=30.0)
        >>> day = MICROSECONDS_PER_DAY
        >>> cuts.assign(np.array([9, 10, 25, 99]) * day, np.array(["a", "b", "c", "d"], object))
        array([0, 1, 2, 3], dtype=int8)
        """
        position = days(times) if self.is_by_time else shares(keys)
        starts = np.array([self.validation, self.calibration, self.test])
        parts = np.searchsorted(starts, position, side="right").astype(np.int8)
        if self.gap:
            distance = starts[np.minimum(parts, Part.TEST - 1)] - position
            is_gap = (parts < Part.TEST) & (distance <= self.gap)
            parts[is_gap] = Part.GAP
        return parts


def days(times: IntArray) -> FloatArray:
    """Whole days since 1970 of times in microseconds, float64."""
    return np.floor_divide(times, MICROSECONDS_PER_DAY).astype(np.float64)


def stable_hash(text: str) -> int:
    """A 64-bit digest of a text, the same on every machine and in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def stable_hashes(keys: TextArray) -> npt.NDArray[np.uint64]:
    """The stable hash of each text, uint64."""
    return np.fromiter((stable_hash(key) for key in keys), np.uint64, len(keys))


def shares(keys: TextArray) -> FloatArray:
    """A stable number in [0, 1) for each key, as good as random."""
    return stable_hashes(keys) / 2.0**64


def plan_cuts(day_counts: dict[float, int], plan: SplitPlan) -> Cuts:
    """The cuts that set the planned shares of the newest rows aside, whole days at a time.

    `day_counts` maps days since 1970 to rows. Raises DataError when the days can't be divided
    into four parts that each hold rows.
    """
    ordered = np.array(sorted(day_counts))
    counts = np.array([day_counts[day] for day in ordered], dtype=np.float64)
    before = np.cumsum(counts) - counts
    tails = (
        plan.validation + plan.calibration + plan.test,
        plan.calibration + plan.test,
        plan.test,
    )
    starts = [
        ordered[min(np.searchsorted(before, (1.0 - tail) * counts.sum()), len(ordered) - 1)]
        for tail in tails
    ]
    if not ordered[0] < starts[0] < starts[1] < starts[2]:
        raise DataError(
            f"the rows lie on {len(ordered)} days, too few to divide into training, validation, "
            "calibration and test days; add history"
        )
    return Cuts(float(starts[0]), float(starts[1]), float(starts[2]), plan.gap_days)


def hashed_cuts(plan: SplitPlan) -> Cuts:
    """The cuts for rows without a time: shares drawn by a stable hash of the row's key."""
    return Cuts(
        1.0 - plan.validation - plan.calibration - plan.test,
        1.0 - plan.calibration - plan.test,
        1.0 - plan.test,
        is_by_time=False,
    )
