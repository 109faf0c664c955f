"""Numbered columns (`d_1`, `d_2`, ...) whose dates stand in another file: their calendar."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

import pyarrow as pa

from tracer_ray.data.date_orders import are_dates
from tracer_ray.data.lookup_search import MOST_TABLES, Table, table_of, whole_tables
from tracer_ray.data.sources import SourceFile
from tracer_ray.data.values import texts

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
        if names is None:
            continue
        dates = [each for each in other.columns if are_dates(other.first_rows(each))]
        if len(dates) == 1:
            return place, (names, dates[0])
    return None


def dates_of(table: pa.Table, columns: _Columns) -> dict[str, str]:
    """The date of each name, as text.

    >>> dates_of(pa.table({"d": ["d_1", "d_2"], "day": ["2024-01-01", None]}), ("d", "day"))
    {'d_1': '2024-01-01'}
    """
    names, dates = (texts(table[name]).to_pylist() for name in columns)
    return {name: date for name, date in zip(names, dates, strict=True) if name and date}


@dataclass(frozen=True)
class Calendar:
    """The file that has the dates of numbered columns, and these."""

    uri: str
    dates: Mapping[str, str]


def calendars_of(files: Sequence[SourceFile]) -> dict[tuple[str, ...], Calendar]:
    """The calendar of all files with the same columns, by these; a file alone of its kind is one.

    None is looked for among more kinds of files than belong together.
    """
    kinds = Counter(file.columns for file in files if not file.is_empty)
    single = [each for each in files if not each.is_empty and kinds[each.columns] == 1]
    found: dict[tuple[str, ...], Calendar] = {}
    for columns in kinds if len(kinds) <= MOST_TABLES else ():
        others = [each for each in single if each.columns != columns]
        dated = find_calendar(columns, [table_of(each) for each in others])
        if dated:
            found[columns] = _read(others[dated[0]], dated[1])
    return found


def _read(file: SourceFile, columns: _Columns) -> Calendar:
    tables = whole_tables([file], columns)
    read = chain.from_iterable(dates_of(table, columns).items() for table in tables)
    return Calendar(file.uri, dict(read))


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
