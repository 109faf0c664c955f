"""Columns that stand side by side, put under one another: a row for each of their values."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.data.values import is_text


@dataclass(frozen=True)
class Stack:
    """Which columns are put under one another: their names go to `key`, their values to `value`.

    The names are those of entities, or dates; `labels` are what a calendar has for them, if any.
    """

    names: tuple[str, ...]
    key: str
    value: str
    labels: tuple[str, ...] = ()

    @property
    def made(self) -> tuple[str, str]:
        """The columns that come of it."""
        return self.key, self.value


def stacked(table: pa.Table, stack: Stack) -> pa.Table:
    """A row for each row and side-by-side column in which something is said.

    >>> days = pa.table({"date": ["mon", "tue"], "AA": [1.0, 2.0], "GE": [None, 4.0]})
    >>> stacked(days, Stack(("AA", "GE"), "asset", "price")).to_pylist()[1:]
    [{'date': 'tue', 'asset': 'AA', 'price': 2.0}, {'date': 'tue', 'asset': 'GE', 'price': 4.0}]
    """
    rows, columns = len(table), len(stack.names)
    of_row = pa.array(np.repeat(np.arange(rows), columns))
    of_column = np.tile(np.arange(columns), rows)
    columns_below = pa.chunked_array(_of_one_type(table, stack))
    values = columns_below.take(pa.array(of_column * rows + of_row.to_numpy()))
    names = pa.array(stack.labels or stack.names, pa.string()).take(pa.array(of_column))
    kept = [name for name in table.column_names if name not in stack.names]
    long = {name: table[name].take(of_row) for name in kept}
    below = pa.table({**long, stack.key: names, stack.value: values})
    return below.filter(_says_something(values))


def _of_one_type(table: pa.Table, stack: Stack) -> list[pa.Array]:
    """The columns in their order; as text where they are not all numbers."""
    columns = [table[name].combine_chunks() for name in stack.names]
    types = {each.type for each in columns}
    if len(types) == 1:
        return columns
    is_number = all(pa.types.is_integer(each) or pa.types.is_floating(each) for each in types)
    return [each.cast(pa.float64() if is_number else pa.string()) for each in columns]


def _says_something(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not is_text(values.type):
        return values.is_valid()
    return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(values), ""), fill_value=False)
