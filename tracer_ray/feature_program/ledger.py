"""Values of named things at instants, gathered from many places and looked up by both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracer_ray.feature_program.grouping import Texts, run_starts, run_sums
from tracer_ray.rows import IntArray

Values = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@dataclass(frozen=True)
class Entries:
    """Values [entries, columns] of named things at instants, in any order, repeats allowed."""

    names: Texts
    times: IntArray
    values: Values

    @staticmethod
    def join(parts: Sequence["Entries"]) -> "Entries":
        """All entries as one, sorted by name and instant."""
        names = Texts.join([part.names for part in parts])
        times = np.concatenate([part.times for part in parts])
        order = np.lexsort((times, names.codes))
        values: Values = np.concatenate([part.values for part in parts])[order]
        return Entries(Texts(names.names, names.codes[order]), times[order], values)

    def named(self) -> "Entries":
        """The entries without those whose name is "", the null."""
        rows = np.flatnonzero((self.names.names != "")[self.names.codes])
        return self._at(rows, self.values[rows])

    def first(self) -> "Entries":
        """The first of the entries that share name and instant, of sorted entries."""
        starts = run_starts(self.names.codes, self.times)
        return self._at(starts, self.values[starts])

    def summed(self, is_per_row: Sequence[bool]) -> "Entries":
        """The sums of what shares name and instant, of sorted entries; null if all are null.

        Columns that are `is_per_row` give the means of what is known. Values are added in their
        own order, so that buckets can't change the last digit.
        """
        starts = run_starts(self.names.codes, self.times)
        sums = np.empty((len(starts), self.values.shape[1]))
        for column in range(self.values.shape[1]):
            values = self.values[:, column]
            values = values[np.lexsort((values, self.times, self.names.codes))]
            is_known = ~np.isnan(values)
            sums[:, column] = run_sums(np.where(is_known, values, 0.0), starts)
            counts = run_sums(is_known.astype(np.float64), starts)
            if is_per_row[column]:
                sums[:, column] /= np.maximum(counts, 1.0)
            sums[counts == 0, column] = np.nan
        return self._at(starts, sums)

    @property
    def offsets(self) -> IntArray:
        """Where each name's entries begin, and the end, int64 [names + 1]; of sorted entries."""
        return np.searchsorted(self.names.codes, np.arange(len(self.names.names) + 1))

    def _at(self, rows: IntArray, values: Values) -> "Entries":
        return Entries(Texts(self.names.names, self.names.codes[rows]), self.times[rows], values)


class Ledger:
    """Entries to be looked up; they must be sorted and unique by name and instant."""

    def __init__(self, entries: Entries) -> None:
        """Index the entries."""
        self._names = entries.names.names
        self._instants = np.unique(entries.times)
        self._values = entries.values
        ranks = np.searchsorted(self._instants, entries.times)
        self._spots = entries.names.codes * len(self._instants) + ranks

    def at(self, names: Texts, times: IntArray) -> Values:
        """The values at each name and instant, [rows, columns]; NaN where there is none."""
        if not len(self._spots):
            return np.full((len(times), self._values.shape[1]), np.nan, self._values.dtype)
        codes = names.among(self._names)
        ranks = np.minimum(np.searchsorted(self._instants, times), len(self._instants) - 1)
        spots = codes * len(self._instants) + ranks
        rows = np.minimum(np.searchsorted(self._spots, spots), len(self._spots) - 1)
        is_found = (self._spots[rows] == spots) & (self._instants[ranks] == times)
        found: Values = self._values[rows]
        found[~is_found] = np.nan
        return found
