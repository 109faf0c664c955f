"""Which weeks or months the data have whole: half a month of sales is no month's sales."""

from collections.abc import Iterable, Mapping
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.periods import Period
from tracer_ray.rows import MICROSECONDS_PER_DAY, IntArray

DaysSeen = Mapping[int, int]  # by period a bit for each of its days that has a row
_OF_A_PERIOD = 2  # days of a period on which somebody may report it
_CLOSED = {Period.DAY: 0, Period.WEEK: 2, Period.MONTH: 3}  # days at an end without any row


def days_seen(instants: IntArray, period: Period) -> dict[int, int]:
    """The days of each period that rows stand on; nothing for days themselves.

    >>> seen = days_seen(np.array([0, 2, 31]) * MICROSECONDS_PER_DAY, Period.MONTH)
    >>> {month: bin(days) for month, days in seen.items()}
    {0: '0b101', 1: '0b1'}
    """
    if period is Period.DAY or not len(instants):
        return {}
    days = np.unique(instants // MICROSECONDS_PER_DAY)
    index = period.ordinal(days * MICROSECONDS_PER_DAY)
    places = days - period.start(index) // MICROSECONDS_PER_DAY
    seen: dict[int, int] = {}
    for each, place in zip(index.tolist(), places.tolist(), strict=True):
        seen[each] = seen.get(each, 0) | 1 << place
    return seen


def merged(parts: Iterable[DaysSeen]) -> dict[int, int]:
    """The days that any part has.

    >>> merged([{0: 1}, {0: 4, 1: 1}])
    {0: 5, 1: 1}
    """
    seen: dict[int, int] = {}
    for part in parts:
        for each, days in part.items():
            seen[each] = seen.get(each, 0) | days
    return seen


def whole_span(seen: DaysSeen, period: Period) -> tuple[int, int] | None:
    """From which instant to which periods are whole; None where nothing was seen.

    Where most periods have rows of one or two days, a row is taken to stand for its period. Else
    the first and the last have to begin and end as periods do, but for some closed days.

    >>> january, february = sum(1 << day for day in range(31)), sum(1 << day for day in range(9))
    >>> span = whole_span({0: january, 1: february}, Period.MONTH)
    >>> [instant // MICROSECONDS_PER_DAY for instant in span or ()]
    [0, 31]
    """
    if not seen:
        return None
    first, last = min(seen), max(seen)
    starts = period.start(np.array([last, last + 1], np.int64)) // MICROSECONDS_PER_DAY
    if median(days.bit_count() for days in seen.values()) > _OF_A_PERIOD:
        closed, length = _CLOSED[period], int(starts[1] - starts[0])
        begun_late = (seen[first] & -seen[first]).bit_length() - 1 > closed
        ended_early = seen[last].bit_length() < length - closed
        first, last = first + begun_late, last - ended_early
    begin, end = period.start(np.array([first, last + 1], np.int64)).tolist()
    return int(begin), int(end)


def without_parts(rows: pa.Table, span: tuple[int, int] | None) -> pa.Table:
    """The rows whose `time` lies in a span of whole periods."""
    if span is None:
        return rows
    instants = rows["time"].cast(pa.int64())
    return rows.filter(pc.and_(pc.greater_equal(instants, span[0]), pc.less(instants, span[1])))
