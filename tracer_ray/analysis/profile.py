"""What the values of a data set are: types, nulls, distinct values, roles, and time span."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.analysis.names import says_something, words_of
from tracer_ray.analysis.samples import Sample
from tracer_ray.blueprint import DateOrder, Kind
from tracer_ray.data.date_orders import date_order
from tracer_ray.data.values import parse, without_null_words
from tracer_ray.periods import Period
from tracer_ray.rows import MICROSECONDS_PER_DAY

READABLE = 0.95  # the share of values that has to be readable for a column to be of a kind
_DAYS_OF_WEEKENDS = 60
_FEWEST_PERIODS = 12
_NAMING = ("key", "entity", "text")
_SALES = frozenset(words_of("order invoice receipt bill sale purchase"))
_UNIQUE = 0.995
_FEW = 50
_MOST_LISTED = 12
_OTHER_DATE = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b.*|(\d{1,2}[ -])?[A-Z][a-z]{2,8}[ -]\d{2,4}"
)
_KEY_WORDS = frozenset(("id", "number", "code", "uuid", "guid", "name", "index"))
_TIME_WORDS = frozenset(
    words_of("date time timestamp at day on epoch login until month period yyyymm ym")
)


@dataclass(frozen=True)
class ColumnProfile:
    """One raw column: shares are of rows (`nulls`) or of values that are there (`readable`).

    `role` is a guess from name and values: key, entity, time, flag, number, category, text or
    empty. `examples` are its most frequent values; `first` and `last` the instants of a time.
    A tenth of the numbers is below `first_decile`, and one above `last_decile`; `is_whole` says
    that no number among them has a fraction; `date_order` is given for dates that begin with the
    day or the month; `is_on_weekdays` says that many days are told, and no Saturday or Sunday, and
    `period` is the week or month where there is one day of each.
    """

    name: str
    kind: Kind
    role: str
    nulls: float
    distinct: int
    is_unique: bool
    readable: Mapping[str, float]
    examples: tuple[str, ...]
    minimum: float | None = None
    maximum: float | None = None
    first_decile: float | None = None
    last_decile: float | None = None
    first: str = ""
    last: str = ""
    note: str = ""
    is_whole: bool = True
    date_order: str = ""
    is_on_weekdays: bool = False
    period: Period = Period.DAY

    def is_readable(self, kind: Kind) -> bool:
        """Whether nearly all of its values can be read as a kind."""
        return self.readable[kind] >= READABLE


@dataclass(frozen=True)
class Profile:
    """A data set: `rows` in all, what was looked at, and a profile per column."""

    name: str
    source: str
    rows: int
    sampled: int
    statement: str
    columns: tuple[ColumnProfile, ...]
    beside: tuple[str, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """The profile of a raw column."""
        return next(each for each in self.columns if each.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The raw names, in order."""
        return tuple(each.name for each in self.columns)

    @property
    def entity_keys(self) -> tuple[str, ...]:
        """Columns that name things: unique ones and ones that come again."""
        return tuple(each.name for each in self.columns if each.role in ("key", "entity"))

    def is_named_after(self, names: Sequence[str]) -> bool:
        """Whether the name of the file has all words of one of these names."""
        file = set(words_of(self.name.rpartition(".")[0]))
        return any(set(words_of(each)) <= file for each in names if says_something(each))

    @property
    def has_sales(self) -> bool:
        """Whether rows are sales, or lines of them: they have the number of an order or invoice."""
        named = [words_of(each.name) for each in self.columns if each.role in _NAMING]
        return any(words[-1:] == ("id",) and set(words) & _SALES for words in named)

    @property
    def time_span(self) -> str:
        """From when to when the first column of times goes; "" where there is none."""
        times = [each for each in self.columns if each.role == "time"]
        return f"{times[0].first} to {times[0].last} ({times[0].name})" if times else ""

    def to_json(self) -> dict[str, object]:
        """Everything, for machines."""
        return asdict(self) | {"entity_keys": self.entity_keys, "time_span": self.time_span}


