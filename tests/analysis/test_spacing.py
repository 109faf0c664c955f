"""Rows that stand for weeks or months: they are told, and forecast as such."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pytest

from tracer_ray.analysis.preparation import prepare
from tracer_ray.analysis.report import analyze_samples
from tracer_ray.analysis.samples import sample_table
from tracer_ray.archive import blueprint
from tracer_ray.errors import SchemaError

MONTHS = [str(date(2018 + month // 12, month % 12 + 1, 1)) for month in range(72)]


def monthly(**columns: object) -> pa.Table:
    return pa.table({"month": MONTHS, **columns})


def test_a_row_a_month_is_forecast_by_months() -> None:
    (found, *_) = analyze_samples([sample_table(monthly(units=range(72)), "units.csv")]).suggestions
    assert (found.blueprint, found.settings) == ("product_demand", {"period": "month"})
    assert found.problems == ()


@pytest.mark.parametrize("written", ["date", "ISO week"])
def test_a_row_a_week_is_forecast_by_weeks(written: str) -> None:
    fridays = [date(2021, 1, 1) + timedelta(weeks=week) for week in range(72)]
    weeks = [f"{day:%G-W%V}" if written == "ISO week" else str(day) for day in fridays]
    table = pa.table({"week": weeks, "units": range(72)})
    (found, *_) = analyze_samples([sample_table(table, "units.csv")]).suggestions
    assert (found.blueprint, found.settings) == ("product_demand", {"period": "week"})
    assert found.problems == ()


def test_days_of_weeks_far_apart_are_days() -> None:
    days = [str(date(2021, 1, 1) + timedelta(days=50 * place)) for place in range(40)]
    few = pa.table({"date": days, "units": range(40)})
    (found, *_) = analyze_samples([sample_table(few, "units.csv")]).suggestions
    assert found.settings == {}


def test_days_a_week_apart_may_be_deployed_as_days(tmp_path: Path) -> None:
    saturdays = [str(date(2024, 1, 6) + timedelta(weeks=week)) for week in range(80)]
    pc_csv.write_csv(pa.table({"date": saturdays, "units": range(80)}), tmp_path / "market.csv")
    assert prepare(blueprint("product_demand"), [str(tmp_path)], {}, ()).sources


def test_a_column_for_each_product_may_have_months_too() -> None:
    rng = np.random.default_rng(0)
    table = monthly(**{name: rng.integers(5, 90, 72) for name in ("bolts", "nuts", "nails")})
    found = analyze_samples([sample_table(table, "units_sold.csv")]).suggestions
    wide = next(each for each in found if each.blueprint == "product_demand")
    assert wide.settings == {"layout": "columns", "period": "month"}


def test_days_that_miss_some_are_days() -> None:
    few = pa.table({"date": [*MONTHS[:-1], f"{MONTHS[-2][:8]}02"], "units": range(72)})
    (found, *_) = analyze_samples([sample_table(few, "units.csv")]).suggestions
    assert found.settings == {}


def test_deploying_months_as_days_says_what_to_type(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    pc_csv.write_csv(monthly(units=range(72)), file)
    with pytest.raises(SchemaError, match=r"'month' has a row a month: .*`--set period=month`"):
        prepare(blueprint("product_demand"), [str(file)], {}, ())
    ready = prepare(blueprint("product_demand", {"period": "month"}), [str(file)], {}, ())
    assert ready.sources == (str(file),)
