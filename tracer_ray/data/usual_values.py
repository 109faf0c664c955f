"""What a row usually says, for the example of a request that documents a release."""

from collections.abc import Mapping

import numpy as np

from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.data.dataset import Dataset
from tracer_ray.rows import FloatArray, Rows, Texts

MOST_VALUES = 20
Value = bool | int | float | str
_SHOWN = (Kind.NUMBER, Kind.FLAG, Kind.CATEGORY)


def usual_values(dataset: Dataset) -> dict[str, Value]:
    """A value per column that is known beforehand, of the first bucket with rows.

    Buckets are drawn by a hash of the owner, so one of them is as good a sample as all. At most 20
    columns, in the order of the blueprint.
    """
    read = map(dataset.read_bucket, range(dataset.buckets))
    rows = next((each for each in read if len(each)), None)
    return usual_of(rows, dataset.blueprint) if rows else {}


def usual_of(rows: Rows, blueprint: Blueprint) -> dict[str, Value]:
    """A number's lower median, the most frequent category, and whether most flags are set.

    Columns that are always null are left out.
    """
    columns = (each for each in blueprint.columns if each.role is Role.KNOWN)
    found: Mapping[str, Value | None] = {
        each.name: _usual(rows, each) for each in columns if each.kind in _SHOWN
    }
    known = [(name, value) for name, value in found.items() if value is not None]
    return dict(known[:MOST_VALUES])


def _usual(rows: Rows, column: Column) -> Value | None:
    if column.kind is Kind.CATEGORY:
        return _most_frequent(rows.texts(column.name)) if column.name in rows.categories else None
    numbers = _known(rows.numbers.get(column.name, np.zeros(0)))
    if not len(numbers):
        return None
    middle = float(np.quantile(numbers, 0.5, method="lower"))
    if column.kind is Kind.FLAG:
        return bool(middle)
    return int(middle) if middle.is_integer() else middle


def _known(numbers: FloatArray) -> FloatArray:
    return numbers[np.isfinite(numbers)]


def _most_frequent(texts: Texts) -> str | None:
    """The text that most rows say, the first of equally frequent ones; None where all are null.

    >>> _most_frequent(Texts.of(np.array(["b", "", "", "", "a", "a", "b"], object)))
    'a'
    """
    counts = np.bincount(texts.codes, minlength=len(texts.names)).tolist()
    said = [(-n, name) for name, n in zip(texts.names.tolist(), counts, strict=True) if name]
    return min(said)[1] if said else None
