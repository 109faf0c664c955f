"""Rows in memory: flat arrays, sorted by entity and time, with the entities' offsets."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
TextArray = npt.NDArray[np.object_]
BoolArray = npt.NDArray[np.bool_]

MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True)
class Vantage:
    """The instants that rows are seen from, where these are not just before the rows themselves.

    `as_of` int64 [rows], microseconds: only rows before it are known, and it is never later than
    the row. `is_repeat` marks a row that stands beside its first copy to be seen from another
    instant as well: no row's past holds it twice.
    """

    as_of: IntArray
    is_repeat: BoolArray

    def take(self, chosen: IntArray) -> "Vantage":
        """Those of the rows at these positions."""
        return Vantage(self.as_of[chosen], self.is_repeat[chosen])


@dataclass(frozen=True)
class Rows:
    """Normalised rows of one or many entities.

    `entities` are unique and in the order of the rows; entity `i` owns rows
    `offsets[i]:offsets[i + 1]`. `times` are microseconds since 1970 in UTC, rising within an
    entity (all 0 where the blueprint has no time). A null is NaN in `numbers` (float64, flags are
    1.0 and 0.0) and "" in `categories`. `keys` identify rows for good, across runs and sources.
    """

    entities: TextArray
    offsets: IntArray
    times: IntArray
    keys: TextArray
    numbers: Mapping[str, FloatArray]
    categories: Mapping[str, TextArray]
    vantage: Vantage | None = None

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.times)

    @property
    def as_of(self) -> IntArray:
        """The instant before which others' and earlier rows are known to each row, int64 [rows]."""
        return self.vantage.as_of if self.vantage else self.times

    @property
    def is_repeat(self) -> BoolArray:
        """Which rows are further copies of a row, bool [rows]."""
        return self.vantage.is_repeat if self.vantage else np.zeros(len(self), np.bool_)

    @property
    def entity_index(self) -> IntArray:
        """The position in `entities` of each row's entity, int64 [rows]."""
        return np.repeat(np.arange(len(self.entities)), np.diff(self.offsets))

    def take(self, chosen: IntArray) -> "Rows":
        """The rows at these positions (rising), with the entities that they belong to."""
        counts = np.bincount(self.entity_index[chosen], minlength=len(self.entities))
        return Rows(
            self.entities[counts > 0],
            np.concatenate([[0], np.cumsum(counts[counts > 0])]),
            self.times[chosen],
            self.keys[chosen],
            {name: values[chosen] for name, values in self.numbers.items()},
            {name: values[chosen] for name, values in self.categories.items()},
            self.vantage.take(chosen) if self.vantage else None,
        )
