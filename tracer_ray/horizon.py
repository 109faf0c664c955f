"""Seeing rows from periods before them, as forecasts over a horizon are made.

A series is cut into windows of `horizon_steps` periods (days, weeks or months), and each row is
seen from the start of its window: 1 to `horizon_steps` ahead, all equally often. So a model learns
to look as far ahead as it will be asked to, and the windows are rolling origins whose periods add
up to whole forecasts. Windows of different owners start in different periods; where rows are few,
training rows are seen from the starts of several such cuts.
"""

from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.periods import Period
from tracer_ray.rows import BoolArray, IntArray, Rows, Vantage
from tracer_ray.splits import Part, PartArray, shares, stable_hashes

WANTED_ROWS = 200_000
MOST_COPIES = 12
BLIND_SHARE = 0.3


def window_starts(
    times: IntArray, phase: IntArray | int, steps: int, period: Period = Period.DAY
) -> IntArray:
    """The start of each time's window of so many `steps`, microseconds.

    Windows begin `phase` periods after 1970.

    >>> day = 86_400_000_000
    >>> (window_starts(np.array([9, 10, 11, 16]) * day, 3, 7) // day).tolist()
    [3, 10, 10, 10]
    """
    index = period.ordinal(times)
    return period.start(index - (index - phase) % steps)


def copies_per_row(rows: int, steps: int) -> int:
    """How many instants training rows are seen from, so that few rows still show much.

    >>> copies_per_row(800, 90), copies_per_row(1_000_000, 42)
    (12, 1)
    """
    return max(1, min(MOST_COPIES, steps, WANTED_ROWS // max(rows, 1)))


@dataclass(frozen=True)
class Ahead:
    """How training rows are seen: from `copies` instants each, up to `steps` periods before them.

    `planned` are the columns that a caller may not know of a coming day; a share of the rows is
    seen once more without them, so that a model knows what to say then.
    """

    steps: int
    copies: int
    planned: tuple[str, ...] = ()
    period: Period = Period.DAY


def seen_ahead(rows: Rows, ahead: Ahead, parts: PartArray) -> Rows:
    """The rows, each seen from its window's start; training rows several times."""
    is_training = parts == Part.TRAIN
    is_blind = is_training & (shares(rows.keys) < BLIND_SHARE) & bool(ahead.planned)
    copies = np.where(is_training, ahead.copies, 1) + is_blind
    chosen = np.repeat(np.arange(len(rows)), copies)
    copy = np.arange(len(chosen)) - (np.cumsum(copies) - copies)[chosen]
    phases = (stable_hashes(rows.entities) % np.uint64(ahead.steps)).astype(np.int64)
    repeated = _repeated(rows, chosen, copies)
    phase = phases[repeated.entity_index] + copy * ahead.steps // ahead.copies
    as_of = window_starts(repeated.times, phase, ahead.steps, ahead.period)
    seen = replace(repeated, vantage=Vantage(as_of, copy > 0))
    return _without(seen, ahead.planned, is_blind[chosen] & (copy == copies[chosen] - 1))


def seen_from(rows: Rows, start: int, steps: int, period: Period = Period.DAY) -> Rows:
    """Rows seen from windows that follow one another from the period of `start` (an instant) on."""
    phase = int(period.ordinal(np.array([start], np.int64))[0])
    as_of = window_starts(rows.times, phase, steps, period)
    return replace(rows, vantage=Vantage(as_of, np.zeros(len(rows), np.bool_)))


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
