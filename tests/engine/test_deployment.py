"""One step from a table in a user's own words to a model that answers."""

import json
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc_csv
import pytest

import tracer_ray as tracer
from tracer_ray.cli import main
from tracer_ray.errors import RequestError, SchemaError
from tracer_ray.registry.registry import Registry
from tracer_ray.synthetic import customers, purchases

OWN_WORDS = {"customer_id": "CustID", "monthly_charges": "Monthly Charge", "churn": "Churn?"}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Customers in the words of a user, with the outcome once more as a number."""
    rows = customers(n=1500, seed=3).rows
    renamed = rows.rename_columns([OWN_WORDS.get(name, name) for name in rows.column_names])
    churned = [int(each == "Yes") for each in renamed["Churn?"].to_pylist()]
    return renamed.append_column("Churn Value", pa.array(churned))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, ray_session: None) -> str:
    return str(tmp_path_factory.mktemp("deployed"))


@pytest.fixture(scope="module")
def model(table: pa.Table, home: str) -> tracer.Model:
    return tracer.deploy("customer_churn", table.to_pandas(), home=home)


def test_a_model_that_beats_the_baseline_answers_from_now_on(
    model: tracer.Model, home: str
) -> None:
    champion = Registry(home).champion("customer_churn")
    assert model.is_promoted
    assert champion is not None
    assert champion.release == model.release
    (figures,) = model.figures()
    assert float(str(figures["ours"])) < float(str(figures["baseline"]))


def test_what_was_taken_for_what_and_what_was_left_out_is_said(model: tracer.Model) -> None:
    assert "monthly_charges is read from 'Monthly Charge'" in model.notes
    assert "'Churn Value' is left out: it alone tells the outcome" in model.notes
    assert "1,500 rows of 1,500 read" in model.notes


def test_one_request_is_answered_in_the_user_s_own_words(model: tracer.Model) -> None:
    answer = model.predict({"CustID": "c1", "Monthly Charge": 90.0, "tenure": 2})
    assert 0.0 < float(str(answer["churn_probability"])) < 1.0
    with pytest.raises(RequestError, match="unknown field 'Churn Valu'"):
        model.predict({"Churn Valu": 1})


def test_a_table_is_answered_as_the_kind_it_came_as_and_row_by_row_alike(
    model: tracer.Model, table: pa.Table
) -> None:
    rows = table.slice(0, 3)
    arrow = model.predict(rows)
    pandas = model.predict(rows.to_pandas().set_index(pd.Index(["a", "b", "c"])))
    polars = model.predict(pl.DataFrame(rows))
    found = arrow["churn_probability"].to_pylist()
    assert pandas["churn_probability"].tolist() == found
    assert pandas.index.tolist() == ["a", "b", "c"]
    assert polars["churn_probability"].to_list() == found


def test_decimal_commas_of_a_table_are_points_in_what_is_asked_and_given_back(
    model: tracer.Model,
) -> None:
    tenures = pa.array([2.0, 2.0])
    commas = pa.table({"Monthly Charge": ["90,25", "20,5"], "tenure": tenures})
    points = pa.table({"Monthly Charge": ["90.25", "20.5"], "tenure": tenures})
    assert model.predict(commas).equals(model.predict(points))


def test_a_model_shows_its_figures_in_a_notebook(model: tracer.Model) -> None:
    html = model._repr_html_()
    assert model.release in html
    assert "log_loss" in html


def test_the_table_in_memory_leaves_no_copy_behind(model: tracer.Model, home: str) -> None:
    assert list((Path(home) / "inputs").iterdir()) == []


def test_a_doubtful_column_is_asked_for_before_anything_is_trained(
    table: pa.Table, tmp_path: Path
) -> None:
    told = table.drop_columns(["Churn Value"])
    doubtful = told.rename_columns(
        ["target" if name == "Churn?" else name for name in told.column_names]
    )
    with pytest.raises(SchemaError, match="say --map churned=NAME with one of target"):
        tracer.deploy("customer_churn", doubtful, home=str(tmp_path))
    assert not (tmp_path / "datasets").exists()


def test_the_command_tells_what_it_did_and_how_to_ask(
    table: pa.Table,
    home: str,
    model: tracer.Model,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "our customers.csv"
    pc_csv.write_csv(table, file)
    command = ["deploy", str(file), "--blueprint", "customer_churn", "--home", home]
    assert main([*command, "--no-serve", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == f"the same model as {model.release}, which answers already"
    assert told["curl"].startswith("curl http://127.0.0.1:8000/predict/customer_churn")


def test_importing_the_surface_is_lazy_and_complete() -> None:
    assert {name for name in tracer.__all__ if not hasattr(tracer, name)} == set()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tracer.nothing


def test_a_table_of_purchases_is_enough_where_churn_is_silence(home: str) -> None:
    """Rows, outcomes and features are made of the purchases; a customer is asked about by id."""
    bought = purchases(customers=300, days=420, seed=2).rows.to_pandas()
    made = tracer.deploy(
        "customer_churn", bought, home=home, churn_definition="no_activity_30_days"
    )
    origin = made.predictor.release.manifest.origin
    assert origin.parameters["churn_definition"] == "no_activity_30_days"
    answer = made.predict({"customer_id": str(bought["customer_id"].iloc[-1])})
    assert 0.0 < float(str(answer["churn_probability"])) < 1.0
