"""Learned combinations: judged against their components, and never learned from fitted rows."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from tracer_ray import composite, learn_composite
from tracer_ray.cli import main
from tracer_ray.composites.combination import BASE_RATE, EQUAL, Form, Scale, Scales
from tracer_ray.composites.evidence import Evidence
from tracer_ray.composites.learning import cut, fit_blends, judge
from tracer_ray.composites.stacking import Outcome
from tracer_ray.composites.store import read_composite
from tracer_ray.errors import CompositeError
from tracer_ray.rows import MICROSECONDS_PER_DAY
from tracer_ray.synthetic import customers

MEMBERS = ("customer_churn", "upsell_likelihood")
ROWS = 300


@pytest.fixture(scope="module")
def rows(home: str) -> pa.Table:
    """New customers on later days; whether they buy falls with churn, rises with upsell."""
    random = np.random.default_rng(5)
    table = customers(n=ROWS, seed=9).rows.drop_columns(["churn", "customer_id"])
    first = datetime(2025, 1, 1)
    table = table.append_column("entity", pa.array([f"new {place}" for place in range(ROWS)]))
    table = table.append_column("asked", pa.array([first + timedelta(i) for i in range(ROWS)]))
    for name in ("mkoopkla", "minkgem", "products_owned", "monthly_spend"):
        table = table.append_column(name, pa.array(random.normal(50.0, 20.0, ROWS)))
    model = composite("odds", MEMBERS, "minimize_loss_1_month", home=home)
    said: list[Any] = model.predict(_dated(table))
    link = np.zeros(ROWS)
    for name, sign in zip(MEMBERS, (-1.0, 1.0), strict=True):
        field = {"customer_churn": "churn_probability"}.get(name, "upsell_probability")
        chance = np.array([each["components"][name]["answer"][field] for each in said])
        odds = np.log(chance / (1.0 - chance))
        link += sign * 1.5 * (odds - odds.mean()) / odds.std()
    again = random.random(ROWS) < 1.0 / (1.0 + np.exp(-link))
    return table.append_column("again", pa.array(["yes" if each else "no" for each in again]))


def _dated(table: pa.Table) -> list[dict[str, object]]:
    named = table.rename_columns(["as_of" if x == "asked" else x for x in table.column_names])
    rows: list[dict[str, object]] = named.to_pylist()
    return rows


def test_two_components_that_both_tell_are_combined_on_the_command_line_as_in_python(
    rows: pa.Table, home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.csv"
    pa.csv.write_csv(rows, file)
    composite(
        "again",
        (*MEMBERS, "payment_default"),
        "minimize_loss_1_month",
        home=home,
    )
    learn = ["composite", "learn", "again", "--data", str(file), "--target", "again"]
    assert main([*learn, "--time", "asked", "--home", home, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["is_kept"]
    assert set(told["instead"]) == {*MEMBERS, EQUAL, BASE_RATE}
    assert all(told["loss"] < told["instead"][name]["loss"] for name in (*MEMBERS, BASE_RATE))
    stored = read_composite(home, "again").combination
    assert stored == learn_composite("again", rows, "again", time="asked", home=home)
    assert stored is not None
    assert dict(stored.together.weights) == told["weights"]

    answer: Mapping[str, Any] = composite("again", home=home).predict(_dated(rows)[0])
    combined = answer["combined"]
    assert combined["by"] == "combination"
    assert "payment_default" not in combined["weights"]
    signals = {name: _signal(answer["components"][name]["answer"]) for name in MEMBERS}
    link = stored.together.intercept + sum(
        stored.together.weights[name]
        * stored.scales.by_component[name].direction
        * (np.log(chance / (1.0 - chance)) - stored.scales.by_component[name].center)
        / stored.scales.by_component[name].spread
        for name, chance in signals.items()
    )
    assert combined["probability"] == pytest.approx(1.0 / (1.0 + np.exp(-link)), abs=1e-6)

    only: Mapping[str, Any] = composite("again", home=home).predict({"contract": "month-to-month"})
    assert only["combined"]["by"] == "customer_churn"
    assert only["combined"]["reason"] == "the combination lacks upsell_likelihood"


def _signal(answer: Mapping[str, float]) -> float:
    return next(answer[name] for name in answer if name.endswith("_probability"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"entity": ["C000001"] * ROWS},
            "customer_churn may have been fitted to .* it was trained on",
        ),
        ({"asked": [datetime(2024, 1, 5)] * ROWS}, "upsell_likelihood may have been fitted to 300"),
        ({"again": ["yes"] * ROWS}, "0 of the rarer outcome"),
        ({"again": ["perhaps"] * ROWS}, "'perhaps' is neither a yes or no nor a number"),
        ({"asked": ["soon"] * ROWS}, "'soon' is no time"),
    ],
)
def test_rows_that_nothing_can_be_learned_from_are_refused(
    rows: pa.Table, home: str, change: dict[str, list[object]], why: str
) -> None:
    composite("refused", MEMBERS, "minimize_loss_1_month", home=home)
    for name, values in change.items():
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(values))
    with pytest.raises(CompositeError, match=why):
        learn_composite("refused", rows, "again", time="asked", home=home)
    assert read_composite(home, "refused").combination is None


def test_without_two_components_or_a_time_there_is_nothing_to_learn(
    rows: pa.Table, home: str
) -> None:
    composite("one", ["customer_churn", "payment_default"], "minimize_loss_1_month", home=home)
    with pytest.raises(CompositeError, match="payment_default: no release of payment_default"):
        learn_composite("one", rows, "again", home=home)
    composite("two", MEMBERS, "minimize_loss_1_month", home=home)
    with pytest.raises(CompositeError, match="has no as_of; name the column"):
        learn_composite("two", rows, "again", home=home)
    with pytest.raises(CompositeError, match="no column 'agian'"):
        learn_composite("two", rows, "agian", home=home)


def evidence(days: list[int], names: list[str] | None = None, **signals: list[float]) -> Evidence:
    """Rows on these days, with an outcome that is 0."""
    told = {name: np.array(values) for name, values in signals.items()}
    named = np.array(names or [str(place) for place in range(len(days))], dtype=object)
    times = np.array(days, np.int64) * MICROSECONDS_PER_DAY
    return Evidence(told, np.zeros(len(days)), times, named)


def test_what_was_not_known_when_the_judged_rows_began_is_not_fitted_to() -> None:
    parts = cut(evidence(list(range(10))), horizon_days=2.0)
    assert parts.is_later
    assert (parts.judged.times / MICROSECONDS_PER_DAY).tolist() == [6.0, 7.0, 8.0, 9.0]
    assert (parts.fitted.times / MICROSECONDS_PER_DAY).tolist() == [0.0, 1.0, 2.0, 3.0]


def test_rows_of_one_instant_are_cut_by_whom_they_are_about() -> None:
    names = [f"c{place % 50}" for place in range(200)]
    parts = cut(evidence([7] * 200, names), horizon_days=30.0)
    assert not parts.is_later
    assert not set(parts.fitted.names) & set(parts.judged.names)
    assert len(parts.fitted) + len(parts.judged) == 200


@pytest.mark.parametrize("outcome", Outcome)
def test_a_component_that_tells_all_is_not_beaten_by_one_that_tells_nothing_beside_it(
    outcome: Outcome,
) -> None:
    random = np.random.default_rng(0)
    link, noise = random.normal(size=(2, 1000))
    chance = 1.0 / (1.0 + np.exp(-link))
    actual = link if outcome is Outcome.AMOUNT else (random.random(1000) < chance).astype(float)
    rows = Evidence(
        {"good": link + 0.1 * noise, "noise": random.normal(size=1000)},
        actual,
        np.arange(1000) * MICROSECONDS_PER_DAY,
        np.array([str(place) for place in range(1000)], dtype=object),
    )
    parts = cut(rows, 0.0)
    scales = Scales(
        outcome,
        {
            name: Scale.of(Form.AS_IT_IS, each, parts.fitted.actual)
            for name, each in parts.fitted.signals.items()
        },
    )
    blends = fit_blends(scales, parts.fitted)
    assert list(blends.alone) == ["good", "noise"]
    loss, rivals = judge(scales, blends, parts.judged, 0.0)
    assert loss == pytest.approx(rivals["good"].loss, rel=0.02)
    assert not rivals["good"].is_beaten
    assert rivals["noise"].is_beaten
    assert rivals[BASE_RATE].is_beaten
    assert loss < rivals[EQUAL].loss
