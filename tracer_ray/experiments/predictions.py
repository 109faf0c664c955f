"""Logged predictions: Parquet parts by day, written once and never changed.

    HOME/predictions/<blueprint>/date=2030-01-31/<time>-<random>.parquet

The date is that of writing. Names never clash, so any number of replicas write at once.
"""

import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage

INSTANT = pa.timestamp("us", tz="UTC")
_ENDING = ".parquet"


class Occasion(NamedTuple):
    """When and by whom something was predicted: the row's number in its request, and the release.

    `time` is in microseconds (UTC).
    """

    request_id: str
    row: int
    time: int
    release: str
    variant: str
    is_shadow: bool


SCHEMA = pa.schema(
    [
        ("request_id", pa.string()),
        ("row", pa.int32()),
        ("time", INSTANT),
        ("release", pa.string()),
        ("variant", pa.string()),
        ("is_shadow", pa.bool_()),
        ("entity", pa.string()),
        ("happens_at", INSTANT),
        ("as_of", INSTANT),
        ("target", pa.string()),
        ("prediction", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("features", pa.string()),
        ("key", pa.string()),
    ]
)


def write_part(folder: str, table: pa.Table) -> str:
    """Write rows as a part of today below a folder, whole or not at all; its URI."""
    now = datetime.now(UTC)
    name = f"{now:%H%M%S}-{time.monotonic_ns():x}-{uuid.uuid4().hex[:12]}{_ENDING}"
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


def predictions_folder(home: str, blueprint: str) -> str:
    """Where the predictions of a blueprint are logged."""
    return storage.join(home, "predictions", blueprint)


def predictions_table(rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows of an occasion's and a record's values as a table of the schema."""
    columns = zip(*rows, strict=True) if rows else [() for _ in SCHEMA]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.table(arrays, schema=SCHEMA)
