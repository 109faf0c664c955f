"""Features of one kind of series' past, compiled for the kernels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tracer_ray.errors import DataError
from tracer_ray.feature_program.kernels import (
    CAPACITY,
    HEADER,
    LAST_OVER_WINDOW,
    MOMENTUM_STRETCH,
    REACH,
    RECENT_PER_DAY,
    RING,
    Code,
    Opcode,
    Scan,
    Series,
    emit_next,
)
from tracer_ray.features import Feature, Op
from tracer_ray.rows import Float32Array, FloatArray, IntArray, TextArray, Vantage


class Moments(NamedTuple):
    """When rows happen and what instant they are seen from, int64 [rows] in microseconds each."""

    times: IntArray
    as_of: IntArray


class Read(NamedTuple):
    """What is read of the past: a column, its mean over the rows of a key, its logarithm."""

    column: str
    per_row: bool = False
    log: bool = False


_SUMMED = frozenset({Op.EXPANDING_MEAN, Op.EXPANDING_STD, Op.SEASON_MEAN, Op.SEASON_COUNT})
CLOCK = ""  # the column of the rows' own times, which rest days and recent counts read


@dataclass(frozen=True)
class History:
    """The features of the past of owners, or of the series of one `by` key.

    `reads` are what a row's values hold, the clock first. The kernels fill a matrix of
    `matrix_width` columns, and `positions` are the program's features that come from it. `width` is
    the number of floats in a state.
    """

    label: str
    reads: tuple[Read, ...]
    positions: IntArray
    matrix_width: int
    code: Code
    width: int
    season_start_month: int

    def values(self, times: IntArray, numbers: Mapping[str, FloatArray]) -> FloatArray:
        """What the series is pushed past, float64 [rows, columns], by name from `numbers`."""
        read = [_logged(numbers[e.column]) if e.log else numbers[e.column] for e in self.reads[1:]]
        return np.column_stack([times, *read]).astype(np.float64, copy=False)

    def series(
        self, offsets: IntArray, values: FloatArray, vantage: Vantage | None = None
    ) -> Series:
        """Rows for `scan`; the values' first column is their time."""
        times = values[:, 0].astype(np.int64)
        order = np.arange(len(times))
        if vantage:
            order = np.lexsort(
                (vantage.as_of, np.repeat(order[: len(offsets) - 1], np.diff(offsets)))
            )
        return Series(
            np.require(offsets, np.int64, ["C", "W"]),
            times,
            _seasons(times, self.season_start_month),
            np.require(values, np.float64, ["C", "W"]),
            np.require(vantage.as_of, np.int64, ["C", "W"]) if vantage else times,
            order,
            vantage.is_repeat if vantage else np.zeros(len(times), np.bool_),
        )

    def scan(
        self, scan: Scan, series: Series, names: TextArray, states: FloatArray
    ) -> Float32Array:
        """The features of all rows, float32 [rows, matrix]; moves the states past them.

        Raises DataError when rows aren't later than what their state has already seen.
        """
        self._refuse_earlier_rows(series, names, states)
        out = np.empty((len(series.times), self.matrix_width), np.float32)
        scan(self.code, series, states, out)
        return out

    def next(self, moments: Moments, states: FloatArray) -> Float32Array:
        """The features of one next row per state, float32 [states, matrix]; states stay."""
        out = np.empty((len(states), self.matrix_width), np.float32)
        as_of = np.require(moments.as_of, np.int64, ["C", "W"])
        emit_next(self.code, as_of, _seasons(moments.times, self.season_start_month), states, out)
        return out

    def newest(self, column: str, states: FloatArray, count: int) -> FloatArray:
        """The newest values of a column, newest first, float64 [states, count]; NaN if fewer.

        Null where nothing of the column is kept.
        """
        places = [i for i, each in enumerate(self.reads) if each.column == column]
        if not places:
            return np.full((len(states), count), np.nan)
        place = max(places, key=lambda i: self.code.columns[i][CAPACITY])  # the one that keeps most
        block = self.code.columns[place]
        known, back = states[:, block[RING] - 1].astype(np.int64), np.arange(count)
        slots = block[RING] + ((known[:, None] - 1 - back) & (block[CAPACITY] - 1))
        values = np.take_along_axis(states, slots, axis=1)
        is_kept = back < np.minimum(known, block[CAPACITY])[:, None]
        kept = np.where(is_kept, values, np.nan)
        return np.expm1(kept) if self.reads[place].log else kept

    def _refuse_earlier_rows(self, series: Series, names: TextArray, states: FloatArray) -> None:
        has_rows = np.diff(series.offsets) > 0
        first = series.times[series.offsets[:-1][has_rows]]
        is_late = first <= self._last_times(states[has_rows])
        if is_late.any():
            raise DataError(
                f"{self.label} {names[has_rows][is_late][0]!r}: the rows to add start at or before "
                "the last row that the feature state has seen; give only later rows, or no state"
            )

    def _last_times(self, states: FloatArray) -> FloatArray:
        clock = self.code.columns[0]
        counts = states[:, clock[RING] - 1].astype(np.int64)
        newest = clock[RING] + ((counts - 1) & (clock[CAPACITY] - 1))
        return np.where(counts > 0, states[np.arange(len(states)), newest], -np.inf)


