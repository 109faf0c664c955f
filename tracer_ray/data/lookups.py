"""Columns that stand in another file, which has one row per key: outcomes apart from their rows.

A file of labels (`customer_id`, `churned`) is read as a column of the file of customers, and a date
of the orders as one of their payments. Only what a blueprint needs is looked up, and only where no
file has all of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations

import pyarrow as pa

from tracer_ray.blueprint import Blueprint, Kind, Role
from tracer_ray.data.matching import match
from tracer_ray.data.sources import Part, SourceFile, read_part
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import parse
from tracer_ray.errors import DataError

_KEPT = 2
_ANYBODYS = ("id", "index", "no", "nr", "number", "row", "rownames", "unnamed", "unnamed0")


@dataclass(frozen=True)
class Lookup:
    """`columns` of files that have one row per `their_key`, for rows that name it in `key`."""

    files: tuple[SourceFile, ...]
    key: str
    their_key: str
    columns: tuple[str, ...]

    @property
    def note(self) -> str:
        """What is looked up where, in words."""
        names = ", ".join(file.uri.rpartition("/")[2] for file in self.files[:3])
        return f"{' and '.join(self.columns)} of {names}, by {self.their_key}"

    def join(self, table: pa.Table) -> pa.Table:
        """The rows with the columns looked up; null for a key that is not there.

        Raises DataError where rows of one key contradict each other. All rows of `files` are held
        in this process.
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
        for place, name in enumerate(_keys(table[key])):
            first = places.setdefault(name, place) if name else place
            if first != place and values.slice(first, 1) != values.slice(place, 1):
                raise DataError(
                    f"{source}: {key} {name!r} stands in several rows that say different things of "
                    f"{' or '.join(values.column_names)}; one row each is expected"
                )
        return cls(places, values)

    def join(self, table: pa.Table, key: str) -> pa.Table:
        """The table with all values of the keys in one of its columns.

        >>> labels = Keyed.of(pa.table({"ID": [9, 7], "left": ["yes", "no"]}), "ID", "labels.csv")
        >>> customers = pa.table({"id": ["7", "8", "9"], "plan": ["a", "b", "b"]})
        >>> labels.join(customers, "id")["left"].to_pylist()
        ['no', None, 'yes']
        """
        found = pa.array([self.places.get(name) for name in _keys(table[key])], pa.int64())
        for name in self.values.column_names:
            table = table.append_column(name, self.values[name].take(found))
        return table


@dataclass(frozen=True)
class Match:
    """Of some tables, by their places: which has the rows, and what is looked up where."""

    rows: int
    other: int
    key: str
    their_key: str
    columns: tuple[str, ...]


