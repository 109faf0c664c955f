"""Rows that count one each: read as a column, added up by day, asked for where it is a guess."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from tracer_ray.analysis.preparation import prepare
from tracer_ray.analysis.profile import profile
from tracer_ray.analysis.report import Analysis, analyze_samples
from tracer_ray.analysis.samples import sample_files, sample_table
from tracer_ray.analysis.weighing import is_likely
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
    table = pa.table({"date": ["2024-01-01"], "Rows": [7]})
    pq.write_table(table, tmp_path / "sums.parquet")
    (file,) = sort_out(DEMAND, find_files([str(tmp_path)]), {"units": "rows"}).rows
    assert file.columns == ("date", "Rows")


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


def log(times: np.ndarray[tuple[int], np.dtype[np.datetime64]], items: list[str]) -> Analysis:
    """What is suggested for rows of these times, whose names are those of what was sold."""
    item = items * (len(times) // len(items))
    table = pa.table({"Item": item, "date_time": times.astype("datetime64[s]")})
    known = profile(sample_table(table, "bread basket.csv"))
    assert is_likely("product_demand", known)
    return analyze_samples([sample_table(table, "bread basket.csv")])


def test_rows_that_are_sums_or_readings_are_not_counted() -> None:
    rng = np.random.default_rng(0)
    minutes = np.sort(rng.integers(0, 60 * 24 * 60, 1440)).astype("timedelta64[m]")
    days = np.repeat(np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]"), 5)
    hours = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[h]")
    sold_at = np.datetime64("2024-01-01T00:00") + minutes
    assert counts(log(sold_at, ["a", "b"]))
    assert not counts(log(days, [*"abcde"]))  # one of each a day
    assert not counts(log(hours, ["a"]))
    assert not counts(log(sold_at[::30], ["a"]))  # hardly one a day


def test_a_log_of_another_field_is_not_counted() -> None:
    renamed = sold().rename_columns(["loan_id", "borrower_grade", "date_time"])
    assert not counts(analyze_samples([sample_table(renamed, "loans.csv")]))


def counts(found: Analysis) -> bool:
    return any("rows" in each.mapping.values() for each in found.suggestions)


def test_rows_that_are_counted_are_not_said_to_be_added_up() -> None:
    rng = np.random.default_rng(1)
    calls = sold().append_column("town", [rng.choice(["x", "y", "z"], 2000)])
    found = analyze_samples([sample_table(calls, "basket.csv")], COUNTED).suggestions
    assert "added up" not in next(x for x in found if x.blueprint == "product_demand").reason


def test_files_of_other_columns_beside_the_log_are_refused(tmp_path: Path) -> None:
    pq.write_table(sold(), tmp_path / "sales.parquet")
    pq.write_table(
        pa.table({"date": ["2024-01-01"], "holiday": ["new year"]}), tmp_path / "h.parquet"
    )
    with pytest.raises(SchemaError, match="'rows' counts the rows of one table"):
        sort_out(DEMAND, find_files([str(tmp_path)]), COUNTED)
    with pytest.raises(SchemaError, match="'rows' counts the rows of one table"):
        prepare(DEMAND, [str(tmp_path)], COUNTED, ())
