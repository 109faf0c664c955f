"""A dataset: the normalised rows of one blueprint, as ingest published them.

```
datasets/<blueprint>/<fingerprint>/
  rows/bucket-00000.parquet   sorted by owner and time, one row group per owner
  entities.parquet            where each owner's rows are, their span and content fingerprint
  quarantine.parquet          rows that could not be read, as text, with the reason
  blueprint.json              the blueprint as it fits this data
  manifest.json               counts, column mapping, files; written last
```
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.blueprint_json import blueprint_from_json
from tracer_ray.data.buckets import owner_offsets, row_schema
from tracer_ray.errors import DataError, StorageMissingError, UnknownEntityError
from tracer_ray.rows import FloatArray, Rows, TextArray


@dataclass(frozen=True)
class Dataset:
    """A published dataset; files are read when they are asked for."""

    uri: str
    manifest: Mapping[str, object]

    @classmethod
    def open(cls, uri: str) -> "Dataset":
        """The dataset at a URI.

        Raises DataError where there is none, or none that was published whole.
        """
        try:
            manifest = json.loads(storage.read_bytes(storage.join(uri, storage.MANIFEST)))
        except StorageMissingError as error:
            raise DataError(f"{uri}: no dataset here; make one with `tracer ingest`") from error
        return cls(uri, manifest)

    @cached_property
    def blueprint(self) -> Blueprint:
        """The blueprint as it fits this data."""
        return blueprint_from_json(storage.read_bytes(storage.join(self.uri, "blueprint.json")))

    @cached_property
    def entities(self) -> pa.Table:
        """One line per owner, by name: owner, label, bucket, row_group, rows, first_time, ..."""
        return self._read("entities.parquet")

    @property
    def quarantine(self) -> pa.Table:
        """The rows that could not be read: problem, reason, source, position and raw values."""
        return self._read("quarantine.parquet")

    @property
    def buckets(self) -> int:
        """The number of bucket files."""
        return int(str(self.manifest["buckets"]))

    def read_bucket(self, number: int) -> Rows:
        """All rows of one bucket."""
        return rows_from_table(self._read(bucket_path(number)), self.blueprint)

    def read_owner(self, owner: str) -> Rows:
        """The rows of one owner, by reading exactly its row group.

        Raises UnknownEntityError where the dataset has no such owner.
        """
        found = self.entities.filter(pc.equal(self.entities["owner"], owner))
        if not len(found):
            raise UnknownEntityError(f"{self.uri}: no rows of {owner!r}")
        uri = storage.join(self.uri, bucket_path(found["bucket"][0].as_py()))
        system, path = storage.filesystem(uri)
        with storage.explained(uri, "read"), system.open_input_file(path) as stream:
            table = pq.ParquetFile(stream).read_row_group(found["row_group"][0].as_py())
        return rows_from_table(table, self.blueprint)

    def _read(self, path: str) -> pa.Table:
        uri = storage.join(self.uri, path)
        system, inside = storage.filesystem(uri)
        with storage.explained(uri, "read"), system.open_input_file(inside) as stream:
            return pq.ParquetFile(stream).read()


def account(manifest: Mapping[str, Any]) -> str:
    """What became of the rows that were read, in words.

    >>> counts = {"rows": 9, "rows_read": 12, "duplicates": 1, "excluded": {}}
    >>> account({**counts, "quarantined": {"units is empty": 2}})
    '9 rows of 12 read; 1 duplicate left out; 2 bad rows set aside (units is empty)'
    """
    parts = [f"{manifest['rows']:,} rows of {manifest['rows_read']:,} read"]
    if copies := manifest["duplicates"]:
        parts.append(f"{copies:,} duplicate{'s' if copies > 1 else ''} left out")
    parts += [f"{n:,} bad rows set aside ({why})" for why, n in manifest["quarantined"].items()]
    parts += [f"{n:,} left out ({why})" for why, n in manifest["excluded"].items()]
    return "; ".join(parts)


def bucket_path(number: int) -> str:
    """Where a bucket is inside its dataset.

    >>> bucket_path(3)
    'rows/bucket-00003.parquet'
    """
    return f"rows/bucket-{number:05d}.parquet"


def rows_from_table(table: pa.Table, blueprint: Blueprint) -> Rows:
    """A table of dataset rows, sorted by owner and time, as flat arrays."""
    offsets = owner_offsets(table)
    owners = _texts(table["owner"])
    numbers, categories = {}, {}
    for field in row_schema(blueprint):
        if pa.types.is_floating(field.type):
            numbers[field.name] = _numbers(table[field.name])
        elif field.name not in ("owner", "time", "key"):
            categories[field.name] = _texts(table[field.name])
    return Rows(
        entities=owners[offsets[:-1]],
        offsets=offsets,
        times=table["time"].cast(pa.int64()).to_numpy(),
        keys=_texts(table["key"]),
        numbers=numbers,
        categories=categories,
    )


def table_from_rows(rows: Rows, blueprint: Blueprint) -> pa.Table:
    """The inverse of `rows_from_table`: NaN and "" become nulls."""
    columns: dict[str, pa.Array] = {
        "owner": pa.array(rows.entities[rows.entity_index], pa.string()),
        "time": pa.array(rows.times),
        "key": pa.array(rows.keys, pa.string()),
        **{name: pa.array(each, from_pandas=True) for name, each in rows.numbers.items()},
        **{
            name: pa.array([text or None for text in each], pa.string())
            for name, each in rows.categories.items()
        },
    }
    schema = row_schema(blueprint)
    return pa.table({name: columns[name].cast(schema.field(name).type) for name in schema.names})


def _numbers(values: pa.ChunkedArray) -> FloatArray:
    numbers: FloatArray = values.fill_null(float("nan")).to_numpy()
    return numbers


def _texts(values: pa.ChunkedArray) -> TextArray:
    encoded = pc.fill_null(values, "").combine_chunks().dictionary_encode()
    distinct = np.array([*encoded.dictionary.to_pylist(), ""], dtype=np.object_)
    found: TextArray = distinct[encoded.indices.to_numpy(zero_copy_only=False)]
    return found