def with_lookup(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[SourceFile, ...]:
    """The files, of which those of the rows have what they lack from those that have it."""
    groups: dict[tuple[str, ...], list[SourceFile]] = {}
    for file in files:
        groups.setdefault(file.columns, []).append(file)
    tables = [each for each in groups if each]

    def is_unique(table: int, name: str) -> bool:
        return has_one_row_per(_first_rows(groups[tables[table]][0], name), name)

    found = find_match(blueprint, tables, is_unique, mapping)
    if found is None:
        return tuple(files)
    others = tuple(groups[tables[found.other]])
    lookup = Lookup(others, found.key, found.their_key, found.columns)
    return tuple(
        replace(file, columns=(*file.columns, *found.columns), lookup=lookup)
        if file.columns == tables[found.rows]
        else file
        for file in files
        if file not in others
    )


def find_match(
    blueprint: Blueprint,
    tables: Sequence[Sequence[str]],
    is_unique: Callable[[int, str], bool],
    mapping: Mapping[str, str],
) -> Match | None:
    """Which two tables (their columns) have together what neither has alone; None for no such two.

    A table that has a key and its outcome and nothing more is labels, and has not what is needed.
    Of several pairs it is the one of which the fewest columns are looked up, then the one whose
    rows say most by themselves.
    """
    if blueprint.sides or blueprint.inactivity or blueprint.is_side_by_side or len(tables) < 2:
        return None
    whole = {n for n, names in enumerate(tables) if _is_whole(blueprint, names, mapping)}
    if any(not _is_bare(blueprint, tables[each], mapping) for each in whole):
        return None
    pairs = (pair for pair in permutations(range(len(tables)), 2) if pair[0] not in whole)
    found = [
        Match(rows, other, *keys, columns)
        for rows, other in pairs
        if other in whole or not whole
        for columns in _to_look_up(blueprint, tables[rows], tables[other], mapping)
        for keys in _keys_between(blueprint, (tables[rows], tables[other]), mapping)
        if is_unique(other, keys[1])
    ]
    said = [len(match(blueprint, names, mapping).mapping) for names in tables]
    return min(found, key=lambda each: (len(each.columns), -said[each.rows]), default=None)


def has_one_row_per(table: pa.Table, name: str) -> bool:
    """Whether a column has another value in each row."""
    keys = parse(table[name], Kind.CATEGORY).values
    return keys.null_count == 0 and len(keys.unique()) == len(keys) > 1


def _is_whole(blueprint: Blueprint, names: Sequence[str], mapping: Mapping[str, str]) -> bool:
    plan = match(blueprint, names, mapping)
    found = plan.mapping.keys()
    return not plan.missing and any(set(each.columns) <= found for each in blueprint.targets)


def _is_bare(blueprint: Blueprint, names: Sequence[str], mapping: Mapping[str, str]) -> bool:
    """Whether a table has nothing but the id of rows and their outcome."""
    if blueprint.role(Role.ROW) is None or len(names) != 2:
        return False
    roles = {column.name: column.role for column in blueprint.columns}
    found = match(blueprint, names, mapping).mapping
    said = [roles[name] for name in found]
    return said.count(Role.OUTCOME) == 1 and set(said) <= {Role.OUTCOME, Role.ROW}


def _to_look_up(
    blueprint: Blueprint, mine: Sequence[str], theirs: Sequence[str], mapping: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """The needed columns of the other table, where both have all of them together.

    What is merely useful is not looked up: it has no time, and may have come later.
    """
    known = set(map(fold, mine))
    more = [name for name in theirs if fold(name) not in known]
    if _is_whole(blueprint, [*mine, *more], mapping):
        plan = match(blueprint, [*mine, *more], mapping)
        needed = {each.name for each in blueprint.columns if each.required}
        needed |= {name for each in blueprint.targets for name in each.columns}
        read = {
            name
            for each in plan.columns
            if each.name in needed
            for name in (each.source, each.told_by)
        }
        yield tuple(name for name in more if name in read)


def _keys_between(
    blueprint: Blueprint,
    tables: tuple[Sequence[str], Sequence[str]],
    mapping: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """The names that both tables have; those that any table may have join with labels alone."""
    mine, theirs = tables
    known = {fold(name): name for name in mine}
    takes_any = _is_bare(blueprint, theirs, mapping)
    for name in theirs:
        if fold(name) in known and (takes_any or fold(name) not in _ANYBODYS):
            yield known[fold(name)], name


@lru_cache(maxsize=_KEPT)
def _read(lookup: Lookup) -> Keyed:
    """All rows of the files."""
    names = (lookup.their_key, *lookup.columns)
    parts = [Part(file, 0, 0, -1 if file.is_csv else file.rows) for file in lookup.files]
    tables = [chunk.table.select(names) for part in parts for chunk in read_part(part, names)]
    table = pa.concat_tables(tables, promote_options="permissive")
    return Keyed.of(table, lookup.their_key, lookup.files[0].uri)


def _keys(values: pa.ChunkedArray) -> list[str]:
    """Keys as categories are read (7 and 7.0 are the same), "" for none."""
    keys: list[str] = parse(values, Kind.CATEGORY).values.fill_null("").to_pylist()
    return keys


def _first_rows(file: SourceFile, name: str) -> pa.Table:
    part = Part(file, 0, 0, -1 if file.is_csv else file.rows)
    return next(iter(read_part(part, (name,)))).table
