"""Rows in memory: flat arrays, sorted by entity and time, with the entities' offsets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
TextArray = npt.NDArray[np.object_]
BoolArray = npt.NDArray[np.bool_]

MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True)
class Texts:
    """A text column: `names` are unique, row `i` reads `names[codes[i]]` (codes int64 [rows])."""

    names: TextArray
    codes: IntArray

    @staticmethod
    def of(column: TextArray) -> "Texts":
        """The column, encoded.

        >>> Texts.of(np.array(["b", "a", "b"], object)).codes.tolist()
        [0, 1, 0]
        """
        encoded = pa.array(column, pa.large_string()).dictionary_encode()
        names = np.array(encoded.dictionary.to_pylist(), object)
        return Texts(names, encoded.indices.to_numpy().astype(np.int64))

    @staticmethod
    def join(parts: Sequence["Texts"]) -> "Texts":
        """The columns one after another, with sorted names."""
        names = sorted({name for part in parts for name in part.names.tolist()})
        sorted_names = np.array(names, object)
        codes = [part.among(sorted_names) for part in parts]
        return Texts(sorted_names, np.concatenate([np.zeros(0, np.int64), *codes]))

    def among(self, names: TextArray) -> IntArray:
        """Each row's position in `names`, int64 [rows]; -1 where it is not among them."""
        known = {name: code for code, name in enumerate(names.tolist())}
        positions = np.array([known.get(name, -1) for name in self.names.tolist()], np.int64)
        return positions[self.codes] if len(self.codes) else self.codes

    @property
    def rows(self) -> TextArray:
        """The column as it was, object [rows]."""
        return self.names[self.codes]


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

    def texts(self, column: str) -> Texts:
        """A category column, encoded when it is first asked for."""
        if column not in self._encoded:
            self._encoded[column] = Texts.of(self.categories[column])
        return self._encoded[column]

    @cached_property
    def _encoded(self) -> dict[str, Texts]:
        return {}

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
