"""The plan by which raw rows are read, and the one validator of rows.

matching.py makes the plan from the names a file has; `normalise` reads the values by it and parts
good rows from bad ones. Files and HTTP requests go through the same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import DateOrder, Kind, Overrun, Way, Wording
from tracer_ray.data.clock_minutes import without_clocks
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import (
    ARROW_TYPES,
    EXPECTED,
    BoolArray,
    Parsed,
    by_distinct,
    parse,
    texts,
)


@dataclass(frozen=True)
class PlannedColumn:
    """A column to fill: from the raw column `source`, or with nulls where that is empty.

    A flag with a `wording` is read from what that says: the opposite, a number above a limit, or
    whether there is a time; `words` (folded) are values that stand for yes and no in it. With
    `is_count` the raw column names things, and each of them counts one; with `is_clock` numbers may
    be minutes and seconds. Of amounts that go one
    `way` another raw column, `told_by`, says which, or else their sign does; of an `overrun` it
    says what was planned.
    """

    name: str
    kind: Kind
    source: str = ""
    is_required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    wording: Wording | None = None
    words: Mapping[str, float] = field(default_factory=dict)
    date_order: DateOrder = DateOrder.YEAR_FIRST
    is_count: bool = False
    is_clock: bool = False
    way: Way | None = None
    told_by: str = ""
    overrun: Overrun | None = None

    @property
    def raw_kind(self) -> Kind:
        """How the raw values are read."""
        if self.overrun:
            return self.overrun.kind
        if self.is_count:
            return Kind.CATEGORY
        if self.wording is None or self.wording.is_opposite:
            return self.kind
        return Kind.NUMBER if self.wording.filled is None else Kind.TIME

    def read(self, values: pa.ChunkedArray) -> Parsed:
        """The raw values as they are read."""
        order = self.overrun.date_orders[0] if self.overrun else self.date_order
        values = without_clocks(values) if self.is_clock else values
        return parse(values, self.raw_kind, order, self.words)

    def beside(self, values: pa.Array, table: pa.Table) -> Parsed:
        """The column's values where a second raw column tells of them; bad where it can't."""
        return self._overrun(values, table) if self.overrun else self._going(values, table)

    def _overrun(self, came: pa.Array, table: pa.Table) -> Parsed:
        assert self.overrun is not None
        plan = parse(table[self.told_by], self.overrun.kind, self.overrun.date_orders[1])
        if self.overrun.kind is Kind.TIME:
            day = pc.floor_temporal(came, unit="day")
            is_day = pc.equal(pc.floor_temporal(plan.values, unit="day"), plan.values)
            came = pc.if_else(is_day, day, came)
        return Parsed(pc.greater(came, plan.values).cast(pa.float64()), plan.is_bad)

    def _going(self, amounts: pa.Array, table: pa.Table) -> Parsed:
        """What of amounts goes this column's way, at least 0."""
        assert self.way is not None
        if not self.told_by:
            signed = pc.multiply(amounts, self.way.sign)
            going = pc.max_element_wise(signed, 0.0, skip_nulls=False)
            return Parsed(going, np.zeros(len(amounts), dtype=np.bool_))
        share = dict.fromkeys(map(fold, self.way.others), 0.0)
        share |= dict.fromkeys(map(fold, self.way.words), 1.0)
        said = texts(table[self.told_by])
        shares = by_distinct(said, lambda word: share.get(fold(str(word))), pa.float64())
        return Parsed(pc.multiply(pc.abs(amounts), shares), np.asarray(shares.is_null()))

    def worded(self, values: pa.Array) -> pa.Array:
        """The column's own values, from the raw ones as they were read."""
        if self.is_count:
            return pc.if_else(pc.is_valid(values), 1.0, None)
        if self.wording is None:
            return values
        if self.wording.filled is not None:
            return pc.equal(pc.is_valid(values), self.wording.filled).cast(pa.float64())
        if self.wording.is_opposite:
            return pc.subtract(1.0, values)
        return pc.greater(values, self.wording.above).cast(pa.float64())


@dataclass(frozen=True)
class Missing:
    """A column that was looked for in vain, and the names that were tried."""

    name: str
    tried: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """How the rows of one set of raw columns are read.

    For sided blueprints the planned columns are those of the row seen from its first side;
    `winner_first` says that the first side won every row, `home` is the first side's home value.
    """

    columns: tuple[PlannedColumn, ...]
    missing: tuple[Missing, ...] = ()
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    required: int = 0
    winner_first: bool = False
    home: float = 0.0

    @property
    def sources(self) -> tuple[str, ...]:
        """The raw columns to read, each once, in order."""
        found = (name for column in self.columns for name in (column.source, column.told_by))
        return tuple(dict.fromkeys(filter(None, found)))

    @property
    def mapping(self) -> dict[str, str]:
        """The raw column found for each planned column."""
        return {column.name: column.source for column in self.columns if column.source}

    @property
    def is_other_table(self) -> bool:
        """Whether more than half of the required columns are missing."""
        return 2 * len(self.missing) > self.required

    @property
    def counts(self) -> bool:
        """Whether a number is told by an id alone, each of which counts one."""
        return any(each.is_count for each in self.columns)


