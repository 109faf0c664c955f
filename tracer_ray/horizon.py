"""Seeing rows from days before them, as forecasts over a horizon are made.

A series is cut into windows of `horizon_days`, and each row is seen from the start of its window:
1 to `horizon_days` ahead, all equally often. So a model learns to look as far ahead as it will be
asked to, and the windows are rolling origins whose days add up to whole forecasts. Windows of
different owners start on different days; where rows are few, training rows are seen from the
starts of several such cuts.
"""

from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.rows import MICROSECONDS_PER_DAY, BoolArray, IntArray, Rows, Vantage
from tracer_ray.splits import Part, PartArray, shares, stable_hashes

WANTED_ROWS = 200_000
MOST_COPIES = 12
BLIND_SHARE = 0.3


def window_starts(times: IntArray, phase_days: IntArray | int, horizon_days: int) -> IntArray:
    """The start of each time's window, microseconds; windows begin `phase_days` after 1970.

    >>> day = MICROSECONDS_PER_DAY
    >>> (window_starts(np.array([9, 10, 11, 16]) * day, 3, 7) // day).tolist()
    [3, 10, 10, 10]
    """
    days = times // MICROSECONDS_PER_DAY
    return (days - (days - phase_days) % horizon_days) * MICROSECONDS_PER_DAY


def copies_per_row(rows: int, horizon_days: int) -> int:
    """How many instants training rows are seen from, so that few rows still show much.

    >>> copies_per_row(800, 90), copies_per_row(1_000_000, 42)
    (12, 1)
    """
    return max(1, min(MOST_COPIES, horizon_days, WANTED_ROWS // max(rows, 1)))


@dataclass(frozen=True)
class Ahead:
    """How training rows are seen: from `copies` instants each, up to `days` before them.

    `planned` are the columns that a caller may not know of a coming day; a share of the rows is
    seen once more without them, so that a model knows what to say then.
    """

    days: int
    copies: int
    planned: tuple[str, ...] = ()


def seen_ahead(rows: Rows, ahead: Ahead, parts: PartArray) -> Rows:
    """The rows, each seen from its window's start; training rows several times."""
    is_training = parts == Part.TRAIN
    is_blind = is_training & (shares(rows.keys) < BLIND_SHARE) & bool(ahead.planned)
    copies = np.where(is_training, ahead.copies, 1) + is_blind
    chosen = np.repeat(np.arange(len(rows)), copies)
    copy = np.arange(len(chosen)) - (np.cumsum(copies) - copies)[chosen]
    phases = (stable_hashes(rows.entities) % np.uint64(ahead.days)).astype(np.int64)
    repeated = _repeated(rows, chosen, copies)
    phase = phases[repeated.entity_index] + copy * ahead.days // ahead.copies
    as_of = window_starts(repeated.times, phase, ahead.days)
    seen = replace(repeated, vantage=Vantage(as_of, copy > 0))
    return _without(seen, ahead.planned, is_blind[chosen] & (copy == copies[chosen] - 1))


def seen_from(rows: Rows, start: int, horizon_days: int) -> Rows:
    """Rows seen from windows that follow one another from the day of `start` (microseconds) on."""
    phase = start // MICROSECONDS_PER_DAY
    as_of = window_starts(rows.times, phase, horizon_days)
    return replace(rows, vantage=Vantage(as_of, np.zeros(len(rows), np.bool_)))


def midnight(time: int) -> int:
    """The start of a time's day, both in microseconds."""
    return time // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY


def next_midnight(time: int) -> int:
    """The start of the day after a time, both in microseconds."""
    return midnight(time) + MICROSECONDS_PER_DAY


def _without(rows: Rows, columns: tuple[str, ...], is_blind: BoolArray) -> Rows:
    """The rows with nulls in some columns of those that are seen blind."""
    numbers, categories = dict(rows.numbers), dict(rows.categories)
    for name in columns:
        if name in numbers:
            numbers[name] = np.where(is_blind, np.nan, numbers[name])
        else:
            categories[name] = np.where(is_blind, "", categories[name])
    return replace(rows, numbers=numbers, categories=categories)


def _repeated(rows: Rows, chosen: IntArray, copies: IntArray) -> Rows:
    ends = np.concatenate([[0], np.cumsum(copies)])
    return Rows(
        rows.entities,
        ends[rows.offsets],
        rows.times[chosen],
        rows.keys[chosen],
        {name: values[chosen] for name, values in rows.numbers.items()},
        {name: values[chosen] for name, values in rows.categories.items()},
    )
