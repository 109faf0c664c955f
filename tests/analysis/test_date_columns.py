"""Times in several columns: found by name and values, and read as one at ingest."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from tracer_ray.analysis.date_columns import with_date_column
from tracer_ray.analysis.preparation import prepare
from tracer_ray.analysis.report import analyze_samples
from tracer_ray.analysis.samples import sample_table
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.as_of.sources import sort_out
from tracer_ray.data.matching import match
from tracer_ray.data.resolution import with_aliases
from tracer_ray.data.schema import Normalised, normalise
from tracer_ray.data.sources import find_files, parts_of, read_part

NAMES = ("January", "Feb", "mar", "April", "May", "June")
MONTHS = [(year, month) for year in range(2015, 2021) for month in range(1, 13)]


def by_month(**other: object) -> pa.Table:
    years, months = zip(*MONTHS, strict=True)
    return pa.table({"Year": years, "Month": months, **other})


def columns_of(table: pa.Table) -> list[str]:
    return list(with_date_column(sample_table(table), {}).table.column_names)


def test_a_year_and_a_month_are_the_time_of_a_series() -> None:
    table = by_month(Sales=[100.5 + each for each in range(72)])
    (found, *_) = analyze_samples([sample_table(table)]).suggestions
    assert found.blueprint == "revenue_forecast"
    assert found.apply["date"] == "Year+Month"
    assert found.settings == {"period": "month"}
    assert found.ask == ()


def test_a_day_counts_only_where_it_makes_dates() -> None:
    parts = {"arrival_year": [2024] * 3, "arrival_month": NAMES[:3]}
    days = pa.table({**parts, "arrival_day": [1, 2, 29]})
    assert columns_of(days) == ["arrival_year+arrival_month+arrival_day"]
    named = days.set_column(2, "arrival_day", pa.array(["Mon", "Tue", "Sun"]))
    assert columns_of(named) == ["arrival_year+arrival_month"]


def test_nothing_is_made_beside_a_time_or_of_other_numbers() -> None:
    beside = by_month(when=["2024-01-31"] * 72)
    assert columns_of(beside) == beside.column_names
    ages = pa.table({"year": [1, 2, 3], "month": [4, 5, 6]})
    assert columns_of(ages) == ages.column_names


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_ingest_reads_a_date_from_several_columns(ending: str, tmp_path: Path) -> None:
    table = by_month(units=range(72))
    file = tmp_path / f"units.{ending}"
    if ending == "csv":
        pc_csv.write_csv(table, file)
    else:
        pq.write_table(table, file)
    wanted = blueprint("product_demand", {"period": "month"})
    ready = prepare(wanted, [str(file)], {}, ())
    assert ready.mapping["date"] == "Year+Month"
    read = normalised(wanted, file, ready.mapping)
    assert [str(each)[:10] for each in read.good["date"].to_pylist()[:2]] == [
        *("2015-01-01", "2015-02-01"),
    ]
    assert read.good["units"].to_pylist() == list(range(72))
    assert read.bad.num_rows == 0


def test_what_is_no_date_is_told_as_it_was_put_together(tmp_path: Path) -> None:
    odd = by_month(units=range(72)).set_column(1, "Month", pa.array([13, *[1] * 71]))
    file = tmp_path / "odd.parquet"
    pq.write_table(odd, file)
    read = normalised(blueprint("product_demand"), file, {"date": "Year+Month"})
    (reason,) = read.bad["reason"].to_pylist()
    assert reason.startswith("Year+Month (date) is not a date")
    assert reason.endswith("'2015-13'")


def normalised(wanted: Blueprint, file: Path, mapping: Mapping[str, str]) -> Normalised:
    """The rows of a file as ingest reads them."""
    (raw,) = sort_out(wanted, find_files([str(file)]), mapping).rows
    plan = match(wanted, raw.columns, mapping)
    (chunk,) = read_part(parts_of(raw, 0, 100)[0], plan.sources)
    return normalise(chunk.table, plan)


def test_what_somebody_maps_is_a_date_beside_another_time(tmp_path: Path) -> None:
    file = tmp_path / "units.parquet"
    pq.write_table(by_month(units=range(72), updated=["2024-01-31"] * 72), file)
    wanted = blueprint("product_demand", {"period": "month"})
    ready = prepare(wanted, [str(file)], {"date": "Year+Month"}, ())
    assert ready.mapping["date"] == "Year+Month"


def test_a_release_reads_files_of_the_form_it_was_trained_on(tmp_path: Path) -> None:
    file = tmp_path / "units.parquet"
    pq.write_table(by_month(units=range(72)), file)
    wanted = with_aliases(blueprint("product_demand"), {"date": "Year+Month"})
    read = normalised(wanted, file, {})
    assert str(read.good["date"][1].as_py())[:10] == "2015-02-01"