@dataclass(frozen=True)
class Normalised:
    """Rows that could be read, and rows that could not, with their positions in the raw table.

    `good` has the planned columns; `bad` has the raw ones as text, and before them `problem` (the
    kind of failure), `reason` (with the value) and `position`.
    """

    good: pa.Table
    bad: pa.Table
    positions: npt.NDArray[np.int64]


def normalise(table: pa.Table, plan: Plan) -> Normalised:
    """Read every planned column of raw rows; a row with any unreadable value is bad.

    The first planned column that fails gives the reason. Shapes: `good` and `bad` together have
    the rows of `table`, each in its order.
    """
    parsed: dict[str, pa.Array] = {}
    verdict = _Verdict(table)
    for column in plan.columns:
        if not column.source or column.source not in table.column_names:
            parsed[column.name] = pa.nulls(len(table), ARROW_TYPES[column.kind])
            continue
        read = column.read(table[column.source])
        verdict.judge(column, read)
        if column.way or column.overrun:
            beside = column.beside(read.values, table)
            parsed[column.name] = beside.values
            verdict.judge_beside(column, beside)
        else:
            parsed[column.name] = column.worded(read.values)
    is_good = verdict.problem_of < 0
    types = [(column.name, ARROW_TYPES[column.kind]) for column in plan.columns]
    everything = pa.table(parsed, schema=pa.schema(types))
    return Normalised(everything.filter(pa.array(is_good)), verdict.bad(), np.flatnonzero(is_good))


class _Verdict:
    """The first problem of each row, and the column it was found in."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.problem_of = np.full(len(table), -1, dtype=np.int64)
        self.problems: list[tuple[str, str]] = []  # (problem, raw column)

    def judge(self, column: PlannedColumn, read: Parsed) -> None:
        self._mark(read.is_bad, column, EXPECTED[column.raw_kind])
        if column.is_required:
            self._mark(np.asarray(read.values.is_null()), column, "empty, and it is required")
        if column.minimum is not None:
            below = pc.fill_null(pc.less(read.values, column.minimum), False)
            self._mark(np.asarray(below), column, f"below {column.minimum:g}")
        if column.maximum is not None:
            above = pc.fill_null(pc.greater(read.values, column.maximum), False)
            self._mark(np.asarray(above), column, f"above {column.maximum:g}")

    def judge_beside(self, column: PlannedColumn, beside: Parsed) -> None:
        """Whether a second raw column tells what it has to."""
        told = replace(column, source=column.told_by)
        way = "neither paid in nor paid out"
        self._mark(beside.is_bad, told, EXPECTED[column.raw_kind] if column.overrun else way)

    def bad(self) -> pa.Table:
        positions = np.flatnonzero(self.problem_of >= 0)
        raw = self.table.take(pa.array(positions))
        columns = {name: texts(raw[name]) for name in raw.column_names}
        problems, reasons = [], []
        for row, position in enumerate(positions):
            problem, source = self.problems[self.problem_of[position]]
            problems.append(problem)
            reasons.append(f"{problem}: {columns[source][row].as_py()!r}")
        text, number = pa.string(), pa.int64()
        head = {
            "problem": pa.array(problems, text),
            "reason": pa.array(reasons, text),
            "position": pa.array(positions, number),
        }
        return pa.table({**head, **{k: v for k, v in columns.items() if k not in head}})

    def _mark(self, is_bad: BoolArray, column: PlannedColumn, expected: str) -> None:
        fresh = is_bad & (self.problem_of < 0)
        if fresh.any():
            self.problem_of[fresh] = len(self.problems)
            shown = (
                column.source
                if column.name == column.source
                else (f"{column.source} ({column.name})")
            )
            self.problems.append((f"{shown} is {expected}", column.source))


def raw_table(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows given one by one (an HTTP request) as a raw table; mixed types become text.

    >>> raw_table([{"player": 1}, {"player": "x", "line": 2.5}])["player"].to_pylist()
    ['1', 'x']
    """
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: _raw_array([row.get(name) for row in rows]) for name in names})


def _raw_array(values: Sequence[object]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values])
