"""Samples are bounded, evenly spread, and say how much they left out."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from tracer_ray.analysis.samples import MOST_ROWS, sample_files, sample_table
from tracer_ray.errors import DataError

ROWS = 900_000


@pytest.fixture(scope="module")
def rising() -> pa.Table:
    numbers = np.arange(ROWS)
    return pa.table({"row": numbers, "text": [f"about {row}, quoted" for row in numbers.tolist()]})


def test_a_big_csv_file_is_sampled_by_blocks_from_beginning_to_end(
    rising: pa.Table, tmp_path: Path
) -> None:
    file = tmp_path / "big.csv"
    pc_csv.write_csv(rising, file)
    (sample,) = sample_files([str(file)])
    assert len(sample.table) <= MOST_ROWS
    assert abs(sample.rows - ROWS) < 0.05 * ROWS
    assert "of about" in sample.statement
    rows = np.sort(sample.table["row"].to_numpy(zero_copy_only=False).astype(np.int64))
    assert rows[0] < 0.01 * ROWS
    assert rows[-1] > 0.8 * ROWS
    assert np.diff(rows).max() < 0.2 * ROWS


def test_a_big_parquet_file_is_sampled_by_row_groups(rising: pa.Table, tmp_path: Path) -> None:
    file = tmp_path / "big.parquet"
    pq.write_table(rising, file, row_group_size=50_000)
    (sample,) = sample_files([str(file)])
    assert len(sample.table) <= MOST_ROWS
    assert sample.rows == ROWS
    assert sample.statement == f"{len(sample.table):,} of {ROWS:,} rows, from evenly spread places"
    assert max(sample.table["row"].to_pylist()) > 0.7 * ROWS


def test_a_compressed_file_is_read_through_and_thinned(tmp_path: Path) -> None:
    numbers = pa.table({"row": np.arange(100_000)})
    file = tmp_path / "small.csv.gz"
    with pa.CompressedOutputStream(str(file), "gzip") as stream:
        pc_csv.write_csv(numbers, stream)
    (sample,) = sample_files([str(file)])
    assert sample.rows == 100_000
    assert len(sample.table) == MOST_ROWS


def test_small_data_is_looked_at_whole() -> None:
    sample = sample_table(pa.table({"a": [1, 2, 3]}))
    assert sample.is_whole
    assert sample.statement == "all 3 rows"


def test_files_of_a_folder_with_equal_columns_are_one_data_set(tmp_path: Path) -> None:
    for year in (2023, 2024):
        pc_csv.write_csv(
            pa.table({"day": [f"{year}-01-01"], "sales": [1]}), tmp_path / f"{year}.csv"
        )
    pc_csv.write_csv(pa.table({"store": [1]}), tmp_path / "stores.csv")
    names = [sample.name for sample in sample_files([str(tmp_path)])]
    assert names == ["2023.csv and 1 more", "stores.csv"]


def test_data_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(DataError, match="no rows at all"):
        sample_files([str(tmp_path)])
