"""Dates that begin with the day or the month are read where the data tell which."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from blueprints.product_demand import PRODUCT_DEMAND
from tracer_ray.blueprint import DateOrder, Kind
from tracer_ray.data.date_orders import date_order, read_times, with_date_orders
from tracer_ray.data.in_process import ingest_in_process
from tracer_ray.data.sources import find_files
from tracer_ray.data.values import parse


@pytest.mark.parametrize(
    ("given", "order", "meant"),
    [
        ("3/4/2024", DateOrder.DAY_FIRST, date(2024, 4, 3)),
        ("3/4/2024 9:05", DateOrder.MONTH_FIRST, date(2024, 3, 4)),
        ("03.04.2024", DateOrder.DAY_FIRST, date(2024, 4, 3)),
        ("3/4/68", DateOrder.MONTH_FIRST, date(2068, 3, 4)),
        ("3/4/69", DateOrder.MONTH_FIRST, date(1969, 3, 4)),
        ("2024-04-03", DateOrder.DAY_FIRST, date(2024, 4, 3)),
    ],
)
def test_a_date_is_read_in_the_order_of_its_column(
    given: str, order: DateOrder, meant: date
) -> None:
    (read,) = parse(pa.array([given]), Kind.TIME, order).values.to_pylist()
    assert read.date() == meant


@pytest.mark.parametrize(
    "given", ["2024-04", "April 2024", "Apr-2024", "apr. 2024", "2024 Apr", "04/2024", "2024M04"]
)
def test_a_month_alone_is_its_first_day(given: str) -> None:
    (read,) = parse(pa.array([given]), Kind.TIME).values.to_pylist()
    assert read == datetime(2024, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "given", ["2015-16", "2024-4", "2024/04", "2024-00", "Spring 2024", "April"]
)
def test_what_names_no_month_of_a_year_is_no_time(given: str) -> None:
    assert parse(pa.array([given]), Kind.TIME).is_bad.tolist() == [True]


@pytest.mark.parametrize(
    "given",
    [
        "2024/4/3 21:05",
        "2024.04.03 9:05 PM",
        "2024-4-3 21:05:00",
        "3-Apr-2024 9:05pm",
        "3 April 2024, 21:05",
        "Apr. 3, 2024 9:05:00 PM",
    ],
)
def test_a_date_that_can_be_meant_in_one_way_only_needs_no_order(given: str) -> None:
    (read,) = parse(pa.array([given]), Kind.TIME).values.to_pylist()
    assert read == datetime(2024, 4, 3, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "hour"), [("12:30 AM", 0), ("1:30 am", 1), ("12:30 PM", 12), ("11:30PM", 23)]
)
def test_half_days_are_told_apart(clock: str, hour: int) -> None:
    (read,) = parse(pa.array([f"4/3/2024 {clock}"]), Kind.TIME, DateOrder.MONTH_FIRST).values
    assert read.as_py() == datetime(2024, 4, 3, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        "31/04/2024",
        "13/13/2024",
        "17-11-14",
        "1.2.10",
        "3/4-2024",
        "2024/02/30",
        "3/4/2024 13:00 PM",
        "3 Marble 2024",
    ],
)
def test_what_is_no_date_in_that_order_is_bad(given: str) -> None:
    assert parse(pa.array([given]), Kind.TIME, DateOrder.DAY_FIRST).is_bad.tolist() == [True]


def test_dates_that_contradict_each_other_have_no_order() -> None:
    values = pa.chunked_array([["31/01/2024", "01/31/2024"]])
    assert date_order(values) is DateOrder.YEAR_FIRST


def test_dates_with_dots_begin_with_the_day_and_no_date_tells_nothing() -> None:
    assert date_order(pa.chunked_array([["01.02.2024", "3. 4.2024"]])) is DateOrder.DAY_FIRST
    assert date_order(pa.chunked_array([["01.02.2024", "01.31.2024"]])) is DateOrder.MONTH_FIRST
    assert date_order(pa.chunked_array([["01.02.2024", "01/02/2024"]])) is None
    assert date_order(pa.chunked_array([pa.array([None, ""], pa.string())])) is None


def test_text_that_is_kept_as_a_dictionary_tells_its_order_too() -> None:
    values = pa.chunked_array([pa.array(["01/02/2024", "01/31/2024"]).dictionary_encode()])
    assert date_order(values) is DateOrder.MONTH_FIRST


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_order_is_looked_for_until_a_file_tells(ending: str, tmp_path: Path) -> None:
    for name, text in (("a", "01/02/2024"), ("b", "25/02/2024")):
        table = pa.table({"date": [text], "product": ["p"], "units": [1]})
        if ending == "csv":
            pc_csv.write_csv(table, tmp_path / f"{name}.csv")
        else:
            pq.write_table(table, tmp_path / f"{name}.parquet")
    known = with_date_orders(PRODUCT_DEMAND, find_files([str(tmp_path)]), {})
    assert known.time is not None
    assert known.time.date_order is DateOrder.DAY_FIRST


def test_a_dataset_knows_the_order_so_that_later_rows_are_read_alike(tmp_path: Path) -> None:
    days = [f"{month}/{day}/2023" for month in range(1, 13) for day in range(1, 29)]
    rows = pa.table({"date": days, "product": ["p"] * len(days), "units": range(len(days))})
    dataset = ingest_in_process(PRODUCT_DEMAND, {"rows": rows}, str(tmp_path))
    time = dataset.blueprint.time
    assert time is not None
    assert time.date_order is DateOrder.MONTH_FIRST
    assert dataset.manifest["quarantined"] == {}


def test_first_days_of_months_tell_their_order_over_two_years() -> None:
    years = [f"{month}/1/{year}" for year in (2021, 2022) for month in range(1, 13)]
    assert date_order(pa.chunked_array([years])) is DateOrder.MONTH_FIRST
    one = [each for each in years if each.endswith("2021")]
    assert date_order(pa.chunked_array([one])) is None  # twelve days of January, or months


def test_a_year_of_two_digits_stands_behind_dots() -> None:
    given = pa.chunked_array([[f"{day:02}.01.24" for day in range(1, 32)]])
    assert date_order(given) is DateOrder.DAY_FIRST
    read = parse(given, Kind.TIME, DateOrder.DAY_FIRST).values.to_pylist()
    assert [each.date().isoformat() for each in read][::30] == ["2024-01-01", "2024-01-31"]


@pytest.mark.parametrize(
    "given",
    [
        ["31.01.24", "01.02.24"],  # too few to tell
        [f"24.01.{day:02}" for day in range(1, 32)],
        ["24.01.31", "24.02.15", "24.03.05", "24.12.01"],
    ],
)
def test_a_year_of_two_digits_that_may_stand_before_dots_is_not_guessed(given: list[str]) -> None:
    assert date_order(pa.chunked_array([given])) is None
    assert read_times(pa.chunked_array([given])).is_bad.all()


def test_years_of_two_digits_after_dashes_are_read_where_the_column_ends_with_them() -> None:
    days = [f"{day:02}-01-{year}" for year in (23, 24) for day in range(1, 32)]
    order = date_order(pa.chunked_array([days]))
    assert order is DateOrder.DAY_TO_SHORT_YEAR
    (read,) = parse(pa.array(["31-01-24"]), Kind.TIME, order).values.to_pylist()
    assert read == datetime(2024, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "days",
    [
        [f"{year:02}-{month:02}-01" for year in range(8, 25) for month in range(1, 13)],
        [f"{year:02}-03-31" for year in range(8, 25)],
        [
            f"{first}-{second}-{last}"
            for first in range(10, 25)
            for second in (10, 11)
            for last in (10, 20, 30)
        ],
    ],
    ids=["first-days", "last-days", "codes"],
)
def test_dates_that_may_begin_with_the_year_have_no_order(days: list[str]) -> None:
    assert date_order(pa.chunked_array([days])) is None
