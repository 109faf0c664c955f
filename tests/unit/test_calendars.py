"""Numbered columns whose dates stand in a calendar beside them are read as days of series."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.in_process import ingested
from tracer_ray.analysis.preparation import prepare
from tracer_ray.analysis.report import analyze_samples
from tracer_ray.analysis.samples import sample_files
from tracer_ray.archive import blueprint
from tracer_ray.data.calendars import calendars_of
from tracer_ray.data.side_by_side import stacked_files
from tracer_ray.data.sources import find_files

DEMAND = blueprint("product_demand")
DAYS = [date(2024, 1, 1) + timedelta(days=each) for each in range(60)]
ITEMS = ["apples", "pears", "plums"]
SOLD = {item: [(7 * place + day) % 11 for day in range(60)] for place, item in enumerate(ITEMS)}
WIDE = pa.table(
    {"item_id": ITEMS} | {f"d_{day + 1}": [SOLD[item][day] for item in ITEMS] for day in range(60)}
)
CALENDAR = pa.table(
    {
        "date": DAYS,
        "weekday": [f"{day:%A}" for day in DAYS],
        "d": [f"d_{day + 1}" for day in range(60)],
    }
)


def test_the_dataset_is_that_of_a_row_for_each_day(tmp_path: Path) -> None:
    rows = [(item, day, SOLD[item][n]) for item in ITEMS for n, day in enumerate(DAYS)]
    names = ("item_id", "date", "units")
    long = pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})
    alone = ingested(DEMAND, long, tmp_path / "long")
    beside = ingested(DEMAND, WIDE, tmp_path / "wide", beside={"calendar": CALENDAR})
    assert beside.uri.rpartition("/")[2] == alone.uri.rpartition("/")[2]


@pytest.mark.parametrize(
    "calendar",
    [
        CALENDAR.slice(0, 50),  # days without a date
        CALENDAR.drop_columns(["date"]),
        CALENDAR.append_column("last_year", pa.array(DAYS)),  # which of both?
    ],
    ids=["short", "dateless", "two-dates"],
)
def test_a_file_that_does_not_date_all_columns_in_one_way_is_no_calendar(
    calendar: pa.Table, tmp_path: Path
) -> None:
    for name, table in (("wide", WIDE), ("calendar", calendar)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    assert calendars_of(find_files([str(tmp_path)])) == {}


def test_of_many_files_of_one_kind_each_has_the_calendar(tmp_path: Path) -> None:
    for name in ("north", "south"):
        pq.write_table(WIDE, tmp_path / f"{name}.parquet")
    pq.write_table(CALENDAR, tmp_path / "calendar.parquet")
    files = stacked_files(DEMAND, find_files([str(tmp_path)]), {})
    names = [file.uri.rpartition("/")[2] for file in files]
    assert names == ["north.parquet", "south.parquet"]
    assert all(file.stack and file.stack.labels[0] == "2024-01-01" for file in files)


def test_both_files_are_suggested_and_read_together(tmp_path: Path) -> None:
    files = [str(tmp_path / f"{name}.parquet") for name in ("sales", "calendar")]
    pq.write_table(WIDE, files[0])
    pq.write_table(CALENDAR, files[1])
    first = analyze_samples(sample_files(files)).suggestions[0]
    assert first.blueprint == "product_demand"
    assert all(file in first.next_command for file in files)
    told = {"units": "units"}
    assert prepare(DEMAND, files, told, ()).sources == tuple(files)
