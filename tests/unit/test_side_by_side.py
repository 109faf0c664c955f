"""Files with a column for each asset or product are read as their rows below one another."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.in_process import ingested
from tracer_ray.analysis.report import analyze_samples
from tracer_ray.analysis.samples import sample_table
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import COLUMNS, LAYOUT
from tracer_ray.data.side_by_side import stack_of, stacked_files
from tracer_ray.data.sources import UNNAMED, find_files, parts_of, read_part
from tracer_ray.errors import SchemaError

WIDE = blueprint("price_movement", {LAYOUT: COLUMNS})
DAYS = [str(day) for day in np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")]
RNG = np.random.default_rng(0)
PRICES = {
    name: (100.0 + RNG.normal(0.0, 1.0, len(DAYS)).cumsum()).round(2) for name in ("AA", "GE", "T")
}


def wide() -> pa.Table:
    return pa.table({"date": DAYS, **PRICES})


def long() -> pa.Table:
    rows = [
        {"date": day, "asset": name, "price": PRICES[name][place]}
        for name in PRICES
        for place, day in enumerate(DAYS)
    ]
    return pa.Table.from_pylist(rows)


def test_the_rows_are_those_of_a_file_with_a_row_each(tmp_path: Path) -> None:
    apart = ingested(WIDE, wide(), tmp_path / "wide")
    below = ingested(WIDE, long(), tmp_path / "long")
    assert apart.manifest["rows"] == below.manifest["rows"] == len(DAYS) * len(PRICES)
    for name in PRICES:
        mine, theirs = apart.read_owner(name), below.read_owner(name)
        assert mine.times.tolist() == theirs.times.tolist()
        np.testing.assert_array_equal(mine.numbers["price"], theirs.numbers["price"])
    assert apart.manifest["fingerprint"] == below.manifest["fingerprint"]


def test_what_is_left_empty_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("date,AA,GE\n2024-01-01,1.5,\n2024-01-02, ,2.5\n2024-01-03,,\n")
    (file,) = stacked_files(WIDE, find_files([str(path)]), {})
    (chunk,) = read_part(parts_of(file, 0, 100)[0], file.columns)
    assert chunk.table.to_pylist() == [
        {"date": "2024-01-01", "asset": "AA", "price": "1.5"},
        {"date": "2024-01-02", "asset": "GE", "price": "2.5"},
    ]


@pytest.mark.parametrize("part_rows", [7, 50, 10_000])
def test_parts_of_a_file_have_all_rows_once_and_places_of_their_own(
    tmp_path: Path, part_rows: int
) -> None:
    path = str(tmp_path / "prices.parquet")
    pq.write_table(wide(), path, row_group_size=20)
    (file,) = stacked_files(WIDE, find_files([path]), {})
    assert file.rows == len(DAYS) * len(PRICES)
    chunks = [
        chunk
        for part in parts_of(file, 0, part_rows)
        for chunk in read_part(part, ("asset", "price"))
    ]
    whole = pa.concat_tables([chunk.table for chunk in chunks])
    assert whole["asset"].to_pylist() == list(PRICES) * len(DAYS)
    assert whole["price"].to_pylist()[:3] == [PRICES[name][0] for name in PRICES]
    begin = 0
    for chunk in chunks:
        assert chunk.first_position == begin
        begin += len(chunk.table)


def test_numbers_of_several_types_stay_numbers(tmp_path: Path) -> None:
    mixed = pa.table({"date": DAYS[:2], "AA": [1, 2], "GE": [1.5, None]})
    dataset = ingested(WIDE, mixed, tmp_path)
    assert dataset.manifest["rows"] == 3
    assert np.isfinite(dataset.read_owner("GE").numbers["price"]).sum() <= 1


def test_a_mapped_time_is_no_series(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(",AA,GE\n2024-01-01,1.5,2\n2024-01-02,1.6,3\n")
    (file,) = stacked_files(WIDE, find_files([str(path)]), {"date": UNNAMED})
    assert file.columns == (UNNAMED, "asset", "price")
    assert file.stack
    assert file.stack.names == ("AA", "GE")
    assert f"{UNNAMED!r}" in file.note


def test_without_the_layout_columns_are_not_taken_for_assets(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="column 'price' is missing"):
        ingested(blueprint("price_movement"), wide(), tmp_path)


def test_other_columns_without_numbers_are_bad_rows_that_are_told(tmp_path: Path) -> None:
    noted = wide().append_column("remark", pa.array(["fine"] * len(DAYS)))
    dataset = ingested(WIDE, noted, tmp_path)
    assert dataset.manifest["rows"] == len(DAYS) * len(PRICES)
    assert "fine" in str(pq.read_table(f"{dataset.uri}/quarantine.parquet").to_pylist()[0])


MONTHS = [f"{month:02}.{year}" for year in (2022, 2023) for month in range(1, 13)]
DEMAND = blueprint("product_demand", {"period": "month"})


def by_month() -> pa.Table:
    sold = {name: [float(place), 10.0 + place] for place, name in enumerate(MONTHS)}
    return pa.table({"Product": ["a", "b"], "Region": ["n", "s"], **sold})


def test_columns_that_are_named_by_dates_are_read_as_periods(tmp_path: Path) -> None:
    found = ingested(DEMAND, by_month(), tmp_path)
    assert found.manifest["rows"] == 2 * len(MONTHS)
    rows = found.read_owner("b")
    assert rows.numbers["units"].tolist() == [10.0 + place for place in range(len(MONTHS))]
    first = np.datetime64(int(rows.times[0]), "us")
    assert str(first)[:10] == "2022-01-01"


@pytest.mark.parametrize(
    "columns",
    [
        ["Product", *MONTHS[:5]],  # hardly any
        ["Product", "date", *MONTHS],  # a row has a time of its own
        ["Product", "units", *MONTHS],
        ["Product", *map(str, range(2000, 2024))],  # years may be anything
    ],
)
def test_columns_of_other_names_are_not(columns: list[str]) -> None:
    assert stack_of(DEMAND, columns, {}) is None


def test_a_row_of_dates_is_one_where_no_series_is_forecast() -> None:
    assert stack_of(blueprint("customer_churn"), ["customer_id", *MONTHS], {}) is None


def test_a_table_with_a_column_for_each_month_is_suggested_as_a_forecast() -> None:
    found = analyze_samples([sample_table(by_month(), "demand.csv")]).suggestions[0]
    assert found.name == "product_demand period=month"
    assert dict(found.ask) == {"units": ("units",)}
    assert "24 columns ('01.2022', '02.2022', '03.2022', ...) are read as units" in found.reason
