"""Rows that count one each: a log of what was sold or asked for has no column of how many.

Somebody has to say so (`--map units=rows`), as a row may be a sum as well. It is done for one table
only: nothing tells of several, all of which have dates, which one is to be counted.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pyarrow as pa

from tracer_ray.data.spelling import fold
from tracer_ray.errors import SchemaError

ROWS = "rows"  # the raw name of the column that is made


def asks_for_rows(told: Iterable[str], columns: Collection[str]) -> bool:
    """Whether one of the raw names that are told is that of counted rows, and of no column.

    >>> asks_for_rows(["rows"], ["item"]), asks_for_rows(["rows"], ["item", "Rows"])
    (True, False)
    """
    return ROWS in told and ROWS not in map(fold, columns)


def refuse_several(tables: Sequence[str]) -> None:
    """Raise SchemaError where rows are to be counted and several tables, by name, may be meant."""
    if len(tables) > 1:
        raise SchemaError(
            f"{ROWS!r} counts the rows of one table, and these differ in their columns: "
            f"{', '.join(tables)}; give the one that counts"
        )


def with_row_counts(table: pa.Table) -> pa.Table:
    """The table with one more column, 1 in every row.

    >>> with_row_counts(pa.table({"item": ["tea", "bread"]}))["rows"].to_pylist()
    [1, 1]
    """
    return table.append_column(ROWS, pa.array(np.ones(len(table), np.int64)))
