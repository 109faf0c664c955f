"""The best price is the best one of the range, and says when it is only an end of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.response.optimum import Market, best_price, impacts, response_curve
from tracer_ray.response.pooling import Elasticity

SURE = Elasticity(-2.0, 0.1, -2.2, -1.8, 1.0)


@given(
    elasticity=st.floats(-6.0, -0.05),
    cost=st.none() | st.floats(0.0, 8.0),
    low=st.floats(1.0, 4.0),
    width=st.floats(0.1, 4.0),
)
def test_no_other_price_of_the_range_brings_more(
    elasticity: float, cost: float | None, low: float, width: float
) -> None:
    market = Market(low, 100.0, low, low + width, cost)
    best = best_price(market, elasticity)
    prices = np.linspace(low, low + width, 400)
    margin = prices - (cost or 0.0)
    brings = margin * (prices / low) ** elasticity
    own = (best.price - (cost or 0.0)) * (best.price / low) ** elasticity
    assert market.low <= best.price <= market.high
    assert own >= brings.max() - 1e-9 * (1.0 + abs(brings.max()))


def test_an_end_of_the_range_is_said_to_be_one() -> None:
    inside = best_price(Market(3.0, 100.0, 2.0, 6.0, cost=2.0), -2.0)
    assert inside.price == pytest.approx(4.0)
    assert inside.reason == "highest expected profit, inside the observed range"
    beyond = best_price(Market(3.0, 100.0, 2.0, 3.5, cost=2.0), -2.0)
    assert beyond.price == 3.5
    assert "an end of the observed range 2 to 3.5; profit would be highest at 4" in beyond.reason
    assert "an end of the observed range" in best_price(Market(3.0, 9.0, 2.0, 6.0), -0.5).reason


def test_impacts_are_those_of_the_constant_elasticity() -> None:
    said = impacts(Market(2.0, 100.0, 1.0, 4.0, cost=1.0), SURE, 4.0)
    assert said["volume"]["change"] == pytest.approx(-0.75)
    assert said["volume"]["amount"] == pytest.approx(-75.0)
    assert said["revenue"]["change"] == pytest.approx(-0.5)
    assert said["revenue"]["interval"] == [
        pytest.approx(2.0**-1.2 - 1.0, abs=1e-6),
        pytest.approx(2.0**-0.8 - 1.0, abs=1e-6),
    ]
    assert said["profit"]["amount"] == pytest.approx(25.0 * 3.0 - 100.0)


def test_without_a_profit_today_its_change_has_no_share() -> None:
    said = impacts(Market(2.0, 100.0, 1.0, 4.0, cost=2.0), SURE, 4.0)
    assert said["profit"]["change"] is None
    assert said["profit"]["amount"] == pytest.approx(50.0)


def test_the_curve_falls_over_the_range_and_passes_through_today() -> None:
    curve = response_curve(Market(1.0, 100.0, 1.0, 4.0), SURE)
    quantities = [float(str(point["quantity"])) for point in curve]
    assert [curve[0]["price"], curve[-1]["price"]] == [1.0, 4.0]
    assert curve[0]["interval"] == [100.0, 100.0]
    assert quantities == sorted(quantities, reverse=True)
    assert len(curve) == 10
