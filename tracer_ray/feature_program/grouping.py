"""Rows that share a name or an instant, found without a loop over rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tracer_ray.rows import FloatArray, IntArray, TextArray


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
