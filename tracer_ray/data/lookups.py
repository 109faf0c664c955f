"""Columns that stand in another file, which has one row per key: outcomes apart from their rows.

A file of labels (`customer_id`, `churned`) is read as a column of the file of customers, and a date
of the orders as one of their payments. Only what a blueprint needs is looked up, and only where no
file has all of it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa

from tracer_ray.blueprint import Blueprint
from tracer_ray.data.lookup_search import find_matches, keys_of, table_of, whole_tables
from tracer_ray.data.sources import SourceFile
from tracer_ray.data.values import texts, without_null_words
from tracer_ray.errors import DataError

_KEPT = 2
_MOST_FILES = 64


@dataclass(frozen=True)
class Lookup:
    """`columns` of files that have one row per `their_key`, for rows that name it in `key`.

    Those of one ingest have a `token` of its own: files that have changed since are read again.
    """

    files: tuple[SourceFile, ...]
    key: str
    their_key: str
    columns: tuple[str, ...]
    token: str

    @property
    def note(self) -> str:
        """What is looked up where, in words."""
        names = ", ".join(file.uri.rpartition("/")[2] for file in self.files[:3])
        return f"{' and '.join(self.columns)} of {names}, by {self.their_key}"

    def join(self, table: pa.Table) -> pa.Table:
        """The rows with the columns looked up; null for a key that is not there.

        Raises DataError where rows of one key contradict each other, or lines are broken. All rows
        of `files` are held in this process.
        """
        return _read(self).join(table, self.key)


@dataclass(frozen=True)
class Keyed:
    """Rows of `values`, and which of them says what is known of a key."""

    places: Mapping[str, int]
    values: pa.Table

    @classmethod
    def of(cls, table: pa.Table, key: str, source: str) -> "Keyed":
        """A table by one of its columns; what is said twice is taken once.

        Raises DataError, naming the `source`, where rows of one key contradict each other.
        """
        values, places = table.drop_columns([key]).combine_chunks(), dict[str, int]()
        for place, name in enumerate(keys_of(table[key])):
            first = places.setdefault(name, place) if name else place
            if first != place:
                said = [_said(values.slice(each, 1)) for each in (first, place)]
                if said[0] != said[1]:
                    raise DataError(
                        f"{source}: {key} {name!r} stands in several rows that say different "
                        f"things of {' and '.join(values.column_names)}, {said[0]} and {said[1]}; "
                        "one row each is expected"
                    )
        return cls(places, values)

    def found(self, table: pa.Table, key: str) -> pa.Array:
        """Where the keys in a column of a table stand in `values`, null for what is not there."""
        return pa.array([self.places.get(name) for name in keys_of(table[key])], pa.int64())

    def join(self, table: pa.Table, key: str) -> pa.Table:
        """The table with all values of the keys in one of its columns.

        >>> labels = Keyed.of(pa.table({"ID": [9, 7], "left": ["yes", "no"]}), "ID", "labels.csv")
        >>> customers = pa.table({"id": ["7.0", "8", "9"], "plan": ["a", "b", "b"]})
        >>> labels.join(customers, "id")["left"].to_pylist()
        ['no', None, 'yes']
        """
        found = self.found(table, key)
        for name in self.values.column_names:
            table = table.append_column(name, self.values[name].take(found))
        return table


def with_lookup(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[SourceFile, ...]:
    """The files, of which those of the rows have what they lack from those that have it."""
    groups: dict[tuple[str, ...], list[SourceFile]] = {}
    for file in files:
        if not file.is_empty:
            groups.setdefault(file.columns, []).append(file)
    tables = [table_of(group[0]) for group in groups.values()]
    found = find_matches(blueprint, tables, mapping)
    others = tuple(groups[tables[found[0].other].columns]) if found else ()
    if not found or len(others) > _MOST_FILES:
        return tuple(files)
    taken, token = {file.uri for file in others}, uuid.uuid4().hex
    lookups = {
        tables[each.rows].columns: Lookup(others, each.key, each.their_key, each.columns, token)
        for each in found
    }
    return tuple(_looking_up(file, lookups) for file in files if file.uri not in taken)


def _looking_up(file: SourceFile, lookups: Mapping[tuple[str, ...], Lookup]) -> SourceFile:
    lookup = None if file.is_empty else lookups.get(file.columns)
    if lookup is None:
        return file
    columns = (*file.columns, *lookup.columns)
    return replace(file, columns=columns, lookups=(*file.lookups, lookup))


@lru_cache(maxsize=_KEPT)
def _read(lookup: Lookup) -> Keyed:
    """All rows of the files."""
    names, tables = (lookup.their_key, *lookup.columns), []
    for table in whole_tables(lookup.files, names):
        plain = {name: texts(table[name]) for name in names}
        tables.append(pa.table(plain if len(lookup.files) > 1 else table))
    return Keyed.of(pa.concat_tables(tables), lookup.their_key, lookup.files[0].uri)


def _said(row: pa.Table) -> str:
    """A row as it is compared and shown."""
    said = (without_null_words(texts(row[name]))[0].as_py() for name in row.column_names)
    return ", ".join("nothing" if each is None else repr(each) for each in said)
