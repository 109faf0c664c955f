"""Columns that stand in another file, which has one row per key: outcomes apart from their rows.

A file of labels (`customer_id`, `churned`) is read as a column of the file of customers, and a date
of the orders as one of their payments. Only what a blueprint needs is looked up, and only where no
file has all of it. An outcome is looked up for rows that have one key each: an amount of an order
is not that of each of its lines.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import permutations

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Kind, Role
from tracer_ray.data.matching import match
from tracer_ray.data.schema import Plan, PlannedColumn
from tracer_ray.data.sources import Part, SourceFile, read_part
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import parse, texts, without_null_words
from tracer_ray.errors import DataError

_KEPT = 2
_MOST_TABLES, _MOST_FILES = 40, 64
_NEARLY = 0.95  # of the rows have a key of their own; what is there twice is found when it is read
_LEAST_MET = 0.1  # of the keys among the first rows of both
_ANYBODYS = ("id", "index", "no", "nr", "number", "row", "rownames", "unnamed", "unnamed0")
_WHOLE = re.compile(r"-?\d+\.0+")


@dataclass(frozen=True)
class Lookup:
    """`columns` of files that have one row per `their_key`, for rows that name it in `key`.

    Each has a `token` of its own: files that change between two readings are read again.
    """

    files: tuple[SourceFile, ...]
    key: str
    their_key: str
    columns: tuple[str, ...]
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

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


@dataclass(frozen=True)
class Candidate:
    """A table that may have the rows, or what they lack: its columns and how to read some of one.

    `names` are raw columns that are known to say the blueprint's, beside the declared names.
    """

    columns: tuple[str, ...]
    first_rows: Callable[[str], pa.ChunkedArray]
    names: Mapping[str, str]

    @cached_property
    def folded(self) -> dict[str, str]:
        """The columns by their folded names."""
        return {fold(name): name for name in self.columns}

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys among the first rows; none where values are no names of things."""
        values = self.first_rows(name)
        if pa.types.is_temporal(values.type) or pa.types.is_boolean(values.type):
            return ()
        keys = tuple(filter(None, keys_of(values)))
        numbers = parse(values, Kind.NUMBER)
        is_measured = not numbers.is_bad.any() and bool(
            pc.any(pc.not_equal(numbers.values, pc.floor(numbers.values))).as_py()
        )
        return () if is_measured else keys


@dataclass(frozen=True)
class Match:
    """Of some tables, by their places: which has the rows, and what is looked up where."""

    rows: int
    other: int
    key: str
    their_key: str
    columns: tuple[str, ...]


def keys_of(values: pa.ChunkedArray) -> list[str]:
    """Keys as text, whatever a file has them as: 7 and 7.0 are the same; "" for none."""
    read = without_null_words(parse(values, Kind.CATEGORY).values).fill_null("")
    return [key.partition(".")[0] if _WHOLE.fullmatch(key) else key for key in read.to_pylist()]


