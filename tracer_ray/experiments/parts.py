"""Parts of a log: Parquet files by the day of writing, written once and never changed.

    FOLDER/date=2030-01-31/<time>-<random>.parquet

Names never clash, so any number of processes write at once.
"""

import uuid
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage

_ENDING = ".parquet"


def write_part(folder: str, table: pa.Table) -> str:
    """Write rows as a part of today below a folder, whole or not at all; its URI."""
    now = datetime.now(UTC)
    name = f"{now:%H%M%S}-{uuid.uuid4().hex}{_ENDING}"
    uri = storage.join(folder, f"date={now:%Y-%m-%d}", name)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    storage.write_bytes(uri, sink.getvalue().to_pybytes())
    return uri


def read_parts(folder: str, schema: pa.Schema, since: datetime | None = None) -> pa.Table:
    """The rows of all parts below a folder that were written on the day of `since` or later."""
    first = f"date={since.astimezone(UTC):%Y-%m-%d}" if since else ""
    files = [
        uri
        for uri in storage.list_files(folder)
        if uri.endswith(_ENDING) and storage.name(uri.rpartition("/")[0]) >= first
    ]
    tables = [pq.read_table(pa.BufferReader(storage.read_bytes(uri))) for uri in files]
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()