def profile(sample: Sample) -> Profile:
    """Look at every column of a sample."""
    columns = tuple(profile_column(name, sample.table[name]) for name in sample.table.column_names)
    return Profile(
        sample.name,
        sample.source,
        sample.rows,
        len(sample.table),
        sample.statement,
        columns,
        sample.beside,
    )


def profile_column(name: str, values: pa.ChunkedArray) -> ColumnProfile:
    """What one column's values are.

    >>> found = profile_column("Churn?", pa.chunked_array([["Yes", "No", "No", None]]))
    >>> found.role, found.nulls, found.distinct, found.examples
    ('flag', 0.25, 2, ('No', 'Yes'))
    >>> profile_column("when", pa.chunked_array([["01/31/2024"]])).date_order
    'month first'
    >>> profile_column("when", pa.chunked_array([["01/02/2024"]])).note
    'dates like 01/02/2024 are not read, as day or month may come first; write them as 2024-01-31'
    """
    shown = parse(values, Kind.CATEGORY).values
    given = shown.drop_null()
    counts = pc.value_counts(given)
    distinct = len(counts)
    order = date_order(values)
    readable = _readable(values, order or DateOrder.YEAR_FIRST)
    kind = _kind(name, values.type, readable, distinct)
    kind = Kind.TIME if kind is Kind.NUMBER and _are_dates(given, readable) else kind
    is_unique = len(given) > 1 and distinct >= _UNIQUE * len(given)
    numbers = parse(values, Kind.NUMBER).values if kind is Kind.NUMBER else None
    span = (
        parse(values, Kind.TIME, order or DateOrder.YEAR_FIRST).values
        if kind is Kind.TIME
        else None
    )
    return ColumnProfile(
        name,
        kind,
        _role(name, kind, (distinct, len(given)), numbers),
        nulls=1.0 - _told(shown) / max(len(values), 1),
        distinct=distinct,
        is_unique=is_unique,
        readable=readable,
        examples=_examples(counts),
        minimum=pc.min(numbers).as_py() if numbers is not None else None,
        maximum=pc.max(numbers).as_py() if numbers is not None else None,
        first_decile=pc.quantile(numbers, 0.1)[0].as_py() if numbers is not None else None,
        last_decile=pc.quantile(numbers, 0.9)[0].as_py() if numbers is not None else None,
        first=str(pc.min(span).as_py())[:10] if span is not None else "",
        last=str(pc.max(span).as_py())[:10] if span is not None else "",
        note=_note(counts, readable, order),
        is_whole=_is_whole(numbers),
        date_order="" if order in (None, DateOrder.YEAR_FIRST) else str(order),
        is_on_weekdays=span is not None and _is_on_weekdays(span),
        period=_period(span) if span is not None else Period.DAY,
    )


def _told(shown: pa.Array) -> int:
    """How many values there are, and not a word for none."""
    return len(without_null_words(shown).drop_null())


def _is_on_weekdays(times: pa.Array) -> bool:
    """Whether there are days enough for weekends to be among them, and none is.

    >>> from datetime import date, timedelta
    >>> days = [date(2024, 1, 1) + timedelta(each) for each in range(120)]
    >>> workdays = [day for day in days if day.weekday() < 5]
    >>> _is_on_weekdays(pa.array(days)), _is_on_weekdays(pa.array(workdays))
    (False, True)
    """
    days = pc.unique(times.drop_null().cast(pa.timestamp("us")).cast(pa.date32(), safe=False))
    if len(days) < _DAYS_OF_WEEKENDS:
        return False
    return bool(pc.all(pc.less(pc.day_of_week(days), 5)).as_py())


