"""What workers hand to each other through the run's folder."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tracer_ray.errors import StorageMissingError
from tracer_ray.rows import FloatArray
from tracer_ray.training.run_store import (
    BucketReader,
    FeatureRows,
    bucket_uri,
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


def test_buckets_are_numbered_files() -> None:
    assert bucket_uri("s3://b/run/features", 12) == "s3://b/run/features/bucket-00012.parquet"
