"""Elasticities: those of known data are found, as surely as they say, or refused with a reason."""

from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from blueprints.price_elasticity import PRICE_ELASTICITY
from tests.small_run import planned
from tracer_ray.response.observations import Observations
from tracer_ray.response.pooling import Pool, draw
from tracer_ray.response.records import (
    ANYBODY,
    EntityResponse,
    ResponseLevel,
    responses_from_parquet,
    responses_to_parquet,
)
from tracer_ray.response.regression import Slope, fit_slope
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray
from tracer_ray.synthetic import weekly_prices
from tracer_ray.training.responses import METRIC, Responses, estimate_bucket, pool_responses

PRODUCTS = 500
WEEK = 7 * MICROSECONDS_PER_DAY
POOL = Pool(mean=-2.0, mean_error=0.05, spread=0.4, entities=40)


def responses_of(table: pa.Table, home: Path) -> Responses:
    """The responses of a raw table."""
    plan = planned(PRICE_ELASTICITY, table, home, ("quantity_sold",))
    return pool_responses([estimate_bucket(plan, "quantity_sold", each) for each in range(2)])


@dataclass(frozen=True)
class Found:
    """Many products in one training, and their true elasticities in the same order."""

    responses: Responses
    entities: tuple[EntityResponse, ...]
    truth: FloatArray


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Two years of weeks, with errors that last from week to week."""
    made = weekly_prices(products=PRODUCTS, weeks=104, seed=11)
    responses = responses_of(made.rows, tmp_path_factory.mktemp("elasticities"))
    entities = tuple(
        sorted((each for each in responses.entities if each.owner), key=lambda each: each.owner)
    )
    return Found(responses, entities, made.truth["elasticity"].to_numpy()[:PRODUCTS])


def test_known_elasticities_are_found_without_bias(found: Found) -> None:
    values = np.array([each.elasticity for each in found.entities])
    own = np.array([each.own_elasticity for each in found.entities])
    assert np.mean(values) == pytest.approx(np.mean(found.truth), rel=0.05)
    assert np.mean(own) == pytest.approx(np.mean(found.truth), rel=0.05)
    assert np.polyfit(values, found.truth, 1)[0] == pytest.approx(1.0, abs=0.1)


def test_intervals_hold_the_truth_as_often_as_they_say(found: Found) -> None:
    inside = [
        each.low <= truth <= each.high
        for each, truth in zip(found.entities, found.truth.tolist(), strict=True)
    ]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)


def test_pooling_brings_elasticities_nearer_to_the_truth(found: Found) -> None:
    pooled = np.array([each.elasticity for each in found.entities]) - found.truth
    own = np.array([each.own_elasticity for each in found.entities]) - found.truth
    assert np.mean(pooled**2) < 0.8 * np.mean(own**2)
    assert found.responses.pool.spread == pytest.approx(found.truth.std(), abs=0.1)


def test_the_price_tells_something_of_later_rows(found: Found) -> None:
    scores = found.responses.scores
    assert scores["ours"][METRIC] < 0.8 * scores["baseline"][METRIC]


def observations(
    price: FloatArray, quantity: FloatArray, *, stores: int = 1, is_dated: bool = True
) -> Observations:
    """Weekly log prices and quantities, one store after another."""
    rows, weeks = len(price), len(price) // stores
    week = np.tile(np.arange(weeks), stores)
    return Observations(
        times=(1000 + week) * WEEK if is_dated else np.zeros(rows, np.int64),
        group=np.repeat(np.arange(stores), weeks),
        log_quantity=quantity,
        log_price=price,
        controls=np.empty((rows, 0)),
        place=np.arange(rows),
    )


def test_a_slope_without_times_is_least_squares_with_the_errors_of_hc3() -> None:
    random = np.random.default_rng(5)
    price = random.normal(0.0, 0.2, 80)
    quantity = 3.0 - 1.5 * price + random.normal(0.0, 0.1 + np.abs(price))
    slope = fit_slope(observations(price, quantity, is_dated=False))
    assert isinstance(slope, Slope)
    x = np.column_stack([np.ones(80), price])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ quantity
    left = (quantity - x @ beta) / (1.0 - np.einsum("ij,jk,ik->i", x, inverse, x))
    covariance = inverse @ (x.T * left**2) @ x @ inverse
    assert slope.elasticity == pytest.approx(beta[1])
    assert slope.error == pytest.approx(np.sqrt(covariance[1, 1]))
    assert slope.freedom == 80 - 2


def test_levels_of_stores_move_nothing() -> None:
    random = np.random.default_rng(6)
    price = random.normal(0.0, 0.2, 200)
    quantity = -2.0 * price + random.normal(0.0, 0.1, 200)
    seen = observations(price, quantity, stores=4)
    lifted = observations(price, quantity + np.repeat([0.0, 5.0, -3.0, 9.0], 50), stores=4)
    first, second = fit_slope(seen), fit_slope(lifted)
    assert isinstance(first, Slope)
    assert isinstance(second, Slope)
    assert second.elasticity == pytest.approx(first.elasticity)
    assert second.error == pytest.approx(first.error)


def test_stores_that_share_each_weeks_shock_are_not_taken_for_more_weeks() -> None:
    random = np.random.default_rng(7)
    price = random.normal(0.0, 0.2, 100)
    quantity = -2.0 * price + random.normal(0.0, 0.3, 100)
    one = fit_slope(observations(price, quantity))
    ten = fit_slope(observations(np.tile(price, 10), np.tile(quantity, 10), stores=10))
    assert isinstance(one, Slope)
    assert isinstance(ten, Slope)
    assert ten.error == pytest.approx(one.error, rel=0.25)


def test_an_estimate_is_drawn_to_the_others_the_more_the_less_it_is_sure() -> None:
    values = []
    for error in (0.01, 0.4, 10.0):
        drawn = draw(Slope(-3.0, error, inf), POOL)
        assert drawn is not None
        values.append(drawn.value)
    assert values == [
        pytest.approx(-3.0, abs=0.01),
        pytest.approx(-2.5),
        pytest.approx(-2.0, abs=0.01),
    ]


def test_without_own_rows_and_without_others_there_is_no_elasticity() -> None:
    assert draw(None, Pool(0.0, inf, 0.0, 1)) is None
    drawn = draw(None, POOL)
    assert drawn is not None
    assert drawn.error == pytest.approx((0.4**2 + 0.05**2) ** 0.5)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EntityResponse]:
    """Twelve plain products, one whose price never moves, one that sells more when dearer, and one
    that is new."""
    made = weekly_prices(products=15, weeks=104, seed=3).rows.to_pandas()
    steady, wrong, new = (made["product_id"] == f"product-{n:04d}" for n in (12, 13, 14))
    made.loc[steady, "price"] = 3.0
    made.loc[wrong, "quantity_sold"] = 20.0 * made.loc[wrong, "price"] ** 2
    made = made[~new | (made["date"] >= "2022-11-01")]
    table = pa.Table.from_pandas(made, preserve_index=False)
    found = responses_of(table, tmp_path_factory.mktemp("odd"))
    return {each.owner: each for each in found.entities}


def test_a_price_that_hardly_varied_gets_the_others_elasticity_and_no_advice(
    odd: dict[str, EntityResponse],
) -> None:
    steady = odd["product-0012"]
    assert steady.level is ResponseLevel.POOLED
    assert steady.elasticity == odd[ANYBODY].elasticity
    assert steady.refusal == "its price varied by 0.0%, less than 3%"


def test_an_implausible_sign_is_refused(odd: dict[str, EntityResponse]) -> None:
    wrong = odd["product-0013"]
    assert wrong.level is ResponseLevel.REFUSED
    assert np.isnan(wrong.elasticity)
    assert wrong.refusal.startswith("its quantity rose with its price beyond chance (2.00")


def test_too_few_rows_get_the_others_elasticity(odd: dict[str, EntityResponse]) -> None:
    assert odd["product-0014"].level is ResponseLevel.POOLED
    assert "fewer than 30" in odd["product-0014"].refusal


def test_others_are_answered_with_a_price_and_a_reason(odd: dict[str, EntityResponse]) -> None:
    plain = [odd[f"product-{number:04d}"] for number in range(12)]
    assert {each.refusal for each in plain} == {""}
    assert all("of its own" in each.reason or "own rows" in each.reason for each in plain)
    assert all(each.low < each.elasticity < each.high for each in plain)


def test_responses_survive_their_table(odd: dict[str, EntityResponse]) -> None:
    ordered = tuple(odd[owner] for owner in sorted(odd))
    again = responses_from_parquet(responses_to_parquet(reversed(ordered)))
    assert [repr(each) for each in again] == [repr(each) for each in ordered]  # NaN is not NaN


def test_a_product_that_often_sells_nothing_is_not_regressed() -> None:
    random = np.random.default_rng(8)
    price = random.normal(0.0, 0.2, 60)
    seen = observations(price, -2.0 * price)
    often = Observations(**{**vars(seen), "zero_share": 0.3})
    assert fit_slope(often) == "30% of its rows sold nothing, more than 20%"
