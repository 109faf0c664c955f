"""Rows that count one each: read as a column, added up by day, asked for where it is a guess."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from tracer_ray.analysis.preparation import prepare
from tracer_ray.analysis.report import analyze_samples
from tracer_ray.analysis.samples import sample_files, sample_table
from tracer_ray.archive import blueprint
from tracer_ray.data.as_of.sources import sort_out
from tracer_ray.data.sources import Part, find_files, read_part
from tracer_ray.errors import SchemaError

DEMAND = blueprint("product_demand")
COUNTED = {"units": "rows", "date": "date_time"}
DAYS = 40


def sold(seed: int = 0) -> pa.Table:
    """Lines of receipts without a quantity, at any minute of 40 days."""
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.integers(0, DAYS * 24 * 60, 2000)).astype("timedelta64[m]")
    times = (np.datetime64("2024-01-01T00:00") + minutes).astype("datetime64[s]")
    items = rng.choice(["Coffee", "Bread", "Tea"], len(times), p=[0.5, 0.3, 0.2])
    receipt = np.cumsum(rng.random(len(times)) < 0.5)
    return pa.table({"Transaction": receipt, "Item": items, "date_time": times})


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_row_is_read_as_one(tmp_path: Path, ending: str) -> None:
    path = str(tmp_path / f"lines.{ending}")
    (pc_csv.write_csv if ending == "csv" else pq.write_table)(sold(), path)
    (file,) = sort_out(DEMAND, find_files([path]), COUNTED).rows
    (chunk,) = read_part(Part.whole(file), ("Item", "rows"))
    assert chunk.table["rows"].to_pylist() == [1] * 2000
    (alone,) = read_part(Part.whole(file), ("rows",))
    assert len(alone.table) == 2000


def test_a_column_of_that_name_is_taken_as_it_is(tmp_path: Path) -> None:
    table = pa.table({"date": ["2024-01-01"], "rows": [7]})
    pq.write_table(table, tmp_path / "sums.parquet")
    (file,) = sort_out(DEMAND, find_files([str(tmp_path)]), {"units": "rows"}).rows
    (chunk,) = read_part(Part.whole(file), ("rows",))
    assert chunk.table["rows"].to_pylist() == [7]


def test_a_log_without_a_number_is_asked_for(tmp_path: Path) -> None:
    path = str(tmp_path / "receipts.parquet")
    pq.write_table(sold(), path)
    found = analyze_samples(sample_files([path]))
    assert found.best is None
    first = found.suggestions[0]
    assert (first.blueprint, first.ask) == ("product_demand", (("units", ("rows",)),))
    assert "--map units=rows" in first.next_command
    with pytest.raises(SchemaError, match="where each row is one: --map units=rows"):
        prepare(DEMAND, [path], {}, ())
    assert prepare(DEMAND, [path], {"units": "rows"}, ()).mapping == COUNTED


def test_a_blueprint_is_suggested_once_for_a_data_set() -> None:
    found = analyze_samples([sample_table(sold(), "receipts")]).suggestions
    assert len({(each.name, each.data) for each in found}) == len(found)


@pytest.mark.parametrize(
    ("times", "names"),
    [
        (np.repeat(np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]"), 5), [*"abcde"]),
        (np.arange("2024-01-01", "2024-03-01", dtype="datetime64[h]"), ["a"]),
    ],
)
def test_rows_that_are_sums_or_readings_are_not_counted(
    times: np.ndarray[tuple[int], np.dtype[np.datetime64]], names: list[str]
) -> None:
    level = np.random.default_rng(0).normal(20.0, 5.0, len(times))
    owner = names * (len(times) // len(names))
    table = pa.table({"time": times.astype("datetime64[s]"), "place": owner, "level": level})
    found = analyze_samples([sample_table(table, "levels")])
    assert not any("rows" in each.mapping.values() for each in found.suggestions)
