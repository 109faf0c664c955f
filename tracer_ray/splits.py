"""Splits by time: every model is judged on rows that happened after those it was fitted to.

The cuts are the same instants for all entities. Cutting each entity at a share of its own rows
would let a model fitted to one entity's late rows answer for another's early ones.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tracer_ray.blueprint import Blueprint, SplitPlan
from tracer_ray.errors import DataError
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray, IntArray, TextArray

MOST_CALIBRATION = 0.2
PartArray = npt.NDArray[np.int8]

_BLOCK_ROWS = 10


class Part(IntEnum):
    """What a row is used for; GAP rows are used for nothing."""

    GAP = -1
    TRAIN = 0
    VALIDATION = 1
    CALIBRATION = 2
    TEST = 3


class Basis(StrEnum):
    """What rows are cut by."""

    DAY = "day"  # whole days since 1970
    ORDER = "order"  # blocks of ten rows in the order in which they stand, for rows without time
    HASH = "hash"  # a stable share of [0, 1) per key, for rows without time or order


def basis_of(blueprint: Blueprint) -> Basis:
    """What a blueprint's rows are cut by."""
    if blueprint.time:
        return Basis.DAY
    return Basis.ORDER if blueprint.row_order_is_time else Basis.HASH


def positions(times: IntArray, keys: TextArray, basis: Basis) -> FloatArray:
    """Where each row stands on the scale it is cut by, float64 [rows]; `times` in microseconds.

    Rows without a time that stand in order have their place in the order as time.

    >>> positions(np.array([9, 10, 25]), np.array(["a", "b", "c"], object), Basis.ORDER).tolist()
    [0.0, 1.0, 2.0]
    """
    if basis is Basis.HASH:
        return shares(keys)
    return days(times) if basis is Basis.DAY else np.floor_divide(times, _BLOCK_ROWS).astype(float)


@dataclass(frozen=True)
class Cuts:
    """Where the later parts begin, on the scale of their basis (see `positions`)."""

    validation: float
    calibration: float
    test: float
    gap: float = 0.0
    basis: Basis = Basis.DAY

    @property
    def is_by_time(self) -> bool:
        """Whether later parts happened later."""
        return self.basis is not Basis.HASH

    def assign(self, times: IntArray, keys: TextArray) -> PartArray:
        """The part of each row, int8 [rows]; `times` in microseconds, `keys` as text.

        >>> cuts = Cuts(validation=10.0, calibration=20.0, test=30.0)
        >>> day = MICROSECONDS_PER_DAY
        >>> cuts.assign(np.array([9, 10, 25, 99]) * day, np.array(["a", "b", "c", "d"], object))
        array([0, 1, 2, 3], dtype=int8)
        """
        position = positions(times, keys, self.basis)
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


def cuts_of(plan: SplitPlan, basis: Basis, position_counts: Mapping[float, int]) -> Cuts:
    """The cuts of rows that are counted by position; a hash needs no counts."""
    return hashed_cuts(plan) if basis is Basis.HASH else plan_cuts(position_counts, plan, basis)


def plan_cuts(
    position_counts: Mapping[float, int], plan: SplitPlan, basis: Basis = Basis.DAY
) -> Cuts:
    """The cuts that set the planned shares of the newest rows aside, whole days at a time.

    `position_counts` maps positions (days since 1970, or blocks of ten rows in order) to rows.
    Where a gap separates the parts, each has its share besides the rows that the gap costs.
    Raises DataError when they can't be divided into four parts that each hold rows.
    """
    ordered = np.array(sorted(position_counts))
    counts = np.array([position_counts[each] for each in ordered], dtype=np.float64)
    before = np.cumsum(counts) - counts
    wanted = plan.calibration_days / len(ordered) if basis is Basis.DAY else 0.0
    calibration = max(plan.calibration, min(wanted, MOST_CALIBRATION))
    gap = plan.gap_days if basis is Basis.DAY else 0.0
    starts: list[float] = []
    tail = lost = 0.0  # shares of the rows that are newer, and rows that the gaps cost
    for share in (plan.test, calibration, plan.validation):
        tail += share
        place = np.searchsorted(before, (1.0 - tail) * counts.sum() - lost)
        start = float(ordered[min(place, len(ordered) - 1)])
        lost += float(counts[(ordered >= start - gap) & (ordered < start)].sum())
        starts.insert(0, start)
    is_divided = ordered[0] + gap < starts[0] and all(
        earlier + gap < later for earlier, later in pairwise(starts)
    )
    if not is_divided:
        what = "days" if basis is Basis.DAY else "blocks of ten rows"
        between = f" with {gap:g} days between them" if gap else ""
        raise DataError(
            f"the rows lie on {len(ordered)} {what}, too few to divide into training, validation, "
            f"calibration and test {what}{between}; add history"
        )
    return Cuts(starts[0], starts[1], starts[2], gap, basis)


def hashed_cuts(plan: SplitPlan) -> Cuts:
    """The cuts for rows without a time: shares drawn by a stable hash of the row's key."""
    return Cuts(
        1.0 - plan.validation - plan.calibration - plan.test,
        1.0 - plan.calibration - plan.test,
        1.0 - plan.test,
        basis=Basis.HASH,
    )
