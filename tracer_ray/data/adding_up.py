"""Rows of one period as one: sales added up, or prices averaged, become a series to forecast."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.data.buckets import FILE, POSITION, Deduplicated, row_schema
from tracer_ray.data.fingerprint import content_words


def drop_copies_of_files(table: pa.Table) -> Deduplicated:
    """Without rows that an earlier file has too; equal rows of one file are several sales.

    >>> rows = pa.table({"x": [5.0, 5.0, 5.0], "_file": [0, 0, 1], "_position": [0, 1, 0]})
    >>> found = drop_copies_of_files(rows)
    >>> len(found.kept), found.copies
    (2, 1)
    """
    names = [name for name in table.column_names if name not in (FILE, POSITION)]
    words, files = content_words(table, names), table[FILE].to_numpy()
    _, same = np.unique(words, axis=0, return_inverse=True)
    first = np.full(int(same.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, same, files)
    is_kept = files == first[same]
    return Deduplicated(table.filter(pa.array(is_kept)), table.slice(0, 0), int((~is_kept).sum()))


def by_period(table: pa.Table, blueprint: Blueprint) -> pa.Table:
    """One row per owner and period (UTC), at its start.

    Outcomes are summed, or averaged where the blueprint names them, and are at least 0; of what was
    known beforehand numbers are averaged, flags hold if they held once, and of categories the last
    one stays. Nulls count for nothing.
    """
    instants = table["time"].cast(pa.int64()).to_numpy()
    time = pa.array(blueprint.period.floor(instants)).cast(table.schema.field("time").type)
    rows = table.set_column(table.column_names.index("time"), "time", time)
    rows = rows.sort_by([(name, "ascending") for name in ("owner", "time", FILE, POSITION)])
    summed = dict.fromkeys(rows.column_names, "sum") | {FILE: "min", POSITION: "min"}
    how = summed | {each.name: _how(each, blueprint) for each in blueprint.columns}
    known = pc.ScalarAggregateOptions(skip_nulls=True, min_count=1)
    wanted = [name for name in rows.column_names if name not in ("owner", "time", "key")]
    grouped = rows.group_by(["owner", "time"], use_threads=False).aggregate(
        [(name, how[name], known) for name in wanted]
    )
    columns = {"owner": grouped["owner"], "time": grouped["time"]}
    columns |= {name: grouped[f"{name}_{how[name]}"] for name in wanted}
    for each in blueprint.columns:
        if each.role is Role.OUTCOME and each.kind is Kind.NUMBER:
            columns[each.name] = pc.max_element_wise(columns[each.name], 0.0, skip_nulls=False)
    day = pc.strftime(columns["time"], format="%Y-%m-%dT%H:%M:%SZ")
    columns["key"] = pc.binary_join_element_wise(columns["owner"], day, "@")
    return pa.table({name: columns[name] for name in rows.column_names}).cast(_schema(blueprint))


def _how(column: Column, blueprint: Blueprint) -> str:
    if column.role is Role.OUTCOME:
        return "mean" if column.name in blueprint.averages else "sum"
    if column.kind is Kind.CATEGORY:
        return "last"
    return "max" if column.kind is Kind.FLAG else "mean"


def _schema(blueprint: Blueprint) -> pa.Schema:
    arrival = [pa.field(name, pa.int64()) for name in (FILE, POSITION)]
    return pa.schema([*row_schema(blueprint), *arrival])
