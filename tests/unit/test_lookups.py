"""Columns of another file: outcomes apart from their rows, and dates of the orders of payments."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from tests.in_process import ingested
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.lookup_search import Match, Table, find_matches
from tracer_ray.data.lookups import with_lookup
from tracer_ray.data.sources import Part, find_files, read_part
from tracer_ray.errors import DataError
from tracer_ray.synthetic import customers

CHURN = blueprint("customer_churn")
REVENUE = blueprint("revenue_forecast")
DAYS = [date(2024, 1, 1) + timedelta(days=each) for each in range(40)]


def table(*columns: str, rows: int = 1) -> Table:
    """Forty keys, of which each has so many rows; every column holds the keys."""
    keys = pa.chunked_array([[str(each) for each in range(40) for _ in range(rows)]])
    return Table(columns, lambda _: keys, {})


def find_match(blueprint: Blueprint, tables: list[Table], told: dict[str, str]) -> Match | None:
    return next(iter(find_matches(blueprint, tables, told)), None)


def measured(known: Table) -> Table:
    """The table whose columns are measures, but for those that are named ids."""
    weights = pa.chunked_array([[each + 0.5 for each in range(40)]])
    keys = known.first_rows("")
    return replace(known, first_rows=lambda name: keys if name.endswith("id") else weights)


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
    orders = table("order_id", "order_date", "customer_count")
    paid = table("order_id", "revenue", rows=3)
    assert find_match(REVENUE, [paid, orders], {}) == Match(
        0, 1, "order_id", "order_id", ("order_date",)
    )


def test_an_amount_of_an_order_is_not_that_of_each_of_its_lines() -> None:
    lines = table("order_id", "order_date", "sku", rows=3)
    assert find_match(REVENUE, [lines, table("order_id", "revenue")], {}) is None
    once = table("order_id", "order_date", "sku")
    assert find_match(REVENUE, [once, table("order_id", "revenue")], {})


def test_labels_are_those_of_rows_that_have_one_each() -> None:
    labels, log = table("customer_id", "churn"), table("customer_id", "plan", "tenure", rows=3)
    assert find_match(CHURN, [log, labels], {}) is None
    found = find_match(CHURN, [log, labels, table("customer_id", "age")], {})
    assert found == Match(2, 1, "customer_id", "customer_id", ("churn",))


def test_a_name_that_any_table_has_joins_labels_and_nothing_else() -> None:
    told = {"customer_id": "id"}
    assert find_match(REVENUE, [table("id", "revenue", rows=2), table("id", "order_date")], {}) is (
        None
    )
    found = find_match(CHURN, [table("id", "tenure", "plan"), table("id", "churn")], told)
    assert found == Match(0, 1, "id", "id", ("churn",))


def test_nothing_is_looked_up_for_a_file_that_has_all_that_is_needed() -> None:
    tables = [table("customer_id", "churn", "tenure"), table("customer_id", "plan")]
    assert find_match(CHURN, tables, {}) is None


def test_nothing_is_looked_up_by_a_measure_or_by_keys_that_do_not_meet() -> None:
    orders = table("shipping", "order_id", "order_date")
    paid = table("shipping", "order_id", "revenue", rows=2)
    by_id = find_match(REVENUE, [paid, measured(orders)], {})
    assert by_id
    assert by_id.key == "order_id"
    others = replace(orders, first_rows=lambda _: pa.chunked_array([["x", "y", "z"]]))
    assert find_match(REVENUE, [table("order_id", "revenue", rows=2), others], {}) is None


def test_rows_in_files_of_different_columns_all_have_their_labels(
    wide: pa.Table, tmp_path: Path
) -> None:
    rows, labels = parted(wide)
    tables = {
        "first": rows.slice(0, 120),
        "second": rows.slice(120).append_column("region", pa.array(["north"] * 80)),
        "labels": labels,
    }
    for name, part in tables.items():
        pq.write_table(part, tmp_path / f"{name}.parquet")
    files = with_lookup(CHURN, find_files([str(tmp_path)]), {})
    assert [bool(each.lookups) for each in files] == [True, True]


def test_of_two_files_that_would_do_alike_none_is_taken() -> None:
    paid = table("order_id", "revenue", rows=2)
    made, sent = table("order_id", "order_date"), table("order_id", "sales_date")
    assert find_match(REVENUE, [paid, made], {})
    assert find_match(REVENUE, [paid, made, sent], {}) is None


def test_who_is_not_in_the_other_file_is_not_taken_for_one_who_stayed() -> None:
    tables = [table("customer_id", "tenure", "plan"), table("customer_id", "churn_date")]
    assert find_match(CHURN, tables, {}) is None


def test_a_file_without_rows_is_no_other_one(wide: pa.Table, tmp_path: Path) -> None:
    rows, _ = parted(wide)
    pq.write_table(rows, tmp_path / "customers.parquet")
    (tmp_path / "labels.csv").write_text("customer_id,churn\n")
    files = find_files([str(tmp_path)])
    assert with_lookup(CHURN, files, {}) == files


def test_labels_that_have_changed_are_read_again(wide: pa.Table, tmp_path: Path) -> None:
    _, labels = parted(wide)
    first = joined(wide, labels, tmp_path)["churn"].to_pylist()
    other = {"Yes": "No", "No": "Yes"}
    turned = pa.array([other[each] for each in labels["churn"].to_pylist()])
    second = joined(wide, labels.set_column(1, "churn", turned), tmp_path)["churn"].to_pylist()
    assert second == [other[each] for each in first]


def test_a_broken_line_of_the_other_file_is_refused(wide: pa.Table, tmp_path: Path) -> None:
    rows, labels = parted(wide)
    pq.write_table(rows, tmp_path / "customers.parquet")
    pc_csv.write_csv(labels, tmp_path / "labels.csv")
    with (tmp_path / "labels.csv").open("a") as file:
        file.write("c1,Yes,extra\n")
    (file_of_rows,) = with_lookup(CHURN, find_files([str(tmp_path)]), {})
    with pytest.raises(DataError, match=r"labels\.csv: a line has too many or too few.*c1,Yes,ex"):
        list(read_part(Part.whole(file_of_rows), file_of_rows.columns))
