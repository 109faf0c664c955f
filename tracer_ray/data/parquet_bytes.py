"""Parquet that is held in memory."""

import pyarrow as pa
import pyarrow.parquet as pq


def table_of_bytes(data: bytes) -> pa.Table:
    """All rows, read by the caller's thread alone.

    Arrow's threads may still hold the bytes while the interpreter ends, and then abort the process
    (apache/arrow issue 33975).

    >>> sink = pa.BufferOutputStream()
    >>> pq.write_table(pa.table({"a": [1, 2]}), sink)
    >>> table_of_bytes(sink.getvalue().to_pybytes())["a"].to_pylist()
    [1, 2]
    """
    return pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
