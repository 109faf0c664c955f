"""Which data sets belong together: shared keys and how often a key stands on each side.

Joins are reported here; ingest performs those that can be done as of a time, and looks up what a
blueprint needs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.analysis.names import likeness
from tracer_ray.analysis.profile import ColumnProfile, Profile
from tracer_ray.blueprint import Kind
from tracer_ray.data.values import parse

_SHARED = 0.5
_FEWEST_KEYS = 5


@dataclass(frozen=True)
class Join:
    """Two columns with the same keys; `shared` is the share of the smaller side's keys."""

    left: str
    left_column: str
    right: str
    right_column: str
    cardinality: str
    shared: float


def find_joins(profiles: Sequence[Profile], tables: Sequence[pa.Table]) -> tuple[Join, ...]:
    """Every pair of columns that are named alike and share at least half of their keys.

    >>> from tracer_ray.analysis.profile import profile
    >>> from tracer_ray.analysis.samples import sample_table
    >>> customers = pa.table({"customer_id": [1, 2, 3, 4, 5]})
    >>> orders = pa.table({"CustID": [1, 1, 2, 3, 4, 5]})
    >>> profiles = [profile(sample_table(each)) for each in (customers, orders)]
    >>> [(join.cardinality, join.shared) for join in find_joins(profiles, [customers, orders])]
    [('one to many', 1.0)]
    """
    pairs = combinations(zip(profiles, tables, strict=True), 2)
    return tuple(join for left, right in pairs for join in _joins(left, right))


def _joins(left: tuple[Profile, pa.Table], right: tuple[Profile, pa.Table]) -> Iterator[Join]:
    for mine in filter(_is_key, left[0].columns):
        for theirs in filter(_is_key, right[0].columns):
            if not likeness(mine.name, [theirs.name]).is_sure:
                continue
            shared = _shared(left[1][mine.name], right[1][theirs.name])
            if shared >= _SHARED:
                many = [_MANY[each.is_unique] for each in (mine, theirs)]
                yield Join(
                    left[0].name,
                    mine.name,
                    right[0].name,
                    theirs.name,
                    f"{many[0]} to {many[1]}",
                    shared,
                )


_MANY = {True: "one", False: "many"}


def _is_key(column: ColumnProfile) -> bool:
    return column.role in ("key", "entity") or (
        column.kind in (Kind.NUMBER, Kind.CATEGORY)
        and column.is_unique
        and column.distinct >= _FEWEST_KEYS
    )


def _shared(left: pa.ChunkedArray, right: pa.ChunkedArray) -> float:
    """The share of the smaller side's distinct values that the other has too."""
    mine, theirs = (
        pc.unique(parse(each, Kind.CATEGORY).values.drop_null()) for each in (left, right)
    )
    smaller, larger = sorted((mine, theirs), key=len)
    if len(smaller) < _FEWEST_KEYS:
        return 0.0
    return float(pc.mean(pc.is_in(smaller, value_set=larger).cast(pa.float64())).as_py())