def compile_history(
    label: str, features: Mapping[int, Feature], matrix_width: int, start_month: int
) -> History:
    """The features, each with its column in the matrix to fill, as code for the kernels."""
    is_weekly = any("day_of_week" in feature.within for feature in features.values())
    reads = tuple(sorted({Read(CLOCK), *map(_read, features.values())}))
    grouped = [
        sorted((f.op, f.window, position) for position, f in features.items() if _read(f) == each)
        for each in reads
    ]
    table: list[list[int]] = []
    operations: list[tuple[int, int, int]] = []
    decays: list[float] = []
    width = 0
    for group in grouped:
        column = _layout(group, (width, len(decays), len(operations)), is_weekly=is_weekly)
        operations += _operations(group, width)
        decays += [0.5 ** (1.0 / window) for window in _half_lives(group)]
        width = column[RING] + column[CAPACITY]
        table.append(column)
    code = Code(
        np.array(table, np.int64),
        np.array(operations, np.int64).reshape(-1, 3),
        np.array(decays, np.float64),
        max(column[REACH] for column in table),
    )
    positions = np.array(list(features), np.int64)
    return History(label, reads, positions, matrix_width, code, width, start_month)


def _read(feature: Feature) -> Read:
    return Read(feature.column, feature.per_row, feature.log)


def _logged(values: FloatArray) -> FloatArray:
    return np.log1p(np.maximum(values, 0.0))


_Group = Sequence[tuple[Op, int, int]]  # operation, window, position of one column's features


def _half_lives(group: _Group) -> list[int]:
    return sorted({window for op, window, _ in group if op is Op.EWM})


def _layout(group: _Group, start: tuple[int, int, int], *, is_weekly: bool) -> list[int]:
    """A row of Code.columns for what starts at a block, a decay and a feature."""
    block, decay, first = start
    half_lives = len(_half_lives(group))
    ring = block + HEADER + 2 * half_lives + 1
    reaches = [(op, _reach(op, window, is_weekly=is_weekly)) for op, window, _ in group]
    reach = max((reach for op, reach in reaches if _is_over_window(op)), default=0)
    kept = max((reach for _, reach in reaches), default=0)
    capacity = 1 << max(kept - 1, 0).bit_length()
    end = first + len(group)
    is_summed = any(op in _SUMMED for op, _, _ in group)
    return [block, decay, decay + half_lives, ring, capacity, reach, first, end, int(is_summed)]


def _operations(group: _Group, block: int) -> list[tuple[int, int, int]]:
    """The rows of Code.features; for an EWM the window is where its sums stand in the state."""
    half_lives = _half_lives(group)
    return [
        (
            int(Opcode[op.name]),
            block + HEADER + 2 * half_lives.index(window) if op is Op.EWM else window,
            position,
        )
        for op, window, position in group
    ]


def _is_over_window(op: Op) -> bool:
    return Opcode[op.name] <= LAST_OVER_WINDOW


def _reach(op: Op, window: int, *, is_weekly: bool) -> int:
    """How many of the newest values an operation may read; rows of one weekday are fewer."""
    if op is Op.MOMENTUM:
        return MOMENTUM_STRETCH * window
    if op is Op.RECENT_COUNT:
        return RECENT_PER_DAY * (-(-window // 7) if is_weekly else window)
    if op is Op.REST_DAYS:
        return 1
    return window if op is Op.LAG or _is_over_window(op) else 0


def _seasons(times: IntArray, start_month: int) -> IntArray:
    """The year in which each time's season began, int64 [times].

    >>> day = 86_400_000_000
    >>> _seasons(np.array([0, 272 * day, 273 * day]), 10).tolist()
    [1969, 1969, 1970]
    """
    months = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(1970 + (months - (start_month - 1)) // 12, np.int64)
