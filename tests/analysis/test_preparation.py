"""What deploy hands to ingest where several files belong together."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tracer_ray.analysis.preparation import prepare
from tracer_ray.analysis.report import analyze_samples
from tracer_ray.analysis.samples import sample_files
from tracer_ray.archive import blueprint
from tracer_ray.errors import SchemaError
from tracer_ray.synthetic import customers

START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    rows = customers(n=300, seed=1).rows
    dates = pa.array([START + timedelta(days=place % 90) for place in range(300)])
    whose = rows["customer_id"].to_pylist()[:50] * 2
    calls = pa.table({"customer_id": whose, "called_at": dates.slice(0, 100)})
    tables = {"customers": rows.append_column("as_of", dates), "calls": calls}
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    return [str(tmp_path / f"{name}.parquet") for name in tables]


def test_a_file_beside_the_rows_is_taken_along(files: list[str]) -> None:
    prepared = prepare(blueprint("customer_churn"), files[::-1], {}, ())
    assert prepared.sources == tuple(files)


def test_another_file_of_rows_is_not(files: list[str], tmp_path: Path) -> None:
    other = str(tmp_path / "others.parquet")
    pq.write_table(pa.table({"customer_id": ["a"], "churn": ["Yes"], "x": [1]}), other)
    assert prepare(blueprint("customer_churn"), [files[0], other], {}, ()).sources == (files[0],)


def test_one_file_of_activity_is_read_by_sure_other_names(tmp_path: Path) -> None:
    played = pa.table({"ID User": ["a", "b"] * 60, "Start Session": ["2024-01-01"] * 120})
    pq.write_table(played, str(tmp_path / "log.parquet"))
    inactive = blueprint("player_churn", {"churn_definition": "no_activity_7_days"})
    prepared = prepare(inactive, [str(tmp_path)], {}, ())
    assert prepared.mapping == {"player_id": "ID User"}
    assert prepared.notes == ("player_id is read from 'ID User'",)


def test_activity_is_left_to_ingest(files: list[str]) -> None:
    inactive = blueprint("customer_churn", {"churn_definition": "no_activity_30_days"})
    prepared = prepare(inactive, files, {"date": "called_at"}, ("x",))
    assert prepared.sources == tuple(files)
    assert (prepared.mapping, prepared.drop) == ({"date": "called_at"}, ("x",))


@pytest.fixture
def apart(tmp_path: Path) -> list[str]:
    """Customers, and who left of them, in files of their own."""
    rows = customers(n=300, seed=1).rows
    tables = {"rows": rows.drop_columns(["churn"]), "labels": rows.select(["customer_id", "churn"])}
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    return [str(tmp_path / f"{name}.parquet") for name in tables]


def test_outcomes_in_another_file_are_taken_along(apart: list[str]) -> None:
    assert prepare(blueprint("customer_churn"), apart[::-1], {}, ()).sources == tuple(apart)


def test_two_files_that_belong_together_are_suggested_as_one(apart: list[str]) -> None:
    first = analyze_samples(sample_files(apart)).suggestions[0]
    assert (first.blueprint, first.is_ready) == ("customer_churn", True)
    assert first.data == "rows.parquet with labels.parquet"
    assert " ".join(apart) in first.next_command


def test_files_without_a_common_key_are_not(apart: list[str]) -> None:
    labels = pq.read_table(apart[1])
    pq.write_table(labels.rename_columns(["other_number", "churn"]), apart[1])
    data = {each.data for each in analyze_samples(sample_files(apart)).suggestions}
    assert data <= {"rows.parquet", "labels.parquet"}


@pytest.fixture
def returned(tmp_path: Path) -> list[str]:
    """Items of orders, and those of them that came back."""
    ids = [f"i{number}" for number in range(400)]
    ordered = [START + timedelta(hours=7 * number) for number in range(400)]
    items = pa.table({"order_item_id": ids, "order_date": ordered, "size": ["S", "M"] * 200})
    back = pa.table({"return_id": list(range(90)), "order_item_id": ids[::4][:90]})
    for name, table in (("items", items), ("returns", back)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    return [str(tmp_path / f"{name}.parquet") for name in ("items", "returns")]


def test_a_file_named_after_the_outcome_is_asked_for(returned: list[str]) -> None:
    first = analyze_samples(sample_files(returned)).suggestions[0]
    assert (first.blueprint, first.ask) == (
        "return_likelihood",
        (("returned", ("in returns.parquet",)),),
    )
    assert "--map 'returned=in returns.parquet'" in first.next_command
    assert all(file in first.next_command for file in returned)
    with pytest.raises(SchemaError, match="no column for returned"):
        prepare(blueprint("return_likelihood"), returned, {}, ())


def test_it_is_read_where_somebody_says_so(returned: list[str]) -> None:
    told = {"returned": "in returns.parquet"}
    prepared = prepare(blueprint("return_likelihood"), returned, told, ())
    assert (prepared.sources, prepared.mapping) == (tuple(returned), told)
    first = analyze_samples(sample_files(returned), told).suggestions[0]
    assert first.is_ready
    assert first.mapping["returned"] == "in returns.parquet"


def test_visits_without_an_order_are_abandoned_if_the_orders_name_visits(tmp_path: Path) -> None:
    visits = pa.table({"session_id": list(range(300)), "device": ["phone", "desktop"] * 150})
    orders = pa.table({"order_id": list(range(60)), "session_id": list(range(0, 300, 5))})
    named = {"visits": visits, "orders": orders}
    for name, table in named.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    files = [str(tmp_path / f"{name}.parquet") for name in named]
    first = analyze_samples(sample_files(files)).suggestions[0]
    assert first.blueprint == "cart_abandonment"
    assert first.ask == (("abandoned", ("not in orders.parquet",)),)
    other = orders.rename_columns(["order_id", "customer_id"])
    pq.write_table(other, tmp_path / "orders.parquet")
    pq.write_table(visits.append_column("customer_id", visits["session_id"]), files[0])
    suggested = analyze_samples(sample_files(files)).suggestions
    assert "not in orders.parquet" not in str([each.ask for each in suggested])
