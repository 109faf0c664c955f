"""Categories as numbers: the values seen in training, in a stable order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.rows import IntArray, Texts


@dataclass(frozen=True)
class Vocabulary:
    """The sorted values of each category column among the training rows; "" (null) is none.

    >>> column = Texts.of(np.array(["LAL", "", "BOS"], object))
    >>> Vocabulary.of({"team": column}).codes("team", column).tolist()
    [1, -1, 0]
    """

    values: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(columns: Mapping[str, Texts]) -> "Vocabulary":
        """The vocabulary of these columns."""
        seen = {name: set(texts.names.tolist()) for name, texts in columns.items()}
        return Vocabulary({name: tuple(sorted(values - {""})) for name, values in seen.items()})

    @staticmethod
    def merge(vocabularies: Iterable["Vocabulary"]) -> "Vocabulary":
        """The union, whatever the order in which the parts are given."""
        seen: dict[str, set[str]] = {}
        for vocabulary in vocabularies:
            for name, values in vocabulary.values.items():
                seen.setdefault(name, set()).update(values)
        return Vocabulary({name: tuple(sorted(seen[name])) for name in sorted(seen)})

    def codes(self, column: str, texts: Texts) -> IntArray:
        """The position of each text in the column's values, int64 [texts]; -1 where unknown."""
        known = {value: code for code, value in enumerate(self.values[column])}
        codes = np.array([known.get(name, -1) for name in texts.names.tolist()], np.int64)
        return codes[texts.codes]
