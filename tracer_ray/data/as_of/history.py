"""Events in memory, by whom they are of and in order of time; and what was known of them when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Aggregate, Aggregation, Events
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray, IntArray, TextArray


@dataclass(frozen=True)
class History:
    """Events as flat arrays; owner `i` has `offsets[i]:offsets[i + 1]`, in order of time.

    `owners` are sorted. `times` are microseconds since 1970 in UTC; an amount is NaN where it is
    null.
    """

    owners: TextArray
    offsets: IntArray
    times: IntArray
    amounts: Mapping[str, FloatArray]

    @classmethod
    def of(cls, table: pa.Table) -> "History":
        """The history in a table of `key` (text), `time` (timestamps in microseconds), amounts.

        >>> from datetime import datetime
        >>> days = pa.array([datetime(1970, 1, 3), datetime(1970, 1, 2)], pa.timestamp("us"))
        >>> history = History.of(pa.table({"key": ["a", "a"], "time": days}))
        >>> (history.times // MICROSECONDS_PER_DAY).tolist(), history.offsets.tolist()
        ([1, 2], [0, 2])
        """
        rows = table.sort_by([("key", "ascending"), ("time", "ascending")])
        encoded = rows["key"].combine_chunks().dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        return cls(
            owners=np.array(encoded.dictionary.to_pylist(), dtype=np.object_),
            offsets=np.searchsorted(codes, np.arange(len(encoded.dictionary) + 1)),
            times=rows["time"].cast(pa.int64()).to_numpy(),
            amounts={
                name: pc.fill_null(rows[name], float("nan")).to_numpy()
                for name in rows.column_names
                if name not in ("key", "time")
            },
        )

    @property
    def owner_index(self) -> IntArray:
        """The position in `owners` of each event's owner, int64 [events]."""
        return np.repeat(np.arange(len(self.owners)), np.diff(self.offsets))

    def positions(self, names: TextArray) -> IntArray:
        """The position in `owners` of each name, -1 for one without events, int64 [names]."""
        known = {name: place for place, name in enumerate(self.owners.tolist())}
        return np.array([known.get(name, -1) for name in names.tolist()], dtype=np.int64)

    def before(self, owner: IntArray, instants: IntArray) -> IntArray:
        """How many events there are, over all owners in order, up to each owner's instant.

        The event at the instant itself counts. An owner of -1 has none: the result is 0.
        """
        ranks = np.unique(np.concatenate([self.times, instants]))
        own = self.owner_index * len(ranks) + np.searchsorted(ranks, self.times)
        asked = owner * len(ranks) + np.searchsorted(ranks, instants)
        return np.searchsorted(own, asked, side="right")


def aggregate(
    history: History, events: Events, names: TextArray, instants: IntArray
) -> dict[str, FloatArray]:
    """What is known of each name's events at its instant, float64 [rows] per aggregate.

    Reads only events at or before the instant.
    """
    past = _Past.of(history, names, instants)
    windows = {days: past.last(days, history) for days in events.windows_days}
    timed = _timed(history, past, instants)
    return {
        each.name: _of_amount(history, each, windows.get(each.window_days, past))
        if each.amount
        else windows[each.window_days].counts
        if each.aggregation is Aggregation.COUNT
        else timed[each.aggregation]
        for each in events.aggregates
    }


@dataclass(frozen=True)
class _Past:
    """The events that each row may read: those from `start` to before `stop`, int64 [rows]."""

    owner: IntArray
    instants: IntArray
    start: IntArray
    stop: IntArray

    @classmethod
    def of(cls, history: History, names: TextArray, instants: IntArray) -> "_Past":
        """All events up to each row's instant."""
        owner = history.positions(names)
        start = np.where(owner >= 0, history.offsets[np.maximum(owner, 0)], 0)
        stop = np.maximum(history.before(owner, instants), start)
        return cls(owner, instants, start, stop)

    def last(self, days: int, history: History) -> "_Past":
        """Those of the last so many days."""
        since = self.instants - days * MICROSECONDS_PER_DAY
        return replace(self, start=np.maximum(history.before(self.owner, since), self.start))

    @property
    def counts(self) -> FloatArray:
        """How many events each row reads."""
        return (self.stop - self.start).astype(np.float64)

    def sums(self, values: FloatArray) -> FloatArray:
        """The sum of these events' values, 0 where there are none.

        Each sum is taken over its own events alone: a difference of running totals would carry
        the rounding of all events before, later ones of others among them.
        """
        pairs = np.column_stack([self.start, self.stop]).ravel()
        taken = np.add.reduceat(np.append(values, 0.0), pairs)[::2] if len(pairs) else np.zeros(0)
        return np.where(self.stop > self.start, taken, 0.0)


def _of_amount(history: History, each: Aggregate, past: _Past) -> FloatArray:
    values = history.amounts[each.amount]
    is_value = np.isfinite(values)
    sums = past.sums(np.where(is_value, values, 0.0))
    if each.aggregation is Aggregation.SUM:
        return sums
    counts = past.sums(is_value.astype(np.float64))
    return np.where(counts > 0.0, sums / np.maximum(counts, 1.0), np.nan)


def _timed(history: History, past: _Past, instants: IntArray) -> dict[Aggregation, FloatArray]:
    """Recency, age, active days, and what follows from them."""
    active = past.sums(_is_first_of_day(history))
    times = np.append(history.times, 0)
    first, last = times[past.start], times[np.maximum(past.stop - 1, 0)]
    age, recency = (
        np.where(past.stop > past.start, (instants - each) / MICROSECONDS_PER_DAY, np.nan)
        for each in (first, last)
    )
    gap = np.where(active > 1.0, (age - recency) / np.maximum(active - 1.0, 1.0), np.nan)
    return {
        Aggregation.RECENCY: recency,
        Aggregation.AGE: age,
        Aggregation.ACTIVE_DAYS: active,
        Aggregation.GAP: gap,
        Aggregation.OVERDUE: recency / gap,
    }


def _is_first_of_day(history: History) -> FloatArray:
    days = history.times // MICROSECONDS_PER_DAY
    is_first = np.ones(len(days), np.bool_)
    is_first[1:] = days[1:] != days[:-1]
    is_first[history.offsets[:-1]] = True
    return is_first.astype(np.float64)
