"""Columns and outcomes that are made of several rows of an entity: changes, and spans."""

import numpy as np
import pyarrow as pa

from tracer_ray.blueprint import Blueprint, Over, Span
from tracer_ray.data.buckets import owner_offsets
from tracer_ray.rows import FloatArray, IntArray


def derive(rows: pa.Table, blueprint: Blueprint) -> pa.Table:
    """Rows by owner and time with changes in place of prices, and outcomes over spans of rows.

    They are the same whether an entity's rows come at once or follow one another in files.
    """
    changed = [each.name for each in blueprint.columns if each.is_change]
    spanning = [each for each in blueprint.targets if each.span]
    if not changed and not spanning:
        return rows
    offsets = owner_offsets(rows)
    for name in changed:
        rows = _replaced(rows, name, changes(_numbers(rows, name), offsets))
    for target in spanning:
        total = np.sum([_numbers(rows, name) for name in target.columns], axis=0)
        assert target.span is not None
        rows = _replaced(rows, target.name, over_span(total, offsets, target.span))
    return rows


def changes(values: FloatArray, offsets: IntArray) -> FloatArray:
    """log(value / value of the owner's row before), float64 [rows]; NaN where one is not positive.

    >>> changes(np.array([1.0, 2.0, 0.0, 5.0]), np.array([0, 3, 4])).round(3)
    array([  nan, 0.693,   nan,   nan])
    """
    logs = np.log(np.where(values > 0.0, values, np.nan))
    before = np.concatenate([[np.nan], logs[:-1]])
    before[offsets[:-1][offsets[:-1] < len(logs)]] = np.nan
    return np.asarray(logs - before[: len(logs)], np.float64)


def over_span(values: FloatArray, offsets: IntArray, span: Span) -> FloatArray:
    """The sum or mean of each row and the owner's next ones, float64 [rows]; NaN where unknown.

    >>> over_span(np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 3, 4]), Span(2))
    array([ 3.,  6., nan, nan])
    """
    is_known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(is_known, values, 0.0))])
    known = np.concatenate([[0], np.cumsum(is_known)])
    first = np.arange(len(values))
    last = np.minimum(first + span.rows, len(values))
    ends = np.repeat(offsets[1:], np.diff(offsets))
    is_whole = (first + span.rows <= ends) & (known[last] - known[first] == span.rows)
    total = sums[last] - sums[first]
    total = total / span.rows if span.over is Over.MEAN else total
    return np.where(is_whole, total, np.nan)


def _numbers(rows: pa.Table, name: str) -> FloatArray:
    values: FloatArray = rows[name].to_numpy(zero_copy_only=False).astype(np.float64)
    return values


def _replaced(rows: pa.Table, name: str, values: FloatArray) -> pa.Table:
    place = rows.column_names.index(name)
    return rows.set_column(place, name, pa.array(values, from_pandas=True))
