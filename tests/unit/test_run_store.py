"""What workers hand to each other through the run's folder, and what a killed one leaves."""

import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tracer_ray.errors import StorageMissingError
from tracer_ray.rows import FloatArray
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.run_store import (
    BucketReader,
    FeatureRows,
    RecordLog,
    bucket_uri,
    read_records,
    write_columns,
    write_features,
)

OFFSETS = np.array([0, 2, 3, 7])


def features(rows: int = 7) -> FeatureRows:
    random = np.random.default_rng(rows)
    x = random.normal(size=(rows, 3)).astype(np.float32)
    if rows:
        x[0, 1] = np.nan
    return FeatureRows(
        x=x,
        position=np.arange(rows) / 2.0,
        parts=(np.arange(rows) % 5 - 1).astype(np.int8),
        outcomes={"points": np.where(np.arange(rows) == 3, np.nan, 1.0 * np.arange(rows))},
    )


def record(owner: str, error: str = "", own: int = 4) -> FleetRecord:
    gains = np.array([0.1, np.nan, -0.3, 0.0])
    return FleetRecord(
        owner,
        rows=90,
        tried=3,
        seconds=1.5,
        gains=gains,
        errors=gains**2,
        own=np.full(own, 0.5),
        candidate="elastic_net(alpha=0.1)",
        family="elastic_net",
        settings='{"alpha": 0.1}',
        model=bytes(range(256)),
        error=error,
    )


def assert_same(found: FleetRecord, expected: FleetRecord) -> None:
    for name, value in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), value)


def assert_same_rows(found: FeatureRows, expected: FeatureRows, rows: slice) -> None:
    assert found.x.dtype == np.float32
    np.testing.assert_array_equal(found.x, expected.x[rows])
    np.testing.assert_array_equal(found.position, expected.position[rows])
    np.testing.assert_array_equal(found.parts, expected.parts[rows])
    np.testing.assert_array_equal(found.outcomes["points"], expected.outcomes["points"][rows])


def test_a_bucket_comes_back_whole_and_owner_by_owner(tmp_path: Path) -> None:
    written = features()
    write_features(str(tmp_path), 3, written, OFFSETS)
    reader = BucketReader(str(tmp_path))
    assert reader.offsets(3).tolist() == OFFSETS.tolist()
    assert_same_rows(reader.features(3), written, slice(None))
    for owner, (start, stop) in enumerate(pairwise(OFFSETS)):
        assert_same_rows(reader.features(3, owner), written, slice(start, stop))


def test_columns_stand_beside_the_rows_of_their_owner(tmp_path: Path) -> None:
    said: FloatArray = np.array([1.0, np.nan, 3.0, 4.0, 5.0, 6.0, 7.0])
    write_columns(str(tmp_path), 0, {"pooled": said, "last": -said}, OFFSETS)
    reader = BucketReader(str(tmp_path))
    np.testing.assert_array_equal(reader.columns(0)["pooled"], said)
    np.testing.assert_array_equal(reader.columns(0, 2)["last"], -said[3:])


def test_a_bucket_without_owners_is_a_bucket(tmp_path: Path) -> None:
    write_features(str(tmp_path), 0, features(0), np.array([0]))
    reader = BucketReader(str(tmp_path))
    assert reader.features(0).x.shape == (0, 3)
    assert reader.offsets(0).tolist() == [0]


def test_one_reader_reads_many_buckets(tmp_path: Path) -> None:
    for bucket, rows in ((0, 7), (1, 5)):
        write_features(str(tmp_path), bucket, features(rows), np.array([0, rows]))
    reader = BucketReader(str(tmp_path))
    assert [len(reader.features(bucket)) for bucket in (0, 1, 0)] == [7, 5, 7]


def test_a_bucket_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageMissingError, match="bucket-00004"):
        BucketReader(str(tmp_path)).features(4)


def test_a_record_survives_arrow() -> None:
    assert_same(FleetRecord.from_arrow(record("a").to_arrow()), record("a"))
    failed = record("ß/:*", error="TrainingError: no", own=0)
    assert_same(FleetRecord.from_arrow(failed.to_arrow()), failed)
    assert record("a").parameters == {"alpha": 0.1}


def test_the_records_of_all_workers_are_found(tmp_path: Path) -> None:
    folder = str(tmp_path / "fleet")
    assert list(read_records(folder)) == []
    for worker, owners in (("one", ["a", "b"]), ("two", ["", "d/e"])):
        log = RecordLog(folder, worker)
        for owner in owners:
            log.append(owner, record(owner).to_arrow())
    found = [FleetRecord.from_arrow(batch) for batch in read_records(folder)]
    assert sorted(each.owner for each in found) == ["", "a", "b", "d/e"]
    for each in found:
        assert_same(each, record(each.owner))


def test_a_record_torn_anywhere_is_not_there_and_hides_no_other(tmp_path: Path) -> None:
    log = RecordLog(str(tmp_path), "worker")
    path = tmp_path / "worker.log"
    log.append("first", record("first").to_arrow())
    whole = path.stat().st_size
    log.append("second", record("second").to_arrow())
    data = path.read_bytes()
    for length in (0, 3, whole - 1):
        path.write_bytes(data[:length])
        assert list(read_records(str(tmp_path))) == []
    for length in range(whole, len(data), 7):
        path.write_bytes(data[:length])
        (found,) = read_records(str(tmp_path))
        assert found.column("owner").to_pylist() == ["first"]


def test_a_log_begins_with_the_length_of_its_first_record(tmp_path: Path) -> None:
    RecordLog(str(tmp_path), "worker").append("a", record("a").to_arrow())
    data = (tmp_path / "worker.log").read_bytes()
    assert struct.unpack("<Q", data[:8]) == (len(data) - 8,)


def test_buckets_are_numbered_files() -> None:
    assert bucket_uri("s3://b/run/features", 12) == "s3://b/run/features/bucket-00012.parquet"
