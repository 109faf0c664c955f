"""Numbered columns (`d_1`, `d_2`, ...) whose dates stand in another file: their calendar."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType

import pyarrow as pa

from tracer_ray.blueprint import Kind
from tracer_ray.data.date_orders import read_times
from tracer_ray.data.lookup_search import Table
from tracer_ray.data.sources import Part, SourceFile, first_rows, read_part
from tracer_ray.data.values import parse, texts

FEWEST_NUMBERED = 6
NO_CALENDAR: Mapping[str, str] = MappingProxyType({})
_NUMBERED = re.compile(r"(.*\D)\d+")
_Columns = tuple[str, str]


def find_calendar(columns: Sequence[str], others: Sequence[Table]) -> tuple[int, _Columns] | None:
    """Which of other tables dates numbered columns, and its columns of names and of dates.

    None where columns are not numbered, or no table has their names beside one date each.

    >>> days = {"date": ["2024-01-01", "2024-01-02"] * 4, "d": [f"d_{n}" for n in range(8)]}
    >>> calendar = Table(("date", "d"), lambda name: pa.chunked_array([days[name]]), {})
    >>> find_calendar(["item", *days["d"]], [calendar]), find_calendar(["item"], [calendar])
    ((0, ('d', 'date')), None)
    """
    numbered = _numbered(columns)
    if not numbered:
        return None
    for place, other in enumerate(others):
        names = next((each for each in other.columns if _lists(other, each, numbered)), None)
        dates = [each for each in other.columns if each != names and _is_dated(other, each)]
        if names and len(dates) == 1:
            return place, (names, dates[0])
    return None


def dates_of(table: pa.Table, columns: _Columns) -> dict[str, str]:
    """The date of each name, as text.

    >>> dates_of(pa.table({"d": ["d_1", "d_2"], "day": ["2024-01-01", None]}), ("d", "day"))
    {'d_1': '2024-01-01'}
    """
    names, dates = (texts(table[name]).to_pylist() for name in columns)
    return {name: date for name, date in zip(names, dates, strict=True) if name and date}


def calendar_among(file: SourceFile, files: Sequence[SourceFile]) -> tuple[str, dict[str, str]]:
    """The file that dates the columns of another one, and their dates; "" where none does."""
    others = [each for each in files if each is not file and not each.is_empty]
    found = find_calendar(file.columns, [_table(each) for each in others])
    if found is None:
        return "", {}
    place, columns = found
    chunks = read_part(Part.whole(others[place]), columns)
    read = chain.from_iterable(dates_of(chunk.table, columns).items() for chunk in chunks)
    return others[place].uri, dict(read)


def _numbered(columns: Sequence[str]) -> frozenset[str]:
    """The most columns that have the same name but for the number at its end, if they are many."""
    groups: dict[str, list[str]] = {}
    for name in columns:
        if found := _NUMBERED.fullmatch(name):
            groups.setdefault(found[1], []).append(name)
    most = max(groups.values(), key=len, default=[])
    return frozenset(most if len(most) >= FEWEST_NUMBERED else ())


def _lists(table: Table, column: str, names: frozenset[str]) -> bool:
    return names <= set(texts(table.first_rows(column)).to_pylist())


def _is_dated(table: Table, column: str) -> bool:
    """Whether all values are dates; whole numbers, which may be instants, are none."""
    values = table.first_rows(column)
    if pa.types.is_temporal(values.type):
        return True
    is_number = not parse(values, Kind.NUMBER).is_bad.any()
    return not is_number and not read_times(values).is_bad.any()


def _table(file: SourceFile) -> Table:
    return Table(file.columns, lambda name: first_rows(file, (name,))[name], {})
