"""The numbers behind history features: one pair of kernels for all history and for the next row.

A series (an entity's rows, or what was summed per key) has a state: a flat float64 vector with
one block per column that a feature reads. `emit` computes a row's features from the state alone,
`push` moves the state past the row. The full path is a scan, emit then push; the path of a next
row is emit on a stored state. Both are therefore one code, and no feature can read its own row.

A block is: the running mean and sum of squared deviations (Welford, "Note on a method for
calculating corrected sums of squares and products", 1962); the season of the newest value with
that season's sum and count; two sums per half-life; the count of all values; and right after the
count a ring of the newest values, a power of two long. A block of zeros is an empty past.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, TypeVar, cast

import numba
import numpy as np

from tracer_ray.rows import MICROSECONDS_PER_DAY, BoolArray, Float32Array, FloatArray, IntArray

F = TypeVar("F", bound=Callable[..., object])

# where things stand in a column's block of the state
MEAN, SQUARES, SEASON, SEASON_SUM, SEASON_COUNT, HEADER = range(6)
# what a row of Code.columns says
BLOCK, DECAY, DECAY_END, RING, CAPACITY, REACH, FIRST, END, IS_SUMMED = range(9)
# what a row of Code.features says
OPCODE, WINDOW, POSITION = range(3)
# the rows of scratch memory; behind them one per feature, for the window of a median in order
RECENT, TOTAL, SCRATCH_ROWS = range(3)
UNORDERED = -1.0  # in place of the count of a window: the rows do not follow each other

MOMENTUM_STRETCH = 4
REST_DAYS_LIMIT = 60.0
RECENT_PER_DAY = 24  # more rows than this per day of a window are not counted


class Opcode(IntEnum):
    """The operations, in the order in which the kernels tell them apart."""

    MEAN = 0
    STD = 1
    MIN = 2
    MAX = 3
    MEDIAN = 4
    WEIGHTED_MEAN = 5
    SLOPE = 6
    MOMENTUM = 7
    LAG = 8
    RECENT_COUNT = 9
    REST_DAYS = 10
    COUNT = 11
    SEASON_COUNT = 12
    EWM = 13
    EXPANDING_MEAN = 14
    EXPANDING_STD = 15
    SEASON_MEAN = 16


LAST_OVER_WINDOW = int(Opcode.MOMENTUM)
LAST_FROM_RING = int(Opcode.REST_DAYS)


class Code(NamedTuple):
    """Features over one kind of series, as the kernels read them.

    `columns` int64 [columns, 9], `features` int64 [features, 3] grouped by column, `decays`
    float64 [half-lives]: what is left of a weight after one row; `reach`: the longest window.
    """

    columns: IntArray
    features: IntArray
    decays: FloatArray
    reach: int


class Series(NamedTuple):
    """Rows of several series in one flat block, rising in time within each.

    `offsets` int64 [series + 1], `times` int64 [rows] in microseconds, `seasons` int64 [rows],
    `values` float64 [rows, columns of the code], NaN for null. A row reads what happened before
    `as_of` int64 [rows]; `order` int64 [rows] lists each series' rows by that instant; a repeat
    (bool [rows]) reads as well, but is in nobody's past.
    """

    offsets: IntArray
    times: IntArray
    seasons: IntArray
    values: FloatArray
    as_of: IntArray
    order: IntArray
    is_repeat: BoolArray


Scan = Callable[[Code, Series, FloatArray, Float32Array], None]


def compiled(function: F) -> F:
    """The function as machine code, kept on disk between processes; its type stays as it is."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """The function as a part of the machine code of those that call it."""
    return cast(F, numba.njit(forceinline=True, nogil=True, error_model="numpy")(function))


@inlined
def _recall(scratch: FloatArray, state: FloatArray, ring: int, capacity: int, kept: int) -> None:
    """Copies the `kept` newest values, newest first, and their running totals."""
    newest = int(state[ring - 1]) - 1
    total = 0.0
    for back in range(kept):
        value = state[ring + ((newest - back) & (capacity - 1))]
        total += value
        scratch[RECENT, back] = value
        scratch[TOTAL, back] = total


@inlined
def _deviation(scratch: FloatArray, n: int) -> float:
    mean = scratch[TOTAL, n - 1] / n
    squares = 0.0
    for k in range(n):
        squares += (scratch[RECENT, k] - mean) ** 2
    return float(np.sqrt(squares / (n - 1))) if n > 1 else np.nan


@inlined
def _least(scratch: FloatArray, n: int) -> float:
    value = float(scratch[RECENT, 0])
    for k in range(1, n):
        value = min(value, float(scratch[RECENT, k]))
    return value


@inlined
def _greatest(scratch: FloatArray, n: int) -> float:
    value = float(scratch[RECENT, 0])
    for k in range(1, n):
        value = max(value, float(scratch[RECENT, k]))
    return value


@inlined
def _median(scratch: FloatArray, n: int) -> float:
    """The middle of the newest `n` values; counting smaller ones beats sorting at these sizes."""
    lower, upper = -np.inf, -np.inf
    for k in range(n):
        value = scratch[RECENT, k]
        below = 0
        for other in range(n):
            below += scratch[RECENT, other] < value
        lower = max(lower, value) if below <= (n - 1) // 2 else lower
        upper = max(upper, value) if below <= n // 2 else upper
    return 0.5 * (lower + upper)


@inlined
def _insert(window: FloatArray, n: int, value: float) -> None:
    """Puts a value among the `n` of a window that is in order and begins at 1."""
    place = n + 1
    while place > 1 and window[place - 1] > value:
        window[place] = window[place - 1]
        place -= 1
    window[place] = value


@inlined
def _replace(window: FloatArray, n: int, gone: float, value: float) -> None:
    """The same with one of the `n` values taken out."""
    place = 1
    for k in range(1, n + 1):
        place += window[k] < gone
    while place < n and window[place + 1] < value:
        window[place] = window[place + 1]
        place += 1
    while place > 1 and window[place - 1] > value:
        window[place] = window[place - 1]
        place -= 1
    window[place] = value


@inlined
def _running_median(scratch: FloatArray, row: int, n: int, count: float, dropped: float) -> float:
    """The middle of the newest `n` of `count` values, where the row before left them in order.

    `dropped` is the value before these, NaN where it is not kept.
    """
    window = scratch[row]
    seen = window[0]
    if seen == UNORDERED or (count > n and np.isnan(dropped)):
        return _median(scratch, n)
    if seen == count - 1.0 and count == n:
        _insert(window, n - 1, scratch[RECENT, 0])
    elif seen == count - 1.0:
        _replace(window, n, dropped, scratch[RECENT, 0])
    elif seen != count:
        for k in range(n):
            _insert(window, k, scratch[RECENT, k])
    window[0] = count
    return float(0.5 * (window[1 + (n - 1) // 2] + window[1 + n // 2]))


@inlined
def _weighted_mean(scratch: FloatArray, n: int) -> float:
    total = 0.0
    for k in range(n):
        total += (n - k) * scratch[RECENT, k]
    return total / (0.5 * n * (n + 1))


@inlined
def _slope(scratch: FloatArray, n: int) -> float:
    """Least squares over the positions 0 (oldest) to n - 1 (newest)."""
    middle = 0.5 * (n - 1)
    total = 0.0
    for k in range(n):
        total += (middle - k) * scratch[RECENT, k]
    return total * 12.0 / (n * (n * n - 1.0)) if n > 1 else np.nan


@inlined
def _over_window(scratch: FloatArray, op: int, window: int, kept: int) -> float:
    """What reads the last `window` values, of which the newest `kept` exist."""
    n = min(window, kept)
    if n == 0:
        return np.nan
    if op == Opcode.MEAN:
        return float(scratch[TOTAL, n - 1] / n)
    if op == Opcode.STD:
        return _deviation(scratch, n)
    if op == Opcode.MIN:
        return _least(scratch, n)
    if op == Opcode.MAX:
        return _greatest(scratch, n)
    if op == Opcode.WEIGHTED_MEAN:
        return _weighted_mean(scratch, n)
    if op == Opcode.SLOPE:
        return _slope(scratch, n)
    longer = min(MOMENTUM_STRETCH * window, kept)
    return float(scratch[TOTAL, n - 1] / n - scratch[TOTAL, longer - 1] / longer)


@inlined
def _newest(state: FloatArray, ring: int, capacity: int, back: int) -> float:
    """The value `back` places from the newest (1 is the newest); NaN where there is none."""
    count = int(state[ring - 1])
    return float(state[ring + ((count - back) & (capacity - 1))]) if back <= count else np.nan


@inlined
def _recent_count(state: FloatArray, ring: int, capacity: int, after: float) -> float:
    kept = min(int(state[ring - 1]), capacity)
    found = 0
    while found < kept and _newest(state, ring, capacity, found + 1) > after:
        found += 1
    return float(found)


@inlined
def _from_ring(
    state: FloatArray, op: int, window: int, ring: int, capacity: int, time: int
) -> float:
    """What reads single values of the ring; in the clock's block these are times."""
    if op == Opcode.LAG:
        return _newest(state, ring, capacity, window)
    if op == Opcode.RECENT_COUNT:
        after = float(time - window * MICROSECONDS_PER_DAY)
        return _recent_count(state, ring, capacity, after)
    if state[ring - 1] == 0:
        return np.nan
    days = (time - _newest(state, ring, capacity, 1)) / MICROSECONDS_PER_DAY
    return min(max(days, 0.0), REST_DAYS_LIMIT)


