"""Columns of another file: outcomes apart from their rows, and dates of the orders of payments."""

from datetime import date, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.in_process import ingested
from tracer_ray.archive import blueprint
from tracer_ray.data.lookups import Match, find_match, with_lookup
from tracer_ray.data.sources import Part, find_files, read_part
from tracer_ray.errors import DataError
from tracer_ray.synthetic import customers

CHURN = blueprint("customer_churn")
DEMAND = blueprint("product_demand")
REVENUE = blueprint("revenue_forecast")
DAYS = [date(2024, 1, 1) + timedelta(days=each) for each in range(40)]


def anything_is_a_key(table: int, name: str) -> bool:
    return True


@pytest.fixture
def wide() -> pa.Table:
    return customers(n=200, seed=3).rows


def parted(wide: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Customers without their outcome, and the outcomes in another order."""
    labels = wide.select(["customer_id", "churn"]).take(list(range(199, -1, -1)))
    return wide.drop_columns(["churn"]), labels


def test_outcomes_in_a_file_of_their_own_make_the_dataset_of_one_file(
    wide: pa.Table, tmp_path: Path
) -> None:
    rows, labels = parted(wide)
    alone = ingested(CHURN, wide, tmp_path / "alone")
    beside = ingested(CHURN, rows, tmp_path / "beside", beside={"labels": labels})
    assert beside.uri.rpartition("/")[2] == alone.uri.rpartition("/")[2]
    names = {
        key: [each.rpartition("/")[2] for each in cast(list[str], beside.manifest[key])]
        for key in ("files", "files_looked_up")
    }
    assert names == {"files": ["raw.parquet"], "files_looked_up": ["labels.parquet"]}
    note = "it has churn of labels.parquet, by customer_id"
    assert note in cast(list[str], beside.manifest["notes"])[0]


def test_rows_without_an_outcome_in_the_other_file_are_kept_without_one(
    wide: pa.Table, tmp_path: Path
) -> None:
    rows, labels = parted(wide)
    found = ingested(CHURN, rows, tmp_path, buckets=1, beside={"labels": labels.slice(0, 150)})
    assert found.manifest["rows"] == 200
    assert np.isnan(found.read_bucket(0).numbers["churned"]).sum() == 50


def joined(wide: pa.Table, labels: pa.Table, folder: Path) -> pa.Table:
    """The customers as they are read beside labels of several row groups."""
    pq.write_table(parted(wide)[0], folder / "customers.parquet")
    pq.write_table(labels, folder / "labels.parquet", row_group_size=100)
    (file,) = with_lookup(CHURN, find_files([str(folder)]), {})
    (chunk,) = read_part(Part(file, 0, 0, file.rows), file.columns)
    return chunk.table


def test_an_outcome_that_is_told_twice_is_told_once(wide: pa.Table, tmp_path: Path) -> None:
    _, labels = parted(wide)
    again = pa.concat_tables([labels, labels.slice(0, 7)])
    assert joined(wide, again, tmp_path)["churn"].to_pylist() == wide["churn"].to_pylist()


def test_outcomes_that_contradict_each_other_are_refused_by_their_key(
    wide: pa.Table, tmp_path: Path
) -> None:
    _, labels = parted(wide)
    said, key = labels["churn"][0].as_py(), labels["customer_id"][0].as_py()
    other = next(each for each in labels["churn"].to_pylist() if each != said)
    more = pa.table({"customer_id": [key], "churn": pa.array([other], labels["churn"].type)})
    with pytest.raises(DataError, match=f"labels.parquet: customer_id '{key}' stands in several"):
        joined(wide, pa.concat_tables([labels, more.cast(labels.schema)]), tmp_path)


def test_a_date_is_looked_up_by_the_number_of_the_order(tmp_path: Path) -> None:
    orders = pa.table({"order_id": list(range(40)), "order_date": DAYS})
    payments = pa.table(
        {"order_id": [*range(40), *range(40)], "payment_value": [float(n) for n in range(80)]}
    )
    found = ingested(REVENUE, payments, tmp_path, buckets=1, beside={"orders": orders})
    assert found.read_bucket(0).numbers["revenue"].tolist() == [40.0 + 2 * n for n in range(40)]


def test_what_is_merely_useful_is_not_looked_up() -> None:
    orders = ("order_id", "order_date", "customer_count")
    paid = ("order_id", "revenue")
    found = find_match(REVENUE, [paid, orders], lambda table, _: table == 1, {})
    assert found == Match(0, 1, "order_id", "order_id", ("order_date",))


def test_a_name_that_any_table_has_joins_labels_and_nothing_else() -> None:
    tables = [("id", "revenue"), ("id", "order_date", "status")]
    assert find_match(REVENUE, tables, anything_is_a_key, {}) is None
    labelled = [("id", "tenure", "plan"), ("id", "churn")]
    found = find_match(CHURN, labelled, anything_is_a_key, {"customer_id": "id"})
    assert found == Match(0, 1, "id", "id", ("churn",))


def test_nothing_is_looked_up_for_a_file_that_has_all_that_is_needed() -> None:
    tables = [("customer_id", "churn", "tenure"), ("customer_id", "plan")]
    assert find_match(CHURN, tables, anything_is_a_key, {}) is None


def test_nothing_is_looked_up_where_several_rows_have_the_key() -> None:
    tables = [("order_id", "revenue"), ("order_id", "order_date")]
    found = find_match(REVENUE, tables, lambda table, _: table == 0, {})
    assert found == Match(1, 0, "order_id", "order_id", ("revenue",))


def test_of_two_ways_the_one_with_fewer_columns_is_taken() -> None:
    sold = ("item_no", "product_id", "units")
    found = find_match(DEMAND, [("item_no", "date"), sold], anything_is_a_key, {})
    assert found is not None
    assert (found.rows, found.columns) == (1, ("date",))