def with_lookup(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[SourceFile, ...]:
    """The files, of which those of the rows have what they lack from those that have it."""
    groups: dict[tuple[str, ...], list[SourceFile]] = {}
    for file in files:
        if not file.is_empty:
            groups.setdefault(file.columns, []).append(file)
    tables = [_candidate(group[0]) for group in groups.values()]
    found = find_matches(blueprint, tables, mapping)
    others = tuple(groups[tables[found[0].other].columns]) if found else ()
    if not found or len(others) > _MOST_FILES:
        return tuple(files)
    taken = {file.uri for file in others}
    lookups = {
        tables[each.rows].columns: Lookup(others, each.key, each.their_key, each.columns)
        for each in found
    }
    return tuple(_looking_up(file, lookups) for file in files if file.uri not in taken)


def find_matches(
    blueprint: Blueprint, tables: Sequence[Candidate], mapping: Mapping[str, str]
) -> tuple[Match, ...]:
    """Which tables have together what none has alone: several of rows, and one to look it up in.

    A table that has an id and its outcome and nothing more is labels, and has not what is needed.
    Of several ways it is the one in which the fewest columns are looked up, then the one whose
    rows say most by themselves; that comes first. None where two would do alike.
    """
    if blueprint.sides or blueprint.inactivity or blueprint.is_side_by_side:
        return ()
    if not 2 <= len(tables) <= _MOST_TABLES:
        return ()
    search = _Search(blueprint, tables, mapping)
    ranked = sorted(search.found(), key=search.rank)
    best = [each for each in ranked if search.rank(each) == search.rank(ranked[0])]
    pairs = {frozenset((each.rows, each.other)) for each in best}
    if len(pairs) > 1 and len({each.other for each in best}) > 1:
        return ()
    way = [(each.other, each.columns) for each in ranked]
    return tuple(each for each, its in zip(ranked, way, strict=True) if its == way[0])


class _Search:
    """Looks for two tables that belong together; each table is matched once."""

    def __init__(
        self, blueprint: Blueprint, tables: Sequence[Candidate], told: Mapping[str, str]
    ) -> None:
        self.blueprint, self.tables, self.told = blueprint, tables, told
        self.plans = [match(blueprint, each.columns, self._names(each)) for each in tables]
        self.roles = {column.name: column.role for column in blueprint.columns}
        outcomes = {name for each in blueprint.targets for name in each.columns}
        self.required = {each.name for each in blueprint.columns if each.required}
        self.needed = self.required | outcomes

    def found(self) -> Iterator[Match]:
        """Every pair that would do, by its first key that does."""
        whole = {n for n, plan in enumerate(self.plans) if self._is_whole(plan)}
        if any(not self._is_bare(each) for each in whole):
            return
        for rows, other in permutations(range(len(self.tables)), 2):
            is_pair = rows not in whole and (other in whole or not whole)
            if is_pair and (columns := self._to_look_up(rows, other)):
                keys = [each for each in self._shared(rows, other) if self._joins(each, columns)]
                if keys:
                    yield replace(keys[0], columns=tuple(each.source for each in columns))

    def rank(self, each: Match) -> tuple[int, int]:
        """The fewer columns are looked up, and the more the rows say, the better."""
        return len(each.columns), -len(self.plans[each.rows].mapping)

    def _names(self, *tables: Candidate) -> dict[str, str]:
        known = {name: raw for each in reversed(tables) for name, raw in each.names.items()}
        return known | dict(self.told)

    def _is_whole(self, plan: Plan) -> bool:
        found = plan.mapping.keys()
        return not plan.missing and any(set(e.columns) <= found for e in self.blueprint.targets)

    def _is_bare(self, place: int) -> bool:
        """Whether a table has nothing but the id of rows and their outcome."""
        if self.blueprint.role(Role.ROW) is None or len(self.tables[place].columns) != 2:
            return False
        said = [self.roles[name] for name in self.plans[place].mapping]
        return said.count(Role.OUTCOME) == 1 and set(said) <= {Role.OUTCOME, Role.ROW}

    def _to_look_up(self, rows: int, other: int) -> list[PlannedColumn]:
        """What the rows need of the other table; nothing where both have not all of it together.

        What is merely useful is not looked up: it has no time, and may have come later. Nor is what
        is told by being filled in: a key that is not there would tell it, too.
        """
        mine, theirs = self.tables[rows], self.tables[other]
        both = self.plans[rows].mapping.keys() | self.plans[other].mapping.keys()
        if self.required - both:
            return []
        more = {name for key, name in theirs.folded.items() if key not in mine.folded}
        columns = (*mine.columns, *(name for name in theirs.columns if name in more))
        plan = match(self.blueprint, columns, self._names(mine, theirs))
        taken = [each for each in plan.columns if {each.source, each.told_by} & more]
        needed = [each for each in taken if each.name in self.needed]
        is_told = any(
            each.told_by or each.is_count or (each.wording and each.wording.filled is not None)
            for each in needed
        )
        return needed if self._is_whole(plan) and not is_told else []

    def _shared(self, rows: int, other: int) -> Iterator[Match]:
        """The columns of the same name, those that are named ids first."""
        mine, theirs = self.tables[rows].folded, self.tables[other].folded
        is_labels = self._is_bare(other)
        shared = [key for key in theirs if key in mine and (is_labels or key not in _ANYBODYS)]
        for key in sorted(shared, key=lambda each: not each.endswith("id")):
            yield Match(rows, other, mine[key], theirs[key], ())

    def _joins(self, pair: Match, columns: Sequence[PlannedColumn]) -> bool:
        """Whether the other table has a row per key, keys meet, and no outcome is multiplied."""
        mine = self.tables[pair.rows].keys(pair.key)
        theirs = self.tables[pair.other].keys(pair.their_key)
        known = set(theirs)
        met = sum(key in known for key in set(mine))
        has_outcome = any(self.roles[each.name] is Role.OUTCOME for each in columns)
        return (
            _is_nearly_unique(theirs)
            and met >= _LEAST_MET * min(len(known), len(set(mine))) > 0
            and (not has_outcome or _is_nearly_unique(mine))
        )


def _is_nearly_unique(keys: Sequence[str]) -> bool:
    return len(set(keys)) >= max(_NEARLY * len(keys), 2)


def _looking_up(file: SourceFile, lookups: Mapping[tuple[str, ...], Lookup]) -> SourceFile:
    lookup = None if file.is_empty else lookups.get(file.columns)
    if lookup is None:
        return file
    return replace(file, columns=(*file.columns, *lookup.columns), lookup=lookup)


def _candidate(file: SourceFile) -> Candidate:
    def first_rows(name: str) -> pa.ChunkedArray:
        chunk = next(iter(read_part(Part.whole(file), (name,))), None)
        return chunk.table[name] if chunk else pa.chunked_array([], pa.string())

    return Candidate(file.columns, first_rows, {})


@lru_cache(maxsize=_KEPT)
def _read(lookup: Lookup) -> Keyed:
    """All rows of the files."""
    names, tables = (lookup.their_key, *lookup.columns), []
    for file in lookup.files:
        for chunk in read_part(Part.whole(file), names):
            if chunk.broken:
                raise DataError(
                    f"{file.uri}: a line has too many or too few fields, and "
                    f"{' and '.join(lookup.columns)} is looked up there: {chunk.broken[0]!r}"
                )
            plain = {name: texts(chunk.table[name]) for name in names}
            tables.append(pa.table(plain if len(lookup.files) > 1 else chunk.table.select(names)))
    return Keyed.of(pa.concat_tables(tables), lookup.their_key, lookup.files[0].uri)


def _said(row: pa.Table) -> str:
    """A row as it is compared and shown."""
    said = (without_null_words(texts(row[name]))[0].as_py() for name in row.column_names)
    return ", ".join("nothing" if each is None else repr(each) for each in said)