@inlined
def _from_sums(
    state: FloatArray, op: int, window: int, block: int, count: float, season: int
) -> float:
    """What reads the whole past through running sums; `window` is where an EWM's sums stand."""
    if op == Opcode.COUNT:
        return count
    if op == Opcode.SEASON_COUNT:
        return float(state[block + SEASON_COUNT]) if state[block + SEASON] == season else 0.0
    if count == 0:
        return np.nan
    if op == Opcode.EWM:
        return float(state[window] / state[window + 1])
    if op == Opcode.EXPANDING_MEAN:
        return float(state[block + MEAN])
    if op == Opcode.SEASON_MEAN:
        return float(state[block + SEASON_SUM] / state[block + SEASON_COUNT])
    return float(np.sqrt(state[block + SQUARES] / (count - 1.0))) if count > 1 else np.nan


@inlined
def scratch_for(code: Code) -> FloatArray:
    """What `emit` works in, float64; compiled code would write past one that is too small."""
    scratch = np.empty((SCRATCH_ROWS + len(code.features), code.reach + 2))
    scratch[:, 0] = UNORDERED
    return scratch


@inlined
def emit(
    code: Code, state: FloatArray, now: IntArray, scratch: FloatArray, out: Float32Array
) -> None:
    """Writes a row's features into `out`; `now` is its as-of instant and its own season.

    `scratch` is that of `scratch_for`.
    """
    columns, features, _, _ = code
    for c in range(len(columns)):
        block, ring, capacity = columns[c, BLOCK], columns[c, RING], columns[c, CAPACITY]
        count = state[ring - 1]
        kept = min(int(count), columns[c, REACH])
        _recall(scratch, state, ring, capacity, kept)
        for f in range(columns[c, FIRST], columns[c, END]):
            op, window = features[f, OPCODE], features[f, WINDOW]
            if op == Opcode.MEDIAN and kept > 0:
                before = _newest(state, ring, capacity, window + 1) if window < capacity else np.nan
                value = _running_median(scratch, SCRATCH_ROWS + f, min(window, kept), count, before)
            elif op <= LAST_OVER_WINDOW:
                value = _over_window(scratch, op, window, kept)
            elif op <= LAST_FROM_RING:
                value = _from_ring(state, op, window, ring, capacity, now[0])
            else:
                value = _from_sums(state, op, window, block, count, now[1])
            out[features[f, POSITION]] = value


