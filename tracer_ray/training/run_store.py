"""The folder of one training run: what its workers hand to each other, and what a resume finds.

    HOME/runs/<blueprint>/<run>/
        features/bucket-00000.parquet            the feature matrix, one row group per owner
        pooled/<target>/bucket-00000.parquet     unseen pooled predictions, row for row beside it
        pooled/<target>/<candidate>.json .model  the candidates that were fitted to all rows
        fleet/<target>/<worker>.log              one record per finished entity, appended

The run's name is a digest of its data, blueprint, settings and seed, so the same run again finds
what it has already done. A worker appends whole records only: a torn one at the end of a log, left
by a killed process, is ignored.
"""

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.rows import Float32Array, FloatArray, IntArray
from tracer_ray.splits import PartArray, stable_hash

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class FeatureRows:
    """The rows of one bucket or of one owner, ready to be fitted.

    `x` is float32 [rows, features]; `outcomes` maps targets to float64 [rows], NaN where unknown;
    `position` orders the rows (splits.Cuts.position).
    """

    x: Float32Array
    position: FloatArray
    parts: PartArray
    outcomes: Mapping[str, FloatArray]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.position)


def bucket_uri(folder: str, bucket: int) -> str:
    """The file of one bucket."""
    return storage.join(folder, f"bucket-{bucket:05d}.parquet")


def write_features(folder: str, bucket: int, rows: FeatureRows, offsets: IntArray) -> None:
    """Write a bucket, one row group per owner; `offsets` [owners + 1] says where owners begin."""
    flat = pa.array(np.ascontiguousarray(rows.x, dtype=np.float32).ravel())
    columns = {
        "x": pa.FixedSizeListArray.from_arrays(flat, rows.x.shape[1]),
        "position": pa.array(rows.position),
        "part": pa.array(rows.parts),
        **{f"outcome:{name}": pa.array(values) for name, values in rows.outcomes.items()},
    }
    _write_row_groups(bucket_uri(folder, bucket), pa.table(columns), offsets)


def write_columns(
    folder: str, bucket: int, columns: Mapping[str, FloatArray], offsets: IntArray
) -> None:
    """Write float64 columns that stand row for row beside a bucket of features."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    _write_row_groups(bucket_uri(folder, bucket), table, offsets)


class BucketReader:
    """Reads whole buckets or single owners of one folder, keeping the last file's footer."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._bucket = -1
        self._file: pq.ParquetFile | None = None

    def table(self, bucket: int, row_group: int | None = None) -> pa.Table:
        """The bucket's rows, or those of one row group."""
        file = self._open(bucket)
        return file.read() if row_group is None else file.read_row_group(row_group)

    def offsets(self, bucket: int) -> IntArray:
        """Where the owners' rows begin, int64 [owners + 1]."""
        metadata = self._open(bucket).metadata
        counts = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def features(self, bucket: int, row_group: int | None = None) -> FeatureRows:
        """The rows as arrays."""
        table = self.table(bucket, row_group).combine_chunks()
        width = table.schema.field("x").type.list_size
        flat = table["x"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return FeatureRows(
            x=flat.reshape(len(table), width),
            position=table["position"].to_numpy(),
            parts=table["part"].to_numpy(),
            outcomes={
                name.removeprefix("outcome:"): table[name].to_numpy()
                for name in table.column_names
                if name.startswith("outcome:")
            },
        )

    def columns(self, bucket: int, row_group: int | None = None) -> dict[str, FloatArray]:
        """The float64 columns by name."""
        table = self.table(bucket, row_group)
        return {name: table[name].to_numpy() for name in table.column_names}

    def _open(self, bucket: int) -> pq.ParquetFile:
        if self._file is None or bucket != self._bucket:
            uri = bucket_uri(self._folder, bucket)
            system, path = storage.filesystem(uri)
            with storage.explained(uri, "read"):
                self._file = pq.ParquetFile(system.open_input_file(path))
            self._bucket = bucket
        return self._file


class RecordLog:
    """An append-only log of one worker; on S3, where nothing appends, one object per record."""

    def __init__(self, folder: str, worker: str) -> None:
        self._folder = folder
        self._worker = worker

    def append(self, name: str, record: pa.RecordBatch) -> None:
        """Append a record durably; `name` tells records apart."""
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, record.schema) as stream:
            stream.write_batch(record)
        data = sink.getvalue()
        framed = _LENGTH.pack(len(data)) + data
        if storage.is_remote(self._folder):
            storage.write_bytes(storage.join(self._folder, f"{stable_hash(name):016x}.log"), framed)
            return
        storage.make_folder(self._folder)
        path = Path(storage.join(self._folder, f"{self._worker}.log"))
        with storage.explained(str(path), "append to"), path.open("ab") as log:
            log.write(framed)


def read_records(folder: str) -> Iterator[pa.RecordBatch]:
    """Every whole record of every worker's log, in no order that matters."""
    if not storage.exists(folder):
        return
    for uri in storage.list_files(folder):
        data = memoryview(storage.read_bytes(uri))
        while len(data) >= _LENGTH.size:
            (length,) = _LENGTH.unpack(data[: _LENGTH.size])
            if len(data) < _LENGTH.size + length:
                break
            with pa.ipc.open_stream(data[_LENGTH.size : _LENGTH.size + length]) as stream:
                yield from stream
            data = data[_LENGTH.size + length :]


def _write_row_groups(uri: str, table: pa.Table, offsets: IntArray) -> None:
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, compression="zstd") as writer:
        for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            writer.write_table(table.slice(start, stop - start), row_group_size=stop - start)
    storage.write_bytes(uri, sink.getvalue())
