"""Rows to learn a combination from: requests to a composite, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tracer_ray.blueprint import Kind
from tracer_ray.composites.stacking import Outcome
from tracer_ray.data.sources import find_files, parts_of, read_part
from tracer_ray.data.values import parse
from tracer_ray.errors import CompositeError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import Request
from tracer_ray.rows import FloatArray, IntArray

_PART_ROWS = 250_000


@dataclass(frozen=True)
class Lesson:
    """What is learned: the column of the outcome, and of the time that rows are asked at.

    `horizon_days` is how long it takes until an outcome is known; without a time column the rows'
    own fields say when they happen.
    """

    target: str
    time: str = ""
    horizon_days: float = 0.0


@dataclass(frozen=True)
class LabelledRows:
    """Requests, and what became of them: `actual` float64 [rows], NaN where that is not known.

    `times` int64 [rows] in microseconds, None without a column of them.
    """

    requests: Sequence[Request]
    actual: FloatArray
    outcome: Outcome
    times: IntArray | None


def read_rows(sources: Sequence[str]) -> pa.Table:
    """The rows of files as one table; values of CSV files are the text that stands there."""
    parts = [part for file in find_files(sources) for part in parts_of(file, 0, _PART_ROWS)]
    tables = [chunk.table for each in parts for chunk in read_part(each, each.file.columns)]
    return pa.concat_tables(tables, promote_options="permissive")


def labelled_rows(table: pa.Table, lesson: Lesson, predictors: Sequence[Predictor]) -> LabelledRows:
    """The rows of a table; CompositeError where it lacks a column, or the outcome can't be read."""
    for name in filter(None, (lesson.target, lesson.time)):
        if name not in table.column_names:
            known = ", ".join(table.column_names[:12])
            raise CompositeError(f"the rows have no column {name!r}; there is {known}")
    actual, outcome = _outcomes(table[lesson.target], lesson.target)
    left = table.drop_columns([lesson.target]).to_pylist()
    requests = [_request(row, lesson, predictors) for row in left]
    times = _times(table[lesson.time], lesson.time) if lesson.time else None
    return LabelledRows(requests, actual, outcome, times)


def _outcomes(column: pa.ChunkedArray, name: str) -> tuple[FloatArray, Outcome]:
    """Yes and no where a column says both and nothing else, else amounts; NaN where null."""
    flags, numbers = parse(column, Kind.FLAG), parse(column, Kind.NUMBER)
    is_event = not flags.is_bad.any()
    if not is_event and numbers.is_bad.any():
        place = int(np.flatnonzero(numbers.is_bad)[0])
        raise CompositeError(
            f"column {name!r}, row {place + 1}: {str(column[place])[:60]!r} is neither a yes or no "
            "nor a number, as the others are"
        )
    values = (flags if is_event else numbers).values
    actual: FloatArray = values.to_numpy(zero_copy_only=False).astype(np.float64)
    return actual, Outcome.EVENT if is_event else Outcome.AMOUNT


def _times(column: pa.ChunkedArray, name: str) -> IntArray:
    """When each row is asked about, in microseconds; CompositeError where a row doesn't say."""
    values = parse(column, Kind.TIME).values
    if values.null_count:
        place = values.is_null().index(True).as_py()
        raise CompositeError(
            f"column {name!r}, row {place + 1}: {str(column[place])[:60]!r} is no time such as "
            "2024-01-31"
        )
    times: IntArray = values.cast(pa.int64()).to_numpy()
    return times


def _request(
    row: dict[str, object], lesson: Lesson, predictors: Sequence[Predictor]
) -> dict[str, object]:
    """The fields that say something, and the row's time under each component's name of it."""
    said = {name: value for name, value in row.items() if value not in (None, "")}
    when = said.pop(lesson.time, None) if lesson.time else None
    if when is None:
        return said
    own = {
        each.blueprint.id: {**_own(said, each.blueprint.id), each.blueprint.time.name: when}
        for each in predictors
        if each.blueprint.time
    }
    return {**said, **own}


def _own(said: dict[str, object], name: str) -> dict[str, object]:
    given = said.get(name)
    return dict(given) if isinstance(given, dict) else {}
