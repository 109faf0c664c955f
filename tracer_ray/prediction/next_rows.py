"""Rows that are yet to happen, as the feature program takes them."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Kind, Role
from tracer_ray.data.matching import OPPONENT
from tracer_ray.data.sides import orient, unfold
from tracer_ray.data.values import BoolArray
from tracer_ray.rows import FloatArray, IntArray, Rows, TextArray


@dataclass(frozen=True)
class NextRows:
    """The rows of questions, at the times asked about; their outcomes are null.

    Where two sides meet, `views` has two rows per question: first all matches seen from the side
    whose name sorts first, then the same from the other side; `is_swapped` [questions] marks those
    asked about from the other side. So swapping a question's sides changes nothing in `views`.
    Elsewhere `views` has one row per question.
    """

    views: Rows
    is_swapped: BoolArray

    def __len__(self) -> int:
        """The number of questions."""
        return len(self.is_swapped)

    @property
    def is_meeting(self) -> bool:
        """Whether two sides meet in each question."""
        return len(self.views) > len(self)

    @property
    def first(self) -> IntArray:
        """The view of each question's own side, int64 [questions]."""
        return np.arange(len(self)) + len(self) * self.is_swapped

    @property
    def second(self) -> IntArray:
        """The view of the other side, int64 [questions]; the same one where there are no sides."""
        return np.arange(len(self)) + len(self) * (self.is_meeting & ~self.is_swapped)

    @property
    def names(self) -> list[tuple[str, ...]]:
        """Per question the owner, then the opponent where two sides meet."""
        first = self.views.entities[self.first].tolist()
        if not self.is_meeting:
            return [(name,) for name in first]
        return list(zip(first, self.views.entities[self.second].tolist(), strict=True))

    @property
    def times(self) -> IntArray:
        """When each question's row happens, int64 [questions]."""
        return self.views.times[: len(self)]

    def take(self, questions: IntArray) -> "NextRows":
        """Some of the questions."""
        return NextRows(_take(self.views, self.views_of(questions)), self.is_swapped[questions])

    def views_of(self, questions: IntArray) -> IntArray:
        """The views of some questions, in the order of `views`."""
        return np.concatenate([questions, questions + len(self)]) if self.is_meeting else questions


def next_rows(table: pa.Table, blueprint: Blueprint, now: int) -> NextRows:
    """The rows of a table of questions; one without a time happens `now` (microseconds, UTC)."""
    sides = blueprint.sides
    if sides is None:
        return NextRows(_rows(table, blueprint, now), np.zeros(len(table), np.bool_))
    name = sides.pairs[0].column
    is_swapped = np.asarray(pc.greater(table[name], table[OPPONENT + name]))
    return NextRows(_rows(unfold(orient(table, sides), sides), blueprint, now), is_swapped)


def _rows(table: pa.Table, blueprint: Blueprint, now: int) -> Rows:
    numbers, categories = {}, {}
    for column in blueprint.columns:
        if column.role is Role.OUTCOME or column.kind is Kind.TIME:
            continue
        if column.kind is Kind.CATEGORY:
            categories[column.name] = _texts(table, column.name)
        else:
            numbers[column.name] = _numbers(table, column.name)
    owners = categories[blueprint.owner.name] if blueprint.owner else np.full(len(table), "", "O")
    return Rows(
        entities=owners,  # one entry per row: a row that is yet to happen is read on its own
        offsets=np.arange(len(table) + 1),
        times=_times(table, blueprint, now),
        keys=owners,
        numbers=numbers,
        categories=categories,
    )


def _times(table: pa.Table, blueprint: Blueprint, now: int) -> IntArray:
    if blueprint.time is None:
        return np.zeros(len(table), np.int64)
    given = table[blueprint.time.name].cast(pa.int64())
    times: IntArray = pc.fill_null(given, now).to_numpy()
    return blueprint.period.floor(times) if blueprint.is_by_period else times


def _numbers(table: pa.Table, name: str) -> FloatArray:
    if name not in table.column_names:
        return np.full(len(table), np.nan)
    numbers: FloatArray = pc.fill_null(table[name], float("nan")).to_numpy()
    return numbers


def _texts(table: pa.Table, name: str) -> TextArray:
    if name not in table.column_names:
        return np.full(len(table), "", dtype=object)
    return np.array([text or "" for text in table[name].to_pylist()], dtype=object)


def _take(rows: Rows, chosen: IntArray) -> Rows:
    return replace(
        rows,
        entities=rows.entities[chosen],
        offsets=np.arange(len(chosen) + 1),
        times=rows.times[chosen],
        keys=rows.keys[chosen],
        numbers={name: values[chosen] for name, values in rows.numbers.items()},
        categories={name: values[chosen] for name, values in rows.categories.items()},
        vantage=rows.vantage.take(chosen) if rows.vantage else None,
    )
