"""Values of named things at instants, gathered from many places and looked up by both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracer_ray.feature_program.grouping import (
    order_of_codes,
    positions_in_runs,
    run_starts,
    run_sums,
    sorted_runs,
)
from tracer_ray.rows import IntArray, Texts

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
        by_time = np.argsort(times, kind="stable")
        order = by_time[order_of_codes(names.codes[by_time], len(names.names))]
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
            values = sorted_runs(self.values[:, column].astype(np.float64), starts)
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
        self._offsets = entries.offsets
        self._times = entries.times
        self._values = entries.values

    def at(self, names: Texts, times: IntArray) -> Values:
        """The values at each name and instant, [rows, columns]; NaN where there is none."""
        if not len(self._times):
            return np.full((len(times), self._values.shape[1]), np.nan, self._values.dtype)
        codes = names.among(self._names)
        rows = positions_in_runs(self._offsets, self._times, codes, times)
        found: Values = self._values[rows]
        found[rows < 0] = np.nan
        return found
