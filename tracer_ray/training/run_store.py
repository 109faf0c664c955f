"""The folder of one training run: what its workers hand to each other, and what a resume finds.

    HOME/runs/<blueprint>/<run>/
        features/bucket-00000.parquet            the feature matrix, one row group per owner
        pooled/<target>/bucket-00000.parquet     unseen pooled predictions, row for row beside it
        pooled/<target>/search/<worker>.log      one record per fitted rung of the search, appended
        pooled/<target>/model.json, models.parquet    the pooled model, cross-fitted
        fleet/<target>/<worker>.log              one record per finished entity, appended

The run's name is a digest of its data, blueprint, settings and seed, so the same run again finds
what it has already done. Logs are in record_log.py.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.data.pieces import COMPRESSION
from tracer_ray.rows import BoolArray, Float32Array, FloatArray, IntArray
from tracer_ray.splits import PartArray


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

    def take(self, rows: BoolArray) -> "FeatureRows":
        """The chosen rows."""
        outcomes = {name: values[rows] for name, values in self.outcomes.items()}
        return FeatureRows(self.x[rows], self.position[rows], self.parts[rows], outcomes)


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


def _write_row_groups(uri: str, table: pa.Table, offsets: IntArray) -> None:
    sink = io.BytesIO()
    kept = {"compression": COMPRESSION, "use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(sink, table.schema, **kept) as writer:  # hardly a number comes twice
        for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            writer.write_table(table.slice(start, stop - start), row_group_size=stop - start)
    storage.write_bytes(uri, sink.getvalue())
