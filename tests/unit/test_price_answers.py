"""Answers about prices: what is given counts, what is not is known or refused with a reason."""

import json

import pyarrow as pa
import pytest

from blueprints.price_optimization import PRICE_OPTIMIZATION
from tests.in_process import released
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.synthetic import weekly_prices

Answer = dict[str, object]


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """Twelve products without costs in the data, the last with one price."""
    made = weekly_prices(products=12, weeks=120, seed=4).rows.to_pandas().drop(columns="cost")
    made.loc[made["product_id"] == "product-0011", "price"] = 3.0
    table = pa.Table.from_pandas(made, preserve_index=False)
    home = tmp_path_factory.mktemp("prices")
    return Predictor.open(released(PRICE_OPTIMIZATION, table, home).uri)


def ask(predictor: Predictor, **request: object) -> Answer:
    (said,) = predictor.answer([request])
    assert isinstance(said, dict), said
    return said


def test_every_declared_field_is_there_and_survives_json(predictor: Predictor) -> None:
    said = ask(predictor, product_id="product-0001", cost=1.0)
    fields = [each.name for each in PRICE_OPTIMIZATION.output]
    assert [name for name in fields if said[name] is None] == ["refusal"]
    assert json.loads(json.dumps(said)) == said


def test_without_a_price_the_newest_known_one_is_the_current_one(predictor: Predictor) -> None:
    known = predictor.responses["product-0001"].last_price
    said = ask(predictor, product_id="product-0001")
    assert said["current_price"] == pytest.approx(known)
    told = ask(predictor, product_id="product-0001", price=known)
    assert told["predicted_quantity"] == said["predicted_quantity"]


def test_a_higher_price_is_expected_to_sell_less(predictor: Predictor) -> None:
    known = predictor.responses["product-0001"]
    low, high = (
        ask(predictor, product_id="product-0001", price=price)["predicted_quantity"]
        for price in (known.price_low, known.price_high)
    )
    assert float(str(low)) > float(str(high))


def test_the_optimum_lies_within_the_observed_prices(predictor: Predictor) -> None:
    for number in range(11):
        owner = f"product-{number:04d}"
        known = predictor.responses[owner]
        for cost in ({}, {"cost": 0.5 * known.price_low}, {"cost": 2.0 * known.price_high}):
            best = float(str(ask(predictor, product_id=owner, **cost)["optimal_price"]))
            assert known.price_low - 1e-6 <= best <= known.price_high + 1e-6


def test_without_a_cost_nothing_is_said_of_profit(predictor: Predictor) -> None:
    said = ask(predictor, product_id="product-0001")
    assert said["profit_impact"] is None
    assert "expected revenue" in str(said["optimal_price_reason"])


def test_a_steady_price_gets_no_recommendation_and_a_reason(predictor: Predictor) -> None:
    said = ask(predictor, product_id="product-0011")
    assert said["refusal"] == "its price varied by 0.0%, less than 3%"
    assert said["elasticity_level"] == "pooled"
    assert said["elasticity_coefficient"] is not None
    silent = ("optimal_price", "revenue_impact", "volume_impact", "response_curve")
    assert [said[name] for name in silent] == [None] * 4


def test_a_new_product_is_answered_with_what_all_products_show(predictor: Predictor) -> None:
    recent = [{"product_id": "new", "date": "2030-01-07", "price": 2.0, "quantity_sold": 9}]
    said = ask(predictor, product_id="new", price=2.0, date="2030-01-14", recent=recent)
    assert said["refusal"] == "nothing is known of its prices"
    assert said["elasticity_level"] == "pooled"


def test_a_cost_below_zero_is_refused(predictor: Predictor) -> None:
    (said,) = predictor.answer([{"product_id": "product-0001", "cost": -1}])
    assert "field 'cost': expected a cost of at least 0, got -1" in str(said)
