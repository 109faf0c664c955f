"""Whether some columns tell rows apart."""

import pyarrow as pa

_ONE_PER_THING = 0.9  # distinct things for each row; sampled copies and re-deliveries stay below


def distinct_rows(keys: pa.Table) -> int:
    """The number of different rows."""
    return len(keys.group_by(keys.column_names).aggregate([]))


def tell_rows_apart(keys: pa.Table) -> bool:
    """Whether nearly every row is another one by these columns.

    >>> [tell_rows_apart(pa.table({"id": ids})) for ids in ([1, 2, 3], [1, 1, 2])]
    [True, False]
    """
    return distinct_rows(keys) >= _ONE_PER_THING * len(keys)
