"""Which tables belong together: one of rows, and one that has what they lack, a row per key.

An outcome is looked up for rows that have one key each: an amount of an order is not that of each
of its lines. Where two tables would do alike nobody is guessed for.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import permutations

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Kind, Role
from tracer_ray.data.matching import match
from tracer_ray.data.schema import Plan, PlannedColumn
from tracer_ray.data.sources import Part, SourceFile, first_rows, read_part
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import parse, without_null_words
from tracer_ray.errors import DataError

MOST_TABLES = 40
_NEARLY = 0.95  # of the rows have a key of their own; what is there twice is found when it is read
LEAST_MET = 0.1  # of the keys among the first rows of both
ANYBODYS = ("id", "index", "no", "nr", "number", "row", "rownames", "unnamed", "unnamed0")
_WHOLE = re.compile(r"-?\d+\.0+")


@dataclass(frozen=True)
class Table:
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


def table_of(file: SourceFile) -> Table:
    """A file as a table, of which each column's first rows are read when they are asked for."""
    return Table(file.columns, cache(lambda name: first_rows(file, (name,))[name]), {})


def whole_tables(files: Sequence[SourceFile], names: Sequence[str]) -> Iterator[pa.Table]:
    """All rows of files in which something is looked up; raises DataError for a broken line."""
    for file in files:
        for chunk in read_part(Part.whole(file), names):
            if chunk.broken:
                raise DataError(
                    f"{file.uri}: a line has too many or too few fields, and "
                    f"{' and '.join(names[1:]) or names[0]} is looked up there: {chunk.broken[0]!r}"
                )
            yield chunk.table.select(names)


def keys_of(values: pa.ChunkedArray) -> list[str]:
    """Keys as text, whatever a file has them as: 7 and 7.0 are the same; "" for none."""
    read = without_null_words(parse(values, Kind.CATEGORY).values).fill_null("")
    return [key.partition(".")[0] if _WHOLE.fullmatch(key) else key for key in read.to_pylist()]


def find_matches(
    blueprint: Blueprint, tables: Sequence[Table], mapping: Mapping[str, str]
) -> tuple[Match, ...]:
    """Which tables have together what none has alone: several of rows, and one to look it up in.

    A table that has an id and its outcome and nothing more is labels, and has not what is needed.
    Of several ways it is the one in which the fewest columns are looked up, then the one whose
    rows say most by themselves; that comes first. None where two would do alike.
    """
    if blueprint.sides or blueprint.inactivity or blueprint.is_side_by_side:
        return ()
    if not 2 <= len(tables) <= MOST_TABLES:
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
    """Looks for two tables that belong together; each is matched, and its keys are read, once."""

    def __init__(
        self, blueprint: Blueprint, tables: Sequence[Table], told: Mapping[str, str]
    ) -> None:
        self.blueprint, self.tables, self.told = blueprint, tables, told
        self.plans = [match(blueprint, each.columns, self._names(each)) for each in tables]
        self.keys = cache(lambda place, name: self.tables[place].keys(name))
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

    def _names(self, *tables: Table) -> dict[str, str]:
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
        shared = [key for key in theirs if key in mine and (is_labels or key not in ANYBODYS)]
        for key in sorted(shared, key=lambda each: not each.endswith("id")):
            yield Match(rows, other, mine[key], theirs[key], ())

    def _joins(self, pair: Match, columns: Sequence[PlannedColumn]) -> bool:
        """Whether the other table has a row per key, keys meet, and no outcome is multiplied."""
        mine, theirs = self.keys(pair.rows, pair.key), self.keys(pair.other, pair.their_key)
        known = set(theirs)
        met = sum(key in known for key in set(mine))
        has_outcome = any(self.roles[each.name] is Role.OUTCOME for each in columns)
        return (
            _is_nearly_unique(theirs)
            and met >= LEAST_MET * min(len(known), len(set(mine))) > 0
            and (not has_outcome or _is_nearly_unique(mine))
        )


def _is_nearly_unique(keys: Sequence[str]) -> bool:
    return len(set(keys)) >= max(_NEARLY * len(keys), 2)
