"""Normalised rows: their final columns, their duplicates, and their order in a bucket."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Kind, Role, Target
from tracer_ray.data.fingerprint import WordArray, content_words, fingerprint_of, text_words
from tracer_ray.data.values import ARROW_TYPES, INSTANT
from tracer_ray.rows import IntArray

FILE = "_file"  # the place of a row's file, and its position there: the order of arrival
POSITION = "_position"
HEAD = ("owner", "time", "key")
_FILE_STEP = 10**11  # more rows than any file has; small enough to stay exact in a float64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Deduplicated:
    """Rows of unique identity, earlier rows that contradict them, and the number of copies."""

    kept: pa.Table
    conflicts: pa.Table
    copies: int


def row_schema(blueprint: Blueprint) -> pa.Schema:
    """The columns of a dataset's rows: owner, time, key, the blueprint's, and summed targets."""
    text, number = pa.string(), pa.float64()
    stored = [each for each in blueprint.columns if each.kind is not Kind.TIME]
    return pa.schema(
        [("owner", text), ("time", INSTANT), ("key", text)]
        + [(each.name, ARROW_TYPES[each.kind]) for each in stored]
        + [(target.name, number) for target in summed_targets(blueprint)]
    )


def summed_targets(blueprint: Blueprint) -> tuple[Target, ...]:
    """The targets that are no column themselves."""
    names = {column.name for column in blueprint.columns}
    return tuple(target for target in blueprint.targets if target.name not in names)


def finish(table: pa.Table, blueprint: Blueprint, keys: pa.Array | None = None) -> pa.Table:
    """Normalised columns with owner, time, key and summed targets; order of arrival kept."""
    owner = table[blueprint.owner.name] if blueprint.owner else pa.nulls(len(table), pa.string())
    time = table[blueprint.time.name] if blueprint.time else _places(table, blueprint)
    columns = {name: table[name] for name in table.column_names}
    columns["owner"] = pc.fill_null(owner, "")
    columns["time"] = time
    columns["key"] = _keys(columns, blueprint) if keys is None else keys
    for target in summed_targets(blueprint):
        columns[target.name] = _sum([table[name] for name in target.columns])
    wanted = [*row_schema(blueprint).names, FILE, POSITION]
    return pa.table({name: columns[name] for name in wanted})


def names_rows(blueprint: Blueprint) -> bool:
    """Whether columns name a row: its own, or an entity at a time; else only its content does.

    The time alone names it where it changes from the row before: there is one series then.
    """
    is_series = blueprint.entity is not None or any(each.is_change for each in blueprint.columns)
    is_dated = is_series and blueprint.time is not None
    return is_dated or blueprint.role(Role.ROW) is not None


def exclude(table: pa.Table, blueprint: Blueprint) -> tuple[pa.Table, dict[str, int]]:
    """The rows that are an outcome at all, and how many were left out for which reason."""
    counts: dict[str, int] = {}
    for exclusion in blueprint.exclusions:
        stays = pc.fill_null(pc.greater(table[exclusion.column], exclusion.above), False)
        kept = table.filter(stays)
        if len(kept) < len(table):
            counts[exclusion.reason] = counts.get(exclusion.reason, 0) + len(table) - len(kept)
        table = kept
    return table, counts


def split(table: pa.Table, words: WordArray, buckets: int) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each bucket that has any; `words` are the stable hashes of the rows' keys."""
    bucket = (words % np.uint64(buckets)).astype(np.int64)
    order = np.argsort(bucket, kind="stable")
    sorted_table = table.take(pa.array(order))
    bounds = np.searchsorted(bucket[order], np.arange(buckets + 1))
    for number in range(buckets):
        start, stop = int(bounds[number]), int(bounds[number + 1])
        if start < stop:
            yield number, sorted_table.slice(start, stop - start)


def drop_duplicates(table: pa.Table, identity: Sequence[str]) -> Deduplicated:
    """One row per identity: the last to arrive; equal ones are copies, others conflict with it.

    >>> rows = pa.table({"key": ["a", "a", "a"], "x": [1.0, 2.0, 2.0],
    ...                  "_file": [0, 0, 0], "_position": [0, 1, 2]})
    >>> found = drop_duplicates(rows, ["key"])
    >>> found.kept["_position"].to_pylist(), found.conflicts["x"].to_pylist(), found.copies
    ([2], [1.0], 1)
    """
    names = [name for name in table.column_names if name not in (FILE, POSITION)]
    words = content_words(table, names)
    identities = words[:, [names.index(name) for name in identity]]
    arrival = (table[POSITION].to_numpy(), table[FILE].to_numpy())
    order = np.lexsort((*arrival, *identities.T))
    sorted_identities = identities[order]
    is_last = np.append((sorted_identities[1:] != sorted_identities[:-1]).any(axis=1), True)
    is_last = is_last[: len(order)]
    kept = order[is_last]
    group = np.concatenate([[0], np.cumsum(is_last)[:-1]]).astype(np.int64)[: len(order)]
    is_copy = (words[order] == words[kept[group]]).all(axis=1)
    conflicts = order[~is_last & ~is_copy]
    return Deduplicated(
        table.take(pa.array(np.sort(kept))),
        table.take(pa.array(np.sort(conflicts))),
        int((~is_last & is_copy).sum()),
    )