def _period(times: pa.Array) -> Period:
    """The week or month where most of a dozen or more have a day, and none has two.

    >>> from datetime import date, timedelta
    >>> ends = [date(2023 + month // 12, month % 12 + 1, 28) for month in range(18)]
    >>> str(_period(pa.array(ends))), str(_period(pa.array([*ends, date(2024, 1, 3)])))
    ('month', 'day')
    >>> str(_period(pa.array([date(2024, 1, 5) + timedelta(weeks=week) for week in range(12)])))
    'week'
    """
    instants = times.drop_null().cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    days = np.unique(instants // MICROSECONDS_PER_DAY)
    for period in (Period.MONTH, Period.WEEK):
        seen = np.unique(period.ordinal(days * MICROSECONDS_PER_DAY))
        if _FEWEST_PERIODS <= len(seen) == len(days) and np.median(np.diff(seen)) == 1:
            return period
    return Period.DAY


def _readable(values: pa.ChunkedArray, order: DateOrder) -> dict[str, float]:
    """The share of values that can be read, by kind."""
    shares = {}
    for kind in Kind:
        read = parse(values, kind, order)
        good = len(read.values) - read.values.null_count
        bad = int(read.is_bad.sum())
        shares[str(kind)] = good / max(good + bad, 1)
    return shares


def _kind(name: str, type_: pa.DataType, readable: Mapping[str, float], distinct: int) -> Kind:
    is_text = not (pa.types.is_integer(type_) or pa.types.is_floating(type_))
    says_time = bool(set(words_of(name)) & _TIME_WORDS)
    is_number = readable[Kind.NUMBER] >= READABLE
    if pa.types.is_temporal(type_):
        return Kind.TIME
    if readable[Kind.FLAG] >= READABLE and distinct == 2:
        return Kind.FLAG
    if readable[Kind.TIME] >= READABLE and (says_time or (is_text and not is_number)):
        return Kind.TIME
    return Kind.NUMBER if is_number and distinct else Kind.CATEGORY


def _are_dates(given: pa.Array, readable: Mapping[str, float]) -> bool:
    """Whether numbers are all dates as 20240131 is; of other numbers of 8 digits hardly any is.

    >>> [_are_dates(pa.array(["20240131", each]), {Kind.TIME: 1.0}) for each in ("20240201", "7")]
    [True, False]
    """
    has_digits = pc.match_substring_regex(given, "^(19|20)[0-9]{6}([.]0+)?$")
    is_several = len(given.unique()) > 1
    return is_several and readable[Kind.TIME] >= READABLE and bool(pc.all(has_digits).as_py())


def _role(name: str, kind: Kind, seen: tuple[int, int], numbers: pa.Array | None) -> str:
    distinct, values = seen
    if not distinct:
        return "empty"
    if kind in (Kind.FLAG, Kind.TIME):
        return str(kind)
    words = words_of(name)
    says_key = words[:1] == ("id",) or bool(set(words[-1:]) & _KEY_WORDS)
    is_whole = _is_whole(numbers)
    if distinct >= _UNIQUE * values and values > 1 and (says_key or kind is Kind.CATEGORY):
        return "key"
    if says_key and is_whole and distinct > 2:
        return "entity"
    if kind is Kind.NUMBER:
        return "number"
    return "category" if distinct <= max(_FEW, values // 20) else "text"


def _is_whole(numbers: pa.Array | None) -> bool:
    return numbers is None or bool(pc.all(pc.equal(numbers, pc.floor(numbers))).as_py())


def _examples(counts: pa.StructArray) -> tuple[str, ...]:
    """The most frequent values, equally frequent ones by name."""
    if not len(counts):
        return ()
    table = pa.table({"value": counts.field("values"), "count": counts.field("counts")})
    ordered = table.sort_by([("count", "descending"), ("value", "ascending")])
    return tuple(str(each)[:40] for each in ordered["value"][:_MOST_LISTED].to_pylist())


def _note(counts: pa.StructArray, readable: Mapping[str, float], order: DateOrder | None) -> str:
    """What has to be changed for values to be read."""
    given = counts.field("values").cast(pa.string()) if len(counts) else pa.array([], pa.string())
    if readable[Kind.TIME] >= READABLE:
        return ""
    unread = given.filter(pa.array(parse(given, Kind.TIME, order or DateOrder.YEAR_FIRST).is_bad))
    first = unread[0].as_py() if len(unread) else ""
    if not _OTHER_DATE.fullmatch(first):
        return ""
    why = "" if order else ", as day or month may come first"
    return f"dates like {first} are not read{why}; write them as 2024-01-31"
