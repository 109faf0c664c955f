"""Tables as users have them: pandas, polars or pyarrow in, and the same kind out."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray.data.schema import raw_table
from tracer_ray.errors import DataError

Frame = TypeVar("Frame")


def to_arrow(data: object) -> pa.Table:
    """Any table as a pyarrow one: pandas and polars frames, rows as mappings, columns as lists.

    A pandas index is left out. Raises DataError for anything else.

    >>> to_arrow([{"a": 1}, {"a": 2, "b": "x"}]).to_pydict()
    {'a': [1, 2], 'b': [None, 'x']}
    """
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, Sequence) and not isinstance(data, str) and all(map(_is_row, data)):
        return raw_table(data)
    try:
        if _library(data) == "pandas":
            return pa.Table.from_pandas(data, preserve_index=False)
        if isinstance(data, Mapping) or hasattr(data, "__arrow_c_stream__"):
            return _with_plain_text(pa.table(data))
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(
            f"a {type(data).__name__} that can't be read as a table: {error}"
        ) from error
    raise DataError(
        f"expected a table (pandas, polars, pyarrow) or rows as mappings, got {type(data).__name__}"
    )


def like(table: pa.Table, frame: object) -> Any:
    """A table as the kind of `frame`; with the index of `frame` where that is of pandas."""
    library = _library(frame)
    if library == "pandas":
        found = table.to_pandas()
        found.index = getattr(frame, "index", None)
        return found
    if library == "polars":
        return import_module("polars").from_arrow(table)
    return table.to_pylist() if isinstance(frame, Sequence) else table


def _with_plain_text(table: pa.Table) -> pa.Table:
    """The table with views of text (polars) as text: few functions of pyarrow read views."""
    views = (pa.types.is_string_view(field.type) for field in table.schema)
    plain = [
        field.with_type(pa.string()) if is_view else field
        for field, is_view in zip(table.schema, views, strict=True)
    ]
    return table.cast(pa.schema(plain))


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as the content of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


def _is_row(each: object) -> bool:
    return isinstance(each, Mapping)


def _library(data: object) -> str:
    return type(data).__module__.partition(".")[0]
