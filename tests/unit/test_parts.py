"""Parts of a log: whole, never in each other's way, local and on S3, and read by day."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tests.s3_server import s3_bucket
from tracer_ray import storage
from tracer_ray.errors import StorageError
from tracer_ray.experiments.parts import GrowingPart, read_parts

bucket = pytest.fixture(scope="module")(s3_bucket)
SCHEMA = pa.schema([("number", pa.int64())])


def _numbers(first: int, count: int) -> pa.Table:
    return pa.table({"number": list(range(first, first + count))}, SCHEMA)


def _check(folder: str) -> None:
    assert read_parts(folder, SCHEMA).num_rows == 0
    now = datetime.now(UTC)
    for writer in (GrowingPart(folder, 100), GrowingPart(folder, 100)):
        for number in range(3):
            writer.add(_numbers(number, 1), now)
    assert sorted(read_parts(folder, SCHEMA)["number"].to_pylist()) == [0, 0, 1, 1, 2, 2]
    assert [uri.startswith(f"{folder}/date=20") for uri in storage.list_files(folder)] == [True] * 2
    assert read_parts(folder, SCHEMA, now).num_rows == 6
    assert read_parts(folder, SCHEMA, now + timedelta(days=2)).num_rows == 0


def test_parts_of_a_local_folder(tmp_path: Path) -> None:
    folder = str(tmp_path / "predictions")
    _check(folder)
    storage.write_bytes(storage.join(folder, "date=2030-01-01", "notes.txt"), b"no part")
    assert read_parts(folder, SCHEMA).num_rows == 6


def test_parts_in_a_bucket(bucket: str) -> None:
    _check(storage.join(bucket, "predictions"))


def test_little_pieces_fill_few_parts_of_their_day(tmp_path: Path) -> None:
    folder = str(tmp_path)
    part = GrowingPart(folder, most_rows=100)
    night = datetime(2030, 1, 31, 23, 59, tzinfo=UTC)
    for piece in range(25):
        part.add(_numbers(10 * piece, 10), night)
        assert sorted(read_parts(folder, SCHEMA)["number"].to_pylist()) == list(
            range(10 * piece + 10)
        )
    assert len(storage.list_files(folder)) == 3
    part.add(_numbers(250, 10), night + timedelta(minutes=2))
    assert len(storage.list_files(folder)) == 4
    assert read_parts(folder, SCHEMA, night + timedelta(days=1))["number"].to_pylist() == [
        *range(250, 260)
    ]


def test_what_could_not_be_written_is_not_in_the_part(tmp_path: Path) -> None:
    folder = tmp_path / "predictions"
    part, now = GrowingPart(str(folder), 100), datetime.now(UTC)
    part.add(_numbers(0, 5), now)
    folder.rename(tmp_path / "elsewhere")
    folder.write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        part.add(_numbers(5, 5), now)
    folder.unlink()
    part.add(_numbers(5, 5), now)
    assert read_parts(str(folder), SCHEMA)["number"].to_pylist() == [*range(10)]


# Adds ten rows at a time, and says how many it has added, until it is killed.
WRITER = """
import itertools, sys
from datetime import UTC, datetime
import pyarrow as pa
from tracer_ray.experiments.parts import GrowingPart
part = GrowingPart(sys.argv[1], most_rows=200)
for first in itertools.count(step=10):
    part.add(pa.table({"number": range(first, first + 10)}), datetime.now(UTC))
    print(first + 10, flush=True)
"""


@pytest.mark.parametrize("pieces", [3, 47, 120])
def test_one_who_is_killed_leaves_every_row_once(tmp_path: Path, pieces: int) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(pieces)]
        process.kill()
        said += map(int, process.stdout)
    found = sorted(read_parts(str(tmp_path), SCHEMA)["number"].to_pylist())
    assert found == [*range(len(found))]
    assert said[-1] <= len(found) <= said[-1] + 10
