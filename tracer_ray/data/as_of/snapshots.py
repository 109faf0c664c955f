"""Rows made of events: everybody at instants of a grid, with what followed until it was known."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Inactivity
from tracer_ray.data.as_of.history import History
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray, IntArray, TextArray
from tracer_ray.splits import stable_hashes

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Snapshots:
    """Rows of a grid, and what is known of their outcome.

    `names` are whose, `instants` when (microseconds). `outcome` is 1.0 where silence followed, NaN
    where it is not known yet. `duration_days` is how long it took until a silence was over, and
    `has_left` whether that was seen (1.0) or only that it takes longer (0.0). `left_out` counts
    rows that are not there, by reason.
    """

    names: TextArray
    instants: IntArray
    outcome: FloatArray
    duration_days: FloatArray
    has_left: FloatArray
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.names)


def take_snapshots(history: History, rule: Inactivity) -> Snapshots:
    """The rows at which everybody is looked at, oldest first for each.

    An owner's grid begins `days` after the first event of all, so that everybody could have been
    seen, and its days depend on the owner alone: later events move no row and change no feature.
    Rows whose outcome is not known yet are left out, but for one at the time of the newest event,
    which says how everybody stands now.
    """
    if not len(history.times):
        return _nothing()
    span = rule.days * MICROSECONDS_PER_DAY
    until = int(history.times.max())
    owner, instants = _grid(history, rule, until)
    place = history.before(owner, instants)  # of the first later event
    is_active = _is_active(history, owner, instants, place, span)
    is_settled = instants + span <= until
    is_now = instants == until
    kept = is_active & (is_settled | is_now)
    rows = owner[kept], instants[kept], place[kept]
    outcome = (_next_time(history, rows[0], rows[2]) - rows[1] > span).astype(np.float64)
    duration, has_left = _time_to_leaving(history, rows, span, until)
    return Snapshots(
        names=history.owners[rows[0]],
        instants=rows[1],
        outcome=np.where(is_now[kept], np.nan, outcome),
        duration_days=np.where(is_now[kept], np.nan, duration),
        has_left=np.where(is_now[kept], np.nan, has_left),
        left_out={
            f"no event in the {rule.days} days before: gone already": int((~is_active).sum()),
            f"the {rule.days} days after are not over: outcome not known yet": int(
                (is_active & ~is_settled & ~is_now).sum()
            ),
        },
    )


def _grid(history: History, rule: Inactivity, until: int) -> tuple[IntArray, IntArray]:
    """Owner and instant of every row that could be, between an owner's first event and `until`."""
    step = rule.every_days * MICROSECONDS_PER_DAY
    phase = (stable_hashes(history.owners) % np.uint64(rule.every_days)).astype(np.int64)
    begin = int(history.times.min()) + rule.days * MICROSECONDS_PER_DAY
    earliest = np.maximum(history.times[history.offsets[:-1]], begin)
    phase = phase * MICROSECONDS_PER_DAY
    first = earliest + (phase - earliest) % step
    counts = np.maximum((until - 1 - first) // step + 1, 0)  # before `until`, which comes last
    owner = np.repeat(np.arange(len(counts)), counts + 1)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts + 1) - counts - 1, counts + 1)
    instants = np.where(number < counts[owner], first[owner] + number * step, until)
    return owner, instants


def _is_active(
    history: History, owner: IntArray, instants: IntArray, place: IntArray, span: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the last event up to each instant is at most `span` before it."""
    has_past = place > history.offsets[owner]
    last = history.times[np.maximum(place - 1, 0)]
    return has_past & (instants - last < span)


def _next_time(history: History, owner: IntArray, place: IntArray) -> IntArray:
    """The time of each owner's event at a place, as late as can be where there is none."""
    has_next = place < history.offsets[owner + 1]
    times = history.times[np.minimum(place, len(history.times) - 1)]
    return np.where(has_next, times, _NEVER // 2)


def _time_to_leaving(
    history: History, rows: tuple[IntArray, IntArray, IntArray], span: int, until: int
) -> tuple[FloatArray, FloatArray]:
    """Days from each row to the end of the first silence, and whether that silence was seen.

    Where it was not, the days are those before which it can't end.
    """
    owner, instants, place = rows
    last = history.offsets[1:] - 1
    following = np.append(history.times[1:], _NEVER // 2)
    following[last] = np.where(until - history.times[last] >= span, _NEVER // 2, 0)
    ends = following - history.times > span  # a silence follows this event
    numbered = np.where(ends, np.arange(len(ends)), len(ends))
    next_end = np.append(np.minimum.accumulate(numbered[::-1])[::-1], len(ends))
    is_gone = _next_time(history, owner, place) - instants > span
    stop = np.minimum(next_end[place], last[owner])
    is_seen = next_end[place] <= last[owner]
    end = np.where(is_gone, instants, history.times[np.maximum(stop, 0)])
    days = (np.maximum(end - instants, 0) + span) / MICROSECONDS_PER_DAY
    return days, (is_gone | is_seen).astype(np.float64)


def _nothing() -> Snapshots:
    none = np.zeros(0)
    return Snapshots(np.zeros(0, np.object_), np.zeros(0, np.int64), none, none, none, {})
