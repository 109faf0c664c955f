"""Rows in memory: flat arrays, sorted by entity and time, with the entities' offsets."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
TextArray = npt.NDArray[np.object_]

MICROSECONDS_PER_DAY = 86_400_000_000


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

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.times)

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
        )
