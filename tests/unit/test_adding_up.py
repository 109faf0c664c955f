"""Sales become a series of days or months: what is added, averaged or kept, and what is a copy."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from blueprints.cash_flow_forecast import CASH_FLOW_FORECAST
from blueprints.gas_price_forecast import GAS_PRICE_FORECAST
from blueprints.revenue_forecast import REVENUE_FORECAST
from blueprints.support_volume import SUPPORT_VOLUME
from tests.in_process import ingested
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.matching import match
from tracer_ray.data.schema import normalise
from tracer_ray.errors import BlueprintError, DataError
from tracer_ray.feature_program.row_features import calendar_part

JUNE_1 = datetime(2024, 6, 1, tzinfo=UTC)


def sales(**columns: list[object]) -> pa.Table:
    times = [JUNE_1.replace(hour=h) for h in (9, 12, 23)] + [datetime(2024, 6, 2, tzinfo=UTC)]
    return pa.table({"date": times, "amount": [10.0, 5.5, -2.0, 7.0], **columns})


def test_sales_of_one_day_are_added_up_and_refunds_are_taken_off(tmp_path: Path) -> None:
    rows = ingested(REVENUE_FORECAST, sales(), tmp_path).read_owner("")
    assert rows.numbers["revenue"].tolist() == [13.5, 7.0]
    assert rows.keys.tolist() == ["@2024-06-01T00:00:00.000000Z", "@2024-06-02T00:00:00.000000Z"]


def test_stores_keep_their_own_days(tmp_path: Path) -> None:
    table = sales(store=["a", "b", "a", "a"])
    dataset = ingested(REVENUE_FORECAST, table, tmp_path)
    assert dataset.read_owner("a").numbers["revenue"].tolist() == [8.0, 7.0]
    assert dataset.read_owner("b").numbers["revenue"].tolist() == [5.5]


def test_a_day_holds_its_last_holiday_and_a_promotion_of_any_hour(tmp_path: Path) -> None:
    table = sales(promo=[False, True, False, False], holiday=["none", None, "easter", None])
    rows = ingested(REVENUE_FORECAST, table, tmp_path).read_owner("")
    assert rows.numbers["promotion"].tolist() == [1.0, 0.0]
    assert rows.categories["holiday"].tolist() == ["easter", ""]


def hours() -> pa.Table:
    times = [datetime(2024, 6, 1 + n // 24, n % 24, tzinfo=UTC) for n in range(48)]
    prices = [float(n) for n in range(48)]
    return pa.table({"timestamp": times, "base_fee": prices, "tx_count": [2.0] * 48})


def test_prices_of_one_day_are_averaged_and_its_transactions_added_up(tmp_path: Path) -> None:
    rows = ingested(GAS_PRICE_FORECAST, hours(), tmp_path).read_owner("")
    assert rows.numbers["gas_price"].tolist() == [11.5, 35.5]
    assert rows.numbers["transactions"].tolist() == [48.0, 48.0]


def test_two_prices_of_one_instant_contradict_each_other(tmp_path: Path) -> None:
    chain = hours().append_column("chain", pa.array(["main"] * 48))
    corrected = chain.slice(47, 1).set_column(1, "base_fee", pa.array([100.0]))
    dataset = ingested(GAS_PRICE_FORECAST, pa.concat_tables([chain, corrected]), tmp_path)
    prices = dataset.read_owner("main").numbers["gas_price"]
    assert prices[1] == pytest.approx((sum(range(24, 47)) + 100.0) / 24.0)
    assert sum(cast(dict[str, int], dataset.manifest["quarantined"]).values()) == 1


def test_rows_are_added_up_or_averaged_and_not_both() -> None:
    with pytest.raises(BlueprintError, match="all added up, or some columns are averaged"):
        replace(GAS_PRICE_FORECAST, adds_up=True)
    with pytest.raises(BlueprintError, match="'fee'"):
        replace(GAS_PRICE_FORECAST, averages=("fee",))


def test_equal_sales_of_one_file_are_several_and_a_day_of_refunds_comes_to_0(
    tmp_path: Path,
) -> None:
    table = pa.table({"date": [JUNE_1] * 3, "amount": [4.0, 4.0, 4.0]})
    assert ingested(REVENUE_FORECAST, table, tmp_path).read_owner("").numbers[
        "revenue"
    ].tolist() == [12.0]
    refunds = pa.table({"date": [JUNE_1], "amount": [-4.0]})
    found = ingested(REVENUE_FORECAST, refunds, tmp_path / "refunds").read_owner("")
    assert found.numbers["revenue"].tolist() == pytest.approx([0.0])


def test_a_row_per_ticket_counts_one_and_a_number_of_tickets_comes_first(tmp_path: Path) -> None:
    times = sales()["date"]
    log = pa.table({"created_at": times, "ticket_id": ["a", "b", None, "7"]})
    rows = ingested(SUPPORT_VOLUME, log, tmp_path / "log").read_owner("")
    assert rows.numbers["contacts"].tolist() == [2.0, 1.0]
    told = log.append_column("tickets", pa.array([3, 4, 1, 5]))
    rows = ingested(SUPPORT_VOLUME, told, tmp_path / "told").read_owner("")
    assert rows.numbers["contacts"].tolist() == [8.0, 5.0]


def test_payments_go_in_or_out_by_their_sign_or_by_a_word(tmp_path: Path) -> None:
    table = sales()
    rows = ingested(CASH_FLOW_FORECAST, table, tmp_path / "signed").read_owner("")
    assert rows.numbers["inflow"].tolist() == [15.5, 7.0]
    assert rows.numbers["outflow"].tolist() == [2.0, 0.0]
    told = table.append_column("Type", pa.array(["Credit", "debit", "DEBIT", "credit"]))
    rows = ingested(CASH_FLOW_FORECAST, told, tmp_path / "told").read_owner("")
    assert rows.numbers["inflow"].tolist() == [10.0, 7.0]
    assert rows.numbers["outflow"].tolist() == [7.5, 0.0]


def test_a_payment_that_goes_neither_way_is_bad_with_its_word() -> None:
    table = pa.table({"date": ["2024-06-01"] * 2, "amount": [1, 2], "type": ["credit", "swap"]})
    read = normalise(table, match(CASH_FLOW_FORECAST, table.column_names))
    assert read.good["inflow"].to_pylist() == [1.0]
    assert read.bad["reason"].to_pylist() == [
        "type (inflow) is neither paid in nor paid out: 'swap'"
    ]


def test_only_what_is_summed_by_day_can_be_counted_by_rows() -> None:
    columns = tuple(replace(each, counted_by=("id",)) for each in SUPPORT_VOLUME.columns[:1])
    with pytest.raises(BlueprintError, match="'queue' is counted by rows and is no sum over a day"):
        replace(SUPPORT_VOLUME, columns=(*columns, *SUPPORT_VOLUME.columns[1:]))


def monthly(variant: str = "month") -> Blueprint:
    return blueprint("revenue_forecast", {"period": variant})


def days(first: str, last: str, amount: float = 2.0) -> pa.Table:
    every = np.arange(first, np.datetime64(last) + 1, dtype="datetime64[D]")
    return pa.table({"date": [str(day) for day in every], "amount": [amount] * len(every)})


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2024-01-01", "2024-04-30", [62.0, 58.0, 62.0, 60.0]),
        ("2024-01-04", "2024-04-27", [56.0, 58.0, 62.0, 54.0]),  # three closed days at the ends
        ("2024-01-05", "2024-04-26", [58.0, 62.0]),
    ],
)
def test_a_month_that_is_not_whole_is_left_out_and_told(
    first: str, last: str, months: list[float], tmp_path: Path
) -> None:
    table = days(first, last)
    dataset = ingested(monthly(), table, tmp_path)
    assert dataset.read_owner("").numbers["revenue"].tolist() == months
    lost = len(table) - sum(months) / 2.0
    said = {"of a month that is not whole": int(lost)} if lost else {}
    assert dataset.manifest["excluded"] == said


def test_whole_months_are_those_of_all_stores_and_files(tmp_path: Path) -> None:
    """A store that closed on the tenth has that month whole: the data know the rest of it."""
    longer, shorter = days("2024-01-01", "2024-03-31"), days("2024-01-01", "2024-03-10")
    stores = [
        each.append_column("store", pa.array([name] * len(each)))
        for name, each in (("a", longer), ("b", shorter))
    ]
    dataset = ingested(monthly(), pa.concat_tables(stores), tmp_path)
    assert dataset.read_owner("b").numbers["revenue"].tolist() == [62.0, 58.0, 20.0]


@pytest.mark.parametrize("day", [1, 15, 28])
def test_a_row_a_month_stands_for_its_month_whatever_its_day(day: int, tmp_path: Path) -> None:
    table = pa.table(
        {"date": [f"2024-{month:02}-{day}" for month in (1, 2, 3)], "amount": [1, 2, 3]}
    )
    rows = ingested(monthly(), table, tmp_path).read_owner("")
    assert rows.numbers["revenue"].tolist() == [1.0, 2.0, 3.0]
    assert [str(each)[:10] for each in rows.times.astype("datetime64[us]")] == [
        *("2024-01-01", "2024-02-01", "2024-03-01"),
    ]


def test_weeks_begin_on_monday(tmp_path: Path) -> None:
    rows = ingested(monthly("week"), days("2024-01-01", "2024-01-21"), tmp_path).read_owner("")
    assert rows.numbers["revenue"].tolist() == [14.0] * 3
    assert calendar_part("day_of_week", rows.times).tolist() == [0] * 3


def test_data_without_a_whole_month_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no row is left of 20 .*20 left out \(of a month that is"):
        ingested(monthly(), days("2024-01-05", "2024-01-24"), tmp_path)


def test_planned_days_make_no_month_whole(tmp_path: Path) -> None:
    known = days("2024-01-01", "2024-04-10")
    coming = days("2024-04-11", "2024-04-30")
    coming = coming.set_column(1, "amount", pa.nulls(len(coming), pa.float64()))
    dataset = ingested(monthly(), pa.concat_tables([known, coming]), tmp_path)
    assert dataset.read_owner("").numbers["revenue"].tolist() == [62.0, 58.0, 62.0]


def test_a_correction_or_a_second_reporter_takes_no_month_away(tmp_path: Path) -> None:
    dates = ["2024-01-05", "2024-01-20", "2024-02-05", "2024-02-06", "2024-02-20", "2024-03-05"]
    table = pa.table({"date": dates, "amount": [1.0] * len(dates)})
    rows = ingested(monthly(), table, tmp_path).read_owner("")
    assert rows.numbers["revenue"].tolist() == [2.0, 3.0, 1.0]