def all_unique(table: pa.Table) -> Deduplicated:
    """Every row kept, equal ones too."""
    return Deduplicated(table, table.slice(0, 0), 0)


def order_columns(blueprint: Blueprint) -> tuple[str, ...]:
    """The column that orders rows of one instant, if the data has one."""
    order = blueprint.role(Role.ORDER)
    return (order.name,) if order else ()


def ordered(table: pa.Table, blueprint: Blueprint) -> pa.Table:
    """Rows by owner and time; those of an entity at one instant a microsecond apart.

    Equal times are ordered by the order column where there is one, then by the positions in their
    files, then by their keys, so that the order of files makes no difference. Matches of one side
    whose order nobody knows keep their instant, and so do an entity's rows in several segments
    (a product in many stores): none of them sees another. The columns of arrival are dropped.
    """
    names = ("owner", "time", *order_columns(blueprint), POSITION, "key")
    by = [(name, "ascending") for name in names]
    if blueprint.entity is None:
        by = [(name, "ascending") for name in HEAD]
    rows = table.sort_by(by).drop_columns([FILE, POSITION]).combine_chunks()
    is_simultaneous = blueprint.sides is not None or blueprint.role(Role.SEGMENT) is not None
    is_order_known = not is_simultaneous or bool(order_columns(blueprint))
    if blueprint.entity is None or blueprint.time is None or not is_order_known:
        return rows
    times = rows["time"].cast(pa.int64()).to_numpy().copy()
    offsets = owner_offsets(rows)
    for start, stop in pairwise(offsets):
        own = times[start:stop]
        if (np.diff(own) <= 0).any():
            steps = np.arange(len(own))
            own[:] = np.maximum.accumulate(own - steps) + steps
    return rows.set_column(1, "time", pa.array(times).cast(INSTANT))


def owner_offsets(rows: pa.Table) -> IntArray:
    """Where each owner's rows begin, and the end; the rows must be sorted by owner."""
    words = text_words(rows["owner"].combine_chunks())
    changes = np.flatnonzero(words[1:] != words[:-1]) + 1
    bounds = [0, *changes.tolist(), len(rows)] if len(rows) else [0]
    return np.array(bounds, dtype=np.int64)


def entity_table(rows: pa.Table, blueprint: Blueprint, bucket: int) -> pa.Table:
    """One line per owner of a bucket: label, place, rows, time span and content fingerprint."""
    offsets = owner_offsets(rows)
    starts, lasts = pa.array(offsets[:-1]), pa.array(offsets[1:] - 1)
    words = content_words(rows, rows.column_names)
    owners = rows["owner"].take(starts)
    label = blueprint.role(Role.LABEL)
    prints = [fingerprint_of(words[a:b]) for a, b in pairwise(offsets)]
    return pa.table(
        {
            "owner": owners,
            "label": _last_labels(rows[label.name], offsets, owners) if label else owners,
            "bucket": pa.array(np.full(len(owners), bucket, dtype=np.int64)),
            "row_group": pa.array(np.arange(len(owners), dtype=np.int64)),
            "rows": pa.array(np.diff(offsets)),
            "first_time": rows["time"].take(starts),
            "last_time": rows["time"].take(lasts),
            "fingerprint": pa.array(prints, pa.string()),
        }
    )


def _last_labels(labels: pa.ChunkedArray, offsets: IntArray, owners: pa.ChunkedArray) -> pa.Array:
    values = labels.to_pylist()
    found = []
    for owner, start, stop in zip(owners.to_pylist(), offsets[:-1], offsets[1:], strict=True):
        named = (value for value in reversed(values[start:stop]) if value)
        found.append(next(named, owner))
    return pa.array(found, pa.string())


def _keys(columns: dict[str, pa.ChunkedArray], blueprint: Blueprint) -> pa.Array:
    row, segment = blueprint.role(Role.ROW), blueprint.role(Role.SEGMENT)
    if row:
        return columns[row.name]
    if not names_rows(blueprint):
        return _content_keys(columns, blueprint)
    instant = pc.strftime(columns["time"], format="%Y-%m-%dT%H:%M:%SZ")
    segments = [pc.fill_null(columns[segment.name], "")] if segment else []
    return pc.binary_join_element_wise(columns["owner"], instant, *segments, "@")


def _content_keys(columns: dict[str, pa.ChunkedArray], blueprint: Blueprint) -> pa.Array:
    """A digest of each row's values: equal rows have equal keys, and nothing tells them apart."""
    table = pa.table({each.name: columns[each.name] for each in blueprint.columns})
    words = content_words(table, table.column_names)
    return pa.array([hashlib.blake2b(row.tobytes(), digest_size=12).hexdigest() for row in words])


def _places(table: pa.Table, blueprint: Blueprint) -> pa.Array:
    """In place of times: all at once, or one after another as they stand in their files."""
    if not blueprint.row_order_is_time:
        return _constant(_EPOCH, len(table))
    place = table[FILE].to_numpy() * _FILE_STEP + table[POSITION].to_numpy()
    return pa.array(place).cast(INSTANT)


def _sum(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    total = columns[0]
    for column in columns[1:]:
        total = pc.add(total, column)
    return total


def _constant(value: datetime, rows: int) -> pa.Array:
    return pa.array([value], INSTANT).take(pa.array([0] * rows, pa.int64()))
