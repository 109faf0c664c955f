"""Categories as numbers: the values seen in training, in a stable order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.feature_program.grouping import Texts
from tracer_ray.rows import IntArray, TextArray


@dataclass(frozen=True)
class Vocabulary:
    """The sorted values of each category column among the training rows; "" (null) is none.

    >>> column = np.array(["LAL", "", "BOS"], object)
    >>> Vocabulary.of({"team": column}, ["team"]).codes("team", column).tolist()
    [1, -1, 0]
    """

    values: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(categories: Mapping[str, TextArray], columns: Iterable[str]) -> "Vocabulary":
        """The vocabulary of these columns."""
        seen = {name: set(Texts.of(categories[name]).names.tolist()) for name in columns}
        return Vocabulary({name: tuple(sorted(values - {""})) for name, values in seen.items()})

    @staticmethod
    def merge(vocabularies: Iterable["Vocabulary"]) -> "Vocabulary":
        """The union, whatever the order in which the parts are given."""
        seen: dict[str, set[str]] = {}
        for vocabulary in vocabularies:
            for name, values in vocabulary.values.items():
                seen.setdefault(name, set()).update(values)
        return Vocabulary({name: tuple(sorted(seen[name])) for name in sorted(seen)})

    def codes(self, column: str, texts: TextArray) -> IntArray:
        """The position of each text in the column's values, int64 [texts]; -1 where unknown."""
        known = {value: code for code, value in enumerate(self.values[column])}
        found = Texts.of(texts)
        codes = np.array([known.get(name, -1) for name in found.names.tolist()], np.int64)
        return codes[found.codes]
