"""Parts of a log: Parquet files by the day of writing.

    FOLDER/date=2030-01-31/<time>-<random>.parquet

Names never clash, so any number of processes write at once, each its own part. What comes in little
pieces makes that part grow: its file is replaced by a longer one, in one step, until it has enough
rows. So there are few files, and a process that is killed leaves every row that was written, once.
"""

import uuid
from datetime import UTC, datetime
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.data.parquet_bytes import table_of_bytes

_ENDING = ".parquet"


class GrowingPart:
    """The part of a folder that one process adds to, and the next one when it is full."""

    def __init__(self, folder: str, most_rows: int) -> None:
        """Begin a part with the first rows; once it has `most_rows`, the next is begun."""
        self._folder, self._most_rows = folder, most_rows
        self._adding = Lock()
        self._uri, self._day, self._table = "", "", pa.table({})

    def add(self, table: pa.Table, now: datetime) -> None:
        """Write rows into a part of the day of `now`, whole or not at all, else StorageError."""
        with self._adding:
            if _day(now) != self._day or len(self._table) >= self._most_rows:
                self._day, self._table = _day(now), table.slice(0, 0)
                name = f"{now.astimezone(UTC):%H%M%S}-{uuid.uuid4().hex}{_ENDING}"
                self._uri = storage.join(self._folder, self._day, name)
            longer = pa.concat_tables([self._table, table]).combine_chunks()
            sink = pa.BufferOutputStream()
            pq.write_table(longer, sink, compression="zstd")
            storage.write_bytes(self._uri, sink.getvalue().to_pybytes())
            self._table = longer


def read_parts(folder: str, schema: pa.Schema, since: datetime | None = None) -> pa.Table:
    """The rows of all parts below a folder that were written on the day of `since` or later."""
    first = _day(since) if since else ""
    files = [
        uri
        for uri in storage.list_files(folder)
        if uri.endswith(_ENDING) and storage.name(uri.rpartition("/")[0]) >= first
    ]
    tables = [table_of_bytes(storage.read_bytes(uri)) for uri in files]
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()


def _day(time: datetime) -> str:
    return f"date={time.astimezone(UTC):%Y-%m-%d}"
