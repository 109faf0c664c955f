"""What is kept of the past to answer for a next row: one vector per series, by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tracer_ray.rows import FloatArray, TextArray

OWNERS = "owners"
RATINGS = "ratings"


@dataclass(frozen=True)
class States:
    """The vectors of the series of one kind: `values` float64 [names, width], zeros if new.

    Names that are not here are looked for `below`.
    """

    names: TextArray
    values: FloatArray
    below: "States | None" = None

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names.tolist())}

    def take(self, names: TextArray) -> FloatArray:
        """A new float64 [names, width] array; zeros, an empty past, for an unknown name."""
        find = self._index.get
        rows = np.fromiter((find(name, -1) for name in names.tolist()), np.int64, len(names))
        taken = self.values[rows] if len(self.values) else np.zeros((len(rows), self.width))
        taken[rows < 0] = self.below.take(names[rows < 0]) if self.below else 0.0
        return taken

    def above(self, below: "States | None") -> "States":
        """The same, with what is below for the names that are not here."""
        return States(self.names, self.values, below)

    @property
    def width(self) -> int:
        """The floats per name."""
        return int(self.values.shape[1])


@dataclass(frozen=True)
class FeatureState:
    """Everything the update path needs: states of owners, of each `by` key, and ratings.

    >>> old = FeatureState({"owners": States(np.array(["ann"], object), np.array([[1.0]]))})
    >>> new = FeatureState({"owners": States(np.array(["ann"], object), np.array([[2.0]]))})
    >>> FeatureState.merge([old, new]).take("owners", np.array(["ann", "bob"], object), 1).tolist()
    [[2.0], [0.0]]
    """

    tables: Mapping[str, States] = field(default_factory=dict)

    def take(self, label: str, names: TextArray, width: int) -> FloatArray:
        """The states of `names`, a new float64 [names, width] array; zeros where unknown."""
        if label not in self.tables:
            return np.zeros((len(names), width))
        return self.tables[label].take(names)

    @staticmethod
    def merge(states: Iterable["FeatureState"]) -> "FeatureState":
        """All of them as one, sorted by name; of one name's states the last one given stays."""
        parts: dict[str, list[States]] = {}
        for state in states:
            for label, table in state.tables.items():
                parts.setdefault(label, []).append(table)
        return FeatureState({label: _merge(tables) for label, tables in sorted(parts.items())})

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Plain arrays (text and float64) for an .npz file that needs no pickle."""
        arrays: dict[str, npt.NDArray[np.generic]] = {}
        for label, table in self.tables.items():
            arrays[f"{label}.names"] = table.names.astype(np.str_)
            arrays[f"{label}.values"] = table.values
        return arrays

    @staticmethod
    def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> "FeatureState":
        """The state that `to_arrays` wrote."""
        labels = [key.removesuffix(".names") for key in arrays if key.endswith(".names")]
        return FeatureState(
            {
                label: States(
                    arrays[f"{label}.names"].astype(object),
                    arrays[f"{label}.values"].astype(np.float64),
                )
                for label in labels
            }
        )


def _merge(tables: list[States]) -> States:
    names = np.concatenate([table.names for table in tables])
    values = np.concatenate([table.values for table in tables])
    newest = {name: row for row, name in enumerate(names.tolist())}
    rows = np.array([newest[name] for name in sorted(newest)], np.int64)
    return States(names[rows], values[rows])
