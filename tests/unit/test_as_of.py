"""Rows joined with events, or made of them, as of a time; whatever comes later is unknown."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.in_process import ingested
from tracer_ray.archive import blueprint
from tracer_ray.data.as_of.joining import gather_events
from tracer_ray.data.as_of.sources import sort_out
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.sources import SourceFile, find_files
from tracer_ray.errors import BlueprintError, QualityError, SchemaError
from tracer_ray.rows import Rows
from tracer_ray.synthetic import purchases

INACTIVE = blueprint("customer_churn", {"churn_definition": "no_activity_30_days"})
CANCELLED = blueprint("customer_churn")
NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)


def customers() -> pa.Table:
    """Six customers, each looked at on two days."""
    rows = [(f"c{i}", NOON + timedelta(days=30 * month)) for i in range(6) for month in range(2)]
    return pa.table(
        {
            "CustID": [who for who, _ in rows],
            "as_of": pa.array([when for _, when in rows]),
            "churn": ["Yes" if place % 3 else "No" for place in range(len(rows))],
            "tenure": list(range(len(rows))),
        }
    )


def tickets(*days: float) -> pa.Table:
    """A ticket of the first customer so many days after noon, and one of all others long before."""
    opened = [*(NOON + timedelta(days=day) for day in days), *[NOON - timedelta(days=400)] * 10]
    who = ["c0"] * len(days) + [f"c{number % 5 + 1}" for number in range(10)]
    return pa.table(
        {
            "customer_id": who,
            "Opened At": pa.array(opened),
            "minutes": [*(10.0 + place for place in range(len(days))), *[5.0] * 10],
            "ticket_id": [9000 + place for place in range(len(who))],
        }
    )


def rows_of(dataset: Dataset) -> Rows:
    (rows,) = (
        each for number in range(dataset.buckets) if len(each := dataset.read_bucket(number))
    )
    return rows


def joined(home: Path, *days: float) -> Rows:
    return rows_of(ingested(CANCELLED, customers(), home, beside={"tickets": tickets(*days)}))


def of_first(rows: Rows, column: str) -> list[float]:
    """The values of the first customer, in order of time."""
    found: list[float] = rows.numbers[column][rows.keys == "c0"].tolist()
    return found


def test_related_events_are_counted_as_of_each_row(tmp_path: Path) -> None:
    rows = joined(tmp_path, -5.0, 0.0, 1.0, 29.0)
    assert of_first(rows, "tickets_count_30d") == [2.0, 2.0]  # the one at noon is known at noon
    assert of_first(rows, "tickets_days_since_last") == [0.0, 1.0]
    assert of_first(rows, "tickets_minutes_sum_365d") == [21.0, 46.0]
    assert "tickets_ticket_id_mean" not in rows.numbers  # somebody's number is no amount
    assert (rows.numbers["tickets_count_365d"][rows.keys != "c0"] == 0.0).all()


def test_what_happens_after_a_row_is_unknown_to_it(tmp_path: Path) -> None:
    before = joined(tmp_path / "a", -5.0, 0.0)
    after = joined(tmp_path / "b", -5.0, 0.0, 30.1, 55.0, 300.0)
    for name in before.numbers:
        np.testing.assert_array_equal(before.numbers[name], after.numbers[name], name)


def test_what_was_joined_is_declared_and_described(tmp_path: Path) -> None:
    dataset = ingested(CANCELLED, customers(), tmp_path, beside={"tickets": tickets(0.0)})
    (events,) = dataset.blueprint.events
    assert events.time.aliases == ("Opened At",)
    column = dataset.blueprint.column("tickets_count_30d")
    assert column.description == "number of rows of tickets in the last 30 days"
    assert "log_tickets_count_30d" in {each.name for each in dataset.blueprint.features}
    assert "11 events of tickets" in str(dataset.manifest["notes"])


def test_later_data_are_joined_by_what_the_dataset_s_blueprint_declares(tmp_path: Path) -> None:
    first = ingested(CANCELLED, customers(), tmp_path / "a", beside={"tickets": tickets(0.0)})
    again = ingested(
        first.blueprint, customers(), tmp_path / "b", beside={"new_tickets": tickets(0.0)}
    )
    assert of_first(rows_of(again), "tickets_count_90d") == [1.0, 1.0]
    alone = ingested(first.blueprint, customers(), tmp_path / "c")
    assert alone.blueprint.events == ()


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        (tickets(0.0).slice(0, 6), "one row per customer_id, and what it says may have come later"),
        (tickets(0.0).drop_columns(["Opened At"]), "no column of times"),
        (
            tickets(0.0).append_column("closed", tickets(0.0)["Opened At"]),
            r"several times \(Opened At, closed\); say --map tickets.date=COLUMN",
        ),
        (tickets(0.0).drop_columns(["customer_id"]), "it has no customer_id"),
    ],
)
def test_what_can_t_be_joined_says_why(tmp_path: Path, beside: pa.Table, reason: str) -> None:
    dataset = ingested(CANCELLED, customers(), tmp_path, beside={"tickets": beside})
    assert re.search(f"tickets.parquet is not joined: .*{reason}", str(dataset.manifest["notes"]))


def files(home: Path, table: pa.Table) -> tuple[SourceFile, ...]:
    pq.write_table(table, home / "visits.parquet")
    return find_files([str(home / "visits.parquet")])


def test_the_columns_of_activity_can_be_told(tmp_path: Path) -> None:
    table = pa.table({"who": ["a", "b"], "moment": [NOON, NOON], "amount": [1.0, 2.0]})
    told = {"customer_id": "who", "date": "moment"}
    (found,) = sort_out(INACTIVE, files(tmp_path, table), told).events
    assert "moment" in found.events.time.aliases
    with pytest.raises(SchemaError, match="no file of activity with customer_id"):
        sort_out(INACTIVE, files(tmp_path, table), {})


def test_events_that_can_t_be_read_are_counted_and_nobody_s_are_left_out(tmp_path: Path) -> None:
    table = pa.table(
        {"customer_id": ["a", None, "b"], "date": ["2024-01-01", "2024-01-02", "soon"]}
    )
    (found,) = sort_out(INACTIVE, files(tmp_path, table), {}).events
    read = gather_events(found, str(tmp_path))
    assert (read.tally.rows, read.tally.quarantined) == (3, 1)
    assert "1 are nobody's" in read.note
    read.refuse_low_quality(0.34)
    with pytest.raises(QualityError, match="date is not a date"):
        read.refuse_low_quality(0.33)


def test_rows_are_made_of_activity_and_censored_ones_are_counted(tmp_path: Path) -> None:
    dataset = ingested(INACTIVE, purchases(customers=60, days=200, seed=1).rows, tmp_path)
    rows = rows_of(dataset)
    last = rows.times.max()
    is_now = rows.times == last
    assert np.isnan(rows.numbers["churned"][is_now]).all()
    assert np.isfinite(rows.numbers["churned"][~is_now]).all()
    assert (rows.numbers["activity_count_30d"] > 0.0).all()
    gone, unknown = cast(dict[str, int], dataset.manifest["excluded"]).values()
    assert gone > 0
    assert unknown > 0


def test_events_must_become_declared_columns() -> None:
    with pytest.raises(BlueprintError, match="events 'activity' become 'activity_count_30d'"):
        replace(INACTIVE, columns=CANCELLED.columns, features=CANCELLED.features)


def test_rows_without_a_time_are_joined_with_nothing(tmp_path: Path) -> None:
    undated = customers().drop_columns(["as_of"]).slice(0, 5)
    dataset = ingested(CANCELLED, undated, tmp_path, beside={"tickets": tickets(0.0)})
    assert dataset.blueprint.events == ()
    assert "tickets.parquet is not joined: the rows have no as_of" in str(dataset.manifest["notes"])
