"""Composites of real releases: who is asked what, who is missing, and commands and Python alike."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracer_ray import composite
from tracer_ray.cli import main
from tracer_ray.composites.model import CompositeModel
from tracer_ray.composites.store import read_composite
from tracer_ray.errors import CompositeError, RequestError, ServiceError

COMPONENTS: dict[str, dict[str, object]] = {
    "customer_churn": {"value": "monthly_charges", "period_months": 1},
    "price_elasticity": {"period_months": 0.25},
    "upsell_likelihood": {"value": 10.0},
    "payment_default": {"value": 400.0},
}
ACTIONS: list[dict[str, object]] = [
    {"name": "call", "component": "customer_churn", "cost": 0.01, "effect": -0.3},
    {"name": "remind", "component": "payment_default", "cost": 1, "effect": -0.2},
]
REQUEST: dict[str, object] = {
    "entity": "c1",
    "tenure_months": 2,
    "monthly_charges": 80.0,
    "contract": "month-to-month",
    "products_owned": 2,
    "price_elasticity": {"product_id": "product-0001"},
}


@pytest.fixture(scope="module")
def model(home: str) -> CompositeModel:
    return composite("revenue", COMPONENTS, "maximize_revenue_6_months", actions=ACTIONS, home=home)


def asked(model: CompositeModel, **changes: object) -> Mapping[str, Any]:
    return model.predict({**REQUEST, **changes})


def test_each_component_answers_as_it_does_alone(model: CompositeModel) -> None:
    answer = asked(model)
    account = {"tenure_months": 2, "monthly_charges": 80.0}
    alone: dict[str, dict[str, object]] = {
        "customer_churn": {"customer_id": "c1", "contract": "month-to-month", **account},
        "price_elasticity": {"product_id": "product-0001"},
        "upsell_likelihood": {"customer_id": "c1", "products_owned": 2, **account},
    }
    for name, request in alone.items():
        (expected,) = model.predictors[name].answer([request])
        assert isinstance(expected, dict)
        assert answer["components"][name]["answer"] == expected


def test_what_is_missing_is_said_and_the_others_answer(model: CompositeModel) -> None:
    answer = asked(model)
    assert answer["components"]["payment_default"] == {
        "status": "no_champion",
        "reason": "no release of payment_default is promoted",
    }
    actions = [each["action"] for each in answer["recommended_protocols"]]
    assert "call" in actions
    left = {each["action"]: each["reason"] for each in answer["not_recommended"]}
    assert "no release of payment_default is promoted" in left["remind"]


def test_the_price_is_that_of_the_price_component(model: CompositeModel) -> None:
    answer = asked(model)
    own = answer["components"]["price_elasticity"]["answer"]
    assert answer["optimal_price"]["price"] == own["optimal_price"]
    (move,) = [e for e in answer["recommended_protocols"] if e["action"] == "price change"]
    assert move["expected_impact"] == pytest.approx(24 * own["revenue_impact"]["amount"], rel=1e-4)


def test_a_component_whose_fields_are_not_given_is_not_asked(model: CompositeModel) -> None:
    request = {"entity": "c1", "price_elasticity": {"product_id": "product-0001"}}
    answer: Mapping[str, Any] = model.predict(request)
    assert answer["components"]["customer_churn"]["status"] == "no_input"
    assert answer["components"]["price_elasticity"]["status"] == "answered"


def test_a_bad_field_of_one_component_leaves_the_others_answers_untouched(
    model: CompositeModel,
) -> None:
    good, bad = asked(model), asked(model, customer_churn={"tenure_months": "long"})
    assert bad["components"]["customer_churn"]["status"] == "refused"
    assert "not a finite number: 'long'" in bad["components"]["customer_churn"]["reason"]
    for name in ("price_elasticity", "upsell_likelihood"):
        assert bad["components"][name] == good["components"][name]


def test_its_own_object_goes_before_what_is_shared(model: CompositeModel) -> None:
    shared, own = asked(model, tenure_months=60), asked(model, tenure_months=60)
    other = asked(model, tenure_months=60, customer_churn={"tenure_months": 2})
    assert shared == own
    assert other["components"]["customer_churn"] == asked(model)["components"]["customer_churn"]


def test_a_field_that_nobody_takes_is_named(model: CompositeModel) -> None:
    assert asked(model, tenuer_months=3)["unused_fields"] == ["tenuer_months"]
    assert asked(model)["unused_fields"] == []


def test_a_batch_is_its_single_answers_and_errors(model: CompositeModel) -> None:
    requests: list[Any] = [REQUEST, {"entity": "nobody"}, 7, {**REQUEST, "tenure_months": 40}]
    said = model.predict(requests)
    assert said[0] == asked(model)
    assert isinstance(said[1], RequestError)
    assert isinstance(said[2], RequestError)
    assert said[3] == asked(model, tenure_months=40)
    assert model.predict([]) == []


def test_without_any_champion_nobody_answers(model: CompositeModel, tmp_path: Path) -> None:
    nobody = CompositeModel.open(model.composite, str(tmp_path))
    with pytest.raises(ServiceError, match="no release of customer_churn is promoted"):
        nobody.predict(REQUEST)


def test_who_does_not_answer_in_time_is_gone_on_without(model: CompositeModel) -> None:
    hurried = CompositeModel(model.composite, model.predictors, model.missing, within_s=0.0)
    said = hurried.predict([REQUEST] * 200)
    assert "no answer within 0 s" in str(said[0])


def test_commands_do_what_python_does(
    model: CompositeModel, home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stated = [
        *("--value", "customer_churn=monthly_charges", "--value", "upsell_likelihood=10"),
        *("--value", "payment_default=400", "--period", "customer_churn=1"),
        *("--period", "price_elasticity=0.25"),
        *(word for each in ACTIONS for word in ("--action", json.dumps(each))),
    ]
    create = ["composite", "create", "typed", "--components", ",".join(COMPONENTS)]
    objective = ["--objective", "maximize_revenue_6_months", "--home", home]
    assert main([*create, *objective, *stated]) == 0
    typed = read_composite(home, "typed")
    assert replace(typed, id=model.composite.id) == model.composite
    assert main([*create, *objective]) == 2
    assert "is there already" in capsys.readouterr().err
    predict = ["composite", "predict", "typed", json.dumps(REQUEST), "--home", home]
    assert main([*predict, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == json.loads(json.dumps({**asked(model), "composite": "typed"}))
    assert main(predict) == 0
    assert "What pays" in capsys.readouterr().out
    assert main(["composite", "list", "--home", home]) == 0
    assert "typed" in capsys.readouterr().out
    assert main(["composite", "show", "typed", "--home", home]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "typed"
    assert main(["composite", "delete", "typed", "--home", home]) == 0
    with pytest.raises(CompositeError, match="no composite 'typed'"):
        composite("typed", home=home)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--value", "x=3"], "'x' is no component"),
        (["--value", "customer_churn"], "expected component=..."),
        (["--period", "customer_churn=long"], "expected a number"),
        (["--action", "call"], "is no JSON object"),
        (["--action", "[]"], "expected a JSON object"),
        (["--stake", "customer_churn=x"], "'ends_revenue'"),
    ],
)
def test_what_is_said_wrongly_on_the_command_line_is_explained(
    options: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--components", "customer_churn", "--objective", "minimize_loss_1_month"]
    assert main(["composite", "create", "x", *words, *options, "--home", str(tmp_path)]) == 2
    assert why in capsys.readouterr().err
