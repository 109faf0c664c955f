"""Files by which the stages of ingest hand rows on, in a folder per stage and bucket."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage

COMPRESSION = "snappy"  # a decoder of zstd takes longer to begin than a small row group to be read


def write_piece(folder: str, name: str, table: pa.Table) -> None:
    """Write a table as one piece of a folder; an empty table leaves none."""
    if not len(table):
        return
    storage.make_folder(folder)
    uri = storage.join(folder, f"{name}.arrow")
    system, path = storage.filesystem(uri)
    with (
        storage.explained(uri, "write"),
        system.open_output_stream(path) as stream,
        pa.ipc.new_file(stream, table.schema) as writer,
    ):
        writer.write_table(table)


def read_pieces(folder: str) -> pa.Table | None:
    """All pieces of a folder in one table; None where there is none."""
    tables = [_read(uri) for uri in storage.list_files(folder)]
    return pa.concat_tables(tables).combine_chunks() if tables else None


def write_groups(uri: str, rows: pa.Table, counts: Iterable[int]) -> None:
    """Write a Parquet file with one row group per count."""
    storage.make_folder(uri.rpartition("/")[0])
    start = 0
    with _parquet(uri, rows.schema) as writer:
        for count in counts:
            writer.write_table(rows.slice(start, count), row_group_size=max(count, 1))
            start += count


def gather(folder: str, uri: str, head: pa.Schema) -> None:
    """Write all pieces of a folder, whatever their columns, to one Parquet file, one at a time."""
    pieces = storage.list_files(folder)
    fields = {field.name: field for piece in pieces for field in _schema(piece)}
    schema = pa.schema([*head, *(fields[name] for name in sorted(fields.keys() - {*head.names}))])
    with _parquet(uri, schema) as writer:
        for piece in pieces:
            aligned = pa.concat_tables(
                [schema.empty_table(), _read(piece)], promote_options="default"
            )
            writer.write_table(aligned.select(schema.names))


@contextmanager
def _parquet(uri: str, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    system, path = storage.filesystem(uri)
    with (
        storage.explained(uri, "write"),
        pq.ParquetWriter(
            path, schema, filesystem=system, compression=COMPRESSION, write_statistics=False
        ) as writer,
    ):
        yield writer


def _read(uri: str) -> pa.Table:
    system, path = storage.filesystem(uri)
    with storage.explained(uri, "read"), system.open_input_file(path) as stream:
        return pa.ipc.open_file(stream).read_all()


def _schema(uri: str) -> pa.Schema:
    system, path = storage.filesystem(uri)
    with storage.explained(uri, "read"), system.open_input_file(path) as stream:
        return pa.ipc.open_file(stream).schema
