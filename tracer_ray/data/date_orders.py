"""Whether dates such as 03/04/2024 begin with the day or the month, as far as data tell.

A column's order is known where one of its dates can be meant in one way only (31/01/2024), and none
of them in the other way only. Dates with dots (03.04.2024) begin with the day where nothing speaks
against it, as nobody writes them otherwise; with two digits of a year, after dots or dashes, only
where many first or second and few last numbers, one after another, speak for it: 24.04.03 is
written as well, and data may be of the first or the 15th of months only.
Where dates of several years always have a 1 at one place, that is the first day of months. Else the
order is unknown, and the dates stay unread.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from tracer_ray.blueprint import Blueprint, Column, DateOrder, Kind, Overrun
from tracer_ray.data.matching import match
from tracer_ray.data.schema import Plan, PlannedColumn
from tracer_ray.data.sources import Part, SourceFile, read_part
from tracer_ray.data.times import date_numbers, short_date_numbers
from tracer_ray.data.values import Parsed, is_text, parse, texts

_MONTHS = 12
_FEWEST_YEARS = 2
_SHORT = re.compile(r"\s*\d\d\.\d\d\.\d\d(?!\d)")
_ONLY_DAYS = ({1}, {15}, {28, 29, 30, 31})  # at which months begin, have their middle, and end
_DOTTED = re.compile(r"\s*\d+\.\s?\d+\.")


def date_order(values: pa.ChunkedArray) -> DateOrder | None:
    """The order that values show; None where their dates could be meant either way.

    >>> [str(date_order(pa.chunked_array([[text]]))) for text in ("31/1/2024", "1/31/2024", "2024")]
    ['day first', 'month first', 'year first']
    >>> date_order(pa.chunked_array([["01/02/2024", "01/03/2024"]]))
    >>> str(date_order(pa.chunked_array([["01.02.2024", "01.03.2024"]])))
    'day first'
    >>> str(date_order(pa.chunked_array([[f"{day}.01.24" for day in range(10, 32)]])))
    'day first'
    >>> date_order(pa.chunked_array([[f"24.01.{day}" for day in range(10, 32)]]))
    >>> str(date_order(pa.chunked_array([[f"01-{day}-24" for day in range(10, 32)]])))
    'month first, year of two digits'
    >>> date_order(pa.chunked_array([[f"{year}-01-01" for year in range(10, 25)]]))
    >>> months = [f"01-{month:02}-{year}" for year in (2023, 2024) for month in range(1, 13)]
    >>> str(date_order(pa.chunked_array([months])))
    'day first'
    """
    if not is_text(values.type):
        return DateOrder.YEAR_FIRST
    given = [each for each in texts(values).unique().drop_null().to_pylist() if each.strip()]
    dates = list(filter(None, map(date_numbers, given)))
    short = [] if dates else list(filter(None, map(short_date_numbers, given)))
    if short:
        return _short_order(short)
    if any(map(_SHORT.match, given)) and not _ends_with_year(dates):
        return None
    is_day_first = any(first > _MONTHS for first, _, _ in dates)
    is_month_first = any(second > _MONTHS for _, second, _ in dates)
    if (given and not dates) or (is_day_first and is_month_first):
        return DateOrder.YEAR_FIRST
    if not is_day_first and not is_month_first:
        is_dotted = bool(given) and all(map(_DOTTED.match, given))
        return DateOrder.DAY_FIRST if is_dotted else _of_first_days(dates)
    return DateOrder.DAY_FIRST if is_day_first else DateOrder.MONTH_FIRST


def _short_order(dates: Sequence[tuple[int, int, str]]) -> DateOrder | None:
    """The order of dates with dashes and two digits each; None where they may begin with a year."""
    is_day_first = any(first > _MONTHS for first, _, _ in dates)
    is_month_first = any(second > _MONTHS for _, second, _ in dates)
    if is_day_first == is_month_first or not _ends_with_year(dates):
        return None
    return DateOrder.DAY_TO_SHORT_YEAR if is_day_first else DateOrder.MONTH_TO_SHORT_YEAR


def _ends_with_year(dates: Sequence[tuple[int, int, str]]) -> bool:
    """Whether days may be first or second, more than there are months, and years last.

    The last are few, one after another, and not the only days of the month that data are of.
    """
    first, second = ({each[place] for each in dates} for place in (0, 1))
    last = {int(year[-2:]) for _, _, year in dates}
    is_run = max(last, default=0) - min(last, default=0) + 1 == len(last)
    are_days = any(last <= only for only in _ONLY_DAYS)
    return max(len(first), len(second)) > _MONTHS >= len(last) and is_run and not are_days


def _of_first_days(dates: Sequence[tuple[int, int, str]]) -> DateOrder | None:
    """The order where all dates are first days of months; that of one January would look alike."""
    first, second, years = ({each[place] for each in dates} for place in range(3))
    if len(years) < _FEWEST_YEARS or max(len(first), len(second)) < _MONTHS // 2:
        return None
    if first == {1}:
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if second == {1} else None


def read_times(values: pa.ChunkedArray) -> Parsed:
    """The values as times, in the order that they show themselves."""
    return parse(values, Kind.TIME, date_order(values) or DateOrder.YEAR_FIRST)


def are_dates(values: pa.ChunkedArray) -> bool:
    """Whether all values are dates. Numbers are none: a long one may be an id and an instant.

    >>> [are_dates(pa.chunked_array([[text]])) for text in ("2024-1-31", "31/1/2024", "170000000")]
    [True, True, False]
    """
    if pa.types.is_temporal(values.type):
        return True
    is_number = not parse(values, Kind.NUMBER).is_bad.any()
    return not is_number and not read_times(values).is_bad.any()


def with_date_orders(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> Blueprint:
    """The blueprint that knows the order of each time's dates, by the files that have the column.

    What it knows already stays. Raises SchemaError where a file can't be read.
    """
    plans = [(file, match(blueprint, file.columns, mapping)) for file in files if not file.is_empty]
    columns = (
        ordered(each, [(file, plan.mapping.get(each.name, "")) for file, plan in plans])
        for each in (_overrun_ordered(each, plans) for each in blueprint.columns)
    )
    return replace(blueprint, columns=tuple(columns))


def _overrun_ordered(column: Column, plans: Sequence[tuple[SourceFile, Plan]]) -> Column:
    """A column whose overruns of times know the orders of both raw columns' dates."""
    found: dict[Overrun, list[tuple[SourceFile, PlannedColumn]]] = {}
    for file, plan in plans:
        for planned in plan.columns:
            if planned.name == column.name and planned.overrun and planned.raw_kind is Kind.TIME:
                found.setdefault(planned.overrun, []).append((file, planned))
    known = {
        overrun: replace(
            overrun,
            date_orders=(
                _known((file, planned.source) for file, planned in places),
                _known((file, planned.told_by) for file, planned in places),
            ),
        )
        for overrun, places in found.items()
    }
    return replace(column, overruns=tuple(known.get(each, each) for each in column.overruns))


def ordered(column: Column, found: Iterable[tuple[SourceFile, str]]) -> Column:
    """A column of times with the order of its dates in files, each with the raw column's name."""
    if column.kind is not Kind.TIME or column.date_order is not DateOrder.YEAR_FIRST:
        return column
    return replace(column, date_order=_known(found))


def _known(found: Iterable[tuple[SourceFile, str]]) -> DateOrder:
    chunks = (chunk for file, source in found if source for chunk in _chunks(file, source))
    return next(filter(None, map(date_order, chunks)), DateOrder.YEAR_FIRST)


def _chunks(file: SourceFile, source: str) -> Iterator[pa.ChunkedArray]:
    for chunk in read_part(Part.whole(file), (source,)):
        if len(chunk.table):
            yield chunk.table[source]
