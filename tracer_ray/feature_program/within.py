"""An entity's past narrowed to rows that agree with the row at hand, such as the same weekday."""

from collections.abc import Sequence

import numpy as np

from tracer_ray.feature_program.row_features import calendar_part
from tracer_ray.features import CALENDAR_PARTS
from tracer_ray.rows import IntArray, Rows, TextArray, Texts

SEPARATOR = "\x1f"


def label_of(within: Sequence[str]) -> str:
    """The name under which a state keeps the series of these columns.

    >>> label_of(("day_of_week", "promotion"))
    'within day_of_week, promotion'
    """
    return f"within {', '.join(within)}"


def series_name(owner: str, values: Sequence[float | str]) -> str:
    """The series of an owner's rows with these values.

    >>> series_name("shop 1", (5, "yes")).split(SEPARATOR)
    ['shop 1', '5', 'yes']
    """
    said = [value if isinstance(value, str) else _text(value) for value in values]
    return SEPARATOR.join([owner, *said])


def series_names(rows: Rows, within: Sequence[str]) -> Texts:
    """The series that each row belongs to: its owner with its values of these columns."""
    parts = [Texts(rows.entities, rows.entity_index), *(_texts(rows, name) for name in within)]
    codes = np.zeros(len(rows), np.int64)
    for part in parts:
        codes = codes * len(part.names) + part.codes
    _, first, places = np.unique(codes, return_index=True, return_inverse=True)
    pieces = [part.names[part.codes[first]].tolist() for part in parts]
    names = np.empty(len(first), dtype=object)
    names[:] = [SEPARATOR.join(each) for each in zip(*pieces, strict=True)]
    return Texts(names, places.astype(np.int64))


def sorted_by_series(series: Texts) -> tuple[IntArray, IntArray]:
    """The rows one series after another, each in its old order, and the series' offsets."""
    order = np.argsort(series.codes, kind="stable")
    counts = np.bincount(series.codes, minlength=len(series.names))
    return order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _texts(rows: Rows, name: str) -> Texts:
    if name in rows.categories:
        return rows.texts(name)
    if name in CALENDAR_PARTS:
        values = calendar_part(name, rows.times).astype(np.float64)
    else:
        values = rows.numbers[name]
    found, codes = np.unique(values, return_inverse=True)
    return Texts(_as_text(found.tolist()), codes.astype(np.int64))


def _as_text(values: list[float]) -> TextArray:
    texts = np.empty(len(values), dtype=object)
    texts[:] = [_text(value) for value in values]
    return texts


def _text(value: float) -> str:
    return "" if value != value else f"{value:.9g}"