@inlined
def _push_season(state: FloatArray, block: int, season: int, value: float) -> None:
    if state[block + SEASON] != season:
        state[block + SEASON] = season
        state[block + SEASON_SUM] = 0.0
        state[block + SEASON_COUNT] = 0.0
    state[block + SEASON_SUM] += value
    state[block + SEASON_COUNT] += 1.0


@inlined
def _push_sums(state: FloatArray, block: int, count: float, value: float) -> None:
    deviation = value - state[block + MEAN]
    state[block + MEAN] += deviation / count
    state[block + SQUARES] += deviation * (value - state[block + MEAN])


@inlined
def push(code: Code, state: FloatArray, season: int, values: FloatArray) -> None:
    """Moves the state past a row with these values; a null leaves its column as it was."""
    columns, _, decays, _ = code
    for c in range(len(columns)):
        value = values[c]
        if np.isnan(value):
            continue
        block, ring = columns[c, BLOCK], columns[c, RING]
        state[ring + (int(state[ring - 1]) & (columns[c, CAPACITY] - 1))] = value
        state[ring - 1] += 1.0
        if columns[c, IS_SUMMED]:
            _push_sums(state, block, state[ring - 1], value)
            _push_season(state, block, season, value)
        slot = block + HEADER
        for k in range(columns[c, DECAY], columns[c, DECAY_END]):
            state[slot] = value + decays[k] * state[slot]
            state[slot + 1] = 1.0 + decays[k] * state[slot + 1]
            slot += 2


@compiled
def scan(code: Code, series: Series, states: FloatArray, out: Float32Array) -> None:
    """Fills the features of all rows and moves each series' state past its rows.

    `states` float64 [series, width] holds the states before the rows and after them; `out` float32
    [rows, features]. Rows of one series at one instant all read the state before that instant.
    """
    # one by one, or the loops below would count references to the tuple's arrays in every turn
    offsets, times, seasons, values, as_of, order, is_repeat = series
    scratch = scratch_for(code)
    now = np.empty(2, np.int64)
    for owner in range(len(offsets) - 1):
        state = states[owner]
        scratch[SCRATCH_ROWS:, 0] = 0.0
        place, stop = offsets[owner], offsets[owner + 1]
        for spot in range(place, stop):
            row = order[spot]
            while place < stop and times[place] < as_of[row]:
                if not is_repeat[place]:
                    push(code, state, seasons[place], values[place])
                place += 1
            now[0], now[1] = as_of[row], seasons[row]
            emit(code, state, now, scratch, out[row])
        while place < stop:
            if not is_repeat[place]:
                push(code, state, seasons[place], values[place])
            place += 1


@compiled
def emit_next(
    code: Code, as_of: IntArray, seasons: IntArray, states: FloatArray, out: Float32Array
) -> None:
    """Fills the features of one next row per state; the states stay as they are."""
    scratch = scratch_for(code)
    now = np.empty(2, np.int64)
    for row in range(len(as_of)):
        now[0], now[1] = as_of[row], seasons[row]
        emit(code, states[row], now, scratch, out[row])
