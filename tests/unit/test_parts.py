"""Parts of a log: whole, never in each other's way, local and on S3, and read by day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tests.s3_server import s3_bucket
from tracer_ray import storage
from tracer_ray.experiments.parts import read_parts, write_part

bucket = pytest.fixture(scope="module")(s3_bucket)
SCHEMA = pa.schema([("number", pa.int64())])


def _check(folder: str) -> None:
    assert read_parts(folder, SCHEMA).num_rows == 0
    for number in range(5):
        uri = write_part(folder, pa.table({"number": [number]}, SCHEMA))
        assert uri.startswith(f"{folder}/date=20")
    assert sorted(read_parts(folder, SCHEMA)["number"].to_pylist()) == [0, 1, 2, 3, 4]
    now = datetime.now(UTC)
    assert read_parts(folder, SCHEMA, now).num_rows == 5
    assert read_parts(folder, SCHEMA, now + timedelta(days=2)).num_rows == 0


def test_parts_of_a_local_folder(tmp_path: Path) -> None:
    folder = str(tmp_path / "predictions")
    _check(folder)
    storage.write_bytes(storage.join(folder, "date=2030-01-01", "notes.txt"), b"no part")
    assert read_parts(folder, SCHEMA).num_rows == 5


def test_parts_in_a_bucket(bucket: str) -> None:
    _check(storage.join(bucket, "predictions"))
