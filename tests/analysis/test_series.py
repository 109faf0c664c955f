"""Series without names, prices of exchanges, and rows that are sales: what their place says."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pytest

from tracer_ray.analysis.preparation import prepare
from tracer_ray.analysis.report import Analysis, analyze_samples
from tracer_ray.analysis.samples import sample_table
from tracer_ray.archive import blueprint
from tracer_ray.errors import SchemaError

ROWS = 400
DAYS = [str(date(2024, 1, 1) + timedelta(each)) for each in range(ROWS)]
WORKDAYS = [str(day) for day in np.arange("2024-01-01", "2026-06-01", dtype="datetime64[D]")]
WORKDAYS = [day for day in WORKDAYS if np.is_busday(day)][:ROWS]


def analysis_of(**columns: object) -> Analysis:
    return analyze_samples([sample_table(pa.table(columns))])


@pytest.mark.parametrize(
    ("file", "days", "values", "expected"),
    [
        ("x.csv", DAYS, range(ROWS), "product_demand"),
        ("x.csv", DAYS, np.linspace(1.5, 9.7, ROWS), "revenue_forecast"),
        ("retail_revenue.csv", DAYS, range(ROWS), "revenue_forecast"),
        ("x.csv", WORKDAYS, np.linspace(101.5, 109.7, ROWS), "portfolio_risk"),
    ],
)
def test_the_only_number_beside_days_is_asked_for_as_what_it_looks_like(
    file: str, days: list[str], values: Sequence[float], expected: str
) -> None:
    """Units are whole, money has fractions, and prices have no weekends."""
    table = pa.table({"": range(ROWS), "when": days, "thing": list(values)})
    found = analyze_samples([sample_table(table, file)])
    assert found.suggestions[0].blueprint == expected
    assert [options for _, options in found.suggestions[0].ask][-1] == ("thing",)
    assert found.best is None


def test_two_numbers_are_no_series_of_one() -> None:
    found = analysis_of(when=DAYS, thing=range(ROWS), other=range(ROWS))
    assert found.best is None
    assert "thing" not in str(found.suggestions[:1])


def test_prices_of_an_exchange_are_an_asset_without_its_name() -> None:
    rng = np.random.default_rng(0)
    closes = (100.0 + rng.normal(0.0, 1.0, ROWS).cumsum()).round(2)
    found = analysis_of(Date=DAYS, Open=closes, High=closes + 1.0, Low=closes - 1.0, Close=closes)
    assert found.best
    assert found.best.blueprint == "price_movement"
    found = analysis_of(Date=DAYS, Close=closes)
    assert found.best is None


def test_rows_with_the_number_of_an_order_are_added_up() -> None:
    rng = np.random.default_rng(0)
    orders = {
        "Invoice ID": [f"i{row}" for row in range(ROWS)],
        "Branch": rng.choice(["A", "B", "C"], ROWS),
        "Date": np.array(DAYS)[rng.integers(0, 90, ROWS)],
        "Line": rng.choice([f"line {x}" for x in range(9)], ROWS),
        "Till": rng.integers(1, 19, ROWS),
        "Total": rng.gamma(2.0, 30.0, ROWS).round(2),
    }
    best = analysis_of(**orders).best
    assert best
    assert best.blueprint == "revenue_forecast"
    assert best.mapping == {"entity": "Branch", "date": "Date", "revenue": "Total"}
    assert best.is_ready
    assert "added up" not in best.reason
    del orders["Invoice ID"]
    unsure = analysis_of(**orders).suggestions[0]
    assert not unsure.is_ready


def test_leave_or_not_is_both_ways() -> None:
    rng = np.random.default_rng(0)
    best = analysis_of(
        Education=rng.choice(["Bachelors", "Masters"], ROWS),
        JoiningYear=rng.integers(2012, 2018, ROWS),
        Department=rng.choice(["Sales", "HR"], ROWS),
        Age=rng.integers(22, 41, ROWS),
        LeaveOrNot=rng.integers(0, 2, ROWS),
    ).best
    assert best
    assert (best.blueprint, best.is_ready) == ("employee_retention", True)
    assert best.mapping["left"] == "LeaveOrNot"


def closes(days: Sequence[str], names: Sequence[str]) -> dict[str, object]:
    rng = np.random.default_rng(0)
    walks = {
        name: (100.0 + rng.normal(0.0, 1.0, len(days)).cumsum()).round(2).tolist() for name in names
    }
    return {"Datum": list(days), **walks}


def test_a_column_each_is_proposed_as_a_layout_that_has_to_be_said() -> None:
    found = analysis_of(**closes(WORKDAYS, ["AA", "GE", "IBM", "XOM"]))
    assert {each.name for each in found.suggestions[:2]} == {
        "portfolio_risk layout=columns",
        "price_movement layout=columns",
    }
    first = found.suggestions[0]
    assert found.best is None
    assert "4 columns ('AA', 'GE', 'IBM', ...)" in first.reason
    assert "--set layout=columns" in first.problems[-1]
    assert first.apply == {"date": "Datum"}


def test_numbers_of_several_kinds_are_no_series_side_by_side() -> None:
    mixed = closes(DAYS, ["AA", "GE", "IBM"]) | {"remark": ["fine"] * ROWS}
    assert not any(each.settings for each in analysis_of(**mixed).suggestions)


def test_a_layout_that_was_said_is_read(tmp_path: Path) -> None:
    path = tmp_path / "closes.csv"
    pc_csv.write_csv(pa.table(closes(WORKDAYS, ["AA", "GE", "IBM", "XOM"])), path)
    chosen = blueprint("price_movement", {"layout": "columns"})
    ready = prepare(chosen, [str(path)], {}, ())
    assert ready.mapping == {"date": "Datum"}
    with pytest.raises(SchemaError, match="price"):
        prepare(blueprint("price_movement"), [str(path)], {}, ())


def test_the_words_of_an_outcome_are_told_by_its_values() -> None:
    rng = np.random.default_rng(0)
    found = analysis_of(
        Status=rng.choice(["good", "bad"], ROWS),
        Records=rng.choice(["yes", "no"], ROWS),
        Income=rng.gamma(2.0, 60.0, ROWS).round(),
        Amount=rng.gamma(2.0, 500.0, ROWS).round(),
        Term=rng.choice([12, 24, 36], ROWS),
    )
    first = found.suggestions[0]
    assert (first.blueprint, first.apply["defaulted"]) == ("payment_default", "Status")
    assert not first.ask


def test_a_file_named_after_an_outcome_tells_its_only_flag() -> None:
    rng = np.random.default_rng(0)
    table = pa.table({"event": rng.integers(0, 2, ROWS), "stag": rng.gamma(2.0, 20.0, ROWS)})
    named = analyze_samples([sample_table(table, "staff_turnover.csv")]).suggestions[0]
    assert (named.blueprint, named.ask) == ("employee_retention", (("left", ("event",)),))
    assert analyze_samples([sample_table(table, "x.csv")]).suggestions == ()


def test_churn_of_customers_is_none_of_players() -> None:
    rng = np.random.default_rng(0)
    customers = {
        "CustomerID": [f"c{row}" for row in range(ROWS)],
        "Churn": rng.integers(0, 2, ROWS),
    }
    found = analysis_of(**customers, Tenure=rng.integers(0, 60, ROWS)).suggestions
    scores = {each.blueprint: each.score for each in found}
    assert found[0].blueprint == "customer_churn"
    assert scores.get("player_churn", 0.0) < scores["customer_churn"] - 0.1


def test_parts_of_the_date_are_no_series_and_are_left_out() -> None:
    parts = {"": list(range(ROWS)), "Year": [int(day[:4]) for day in WORKDAYS]}
    found = analysis_of(**parts, **closes(WORKDAYS, ["AA", "GE", "IBM"]))
    first = found.suggestions[0]
    assert "3 columns ('AA', 'GE', 'IBM', ...)" in first.reason
    assert first.drop == ("", "Year")


def test_how_long_a_life_was_is_not_what_it_was_worth() -> None:
    rng = np.random.default_rng(0)
    found = analysis_of(
        Lifetime=rng.integers(0, 40, ROWS), Churn=rng.integers(0, 2, ROWS), Age=range(ROWS)
    )
    assert found.suggestions[0].blueprint == "customer_churn"
    assert "customer_lifetime_value" not in {each.blueprint for each in found.suggestions}
