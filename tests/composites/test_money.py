"""The money of an event: the formula by hand, its limits, and what it must never do."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.composites.money import Holding
from tracer_ray.decision import Stake

MONTHS = st.floats(0.1, 36.0)
CHANCE = st.floats(0.0, 1.0)
each_stake = pytest.mark.parametrize("stake", Stake)


def moved(stake: Stake, probability: float, period: float, horizon: float) -> float:
    return float(Holding(stake, 100.0, period, horizon).moved(np.array(probability)))


def test_a_monthly_value_that_ends_is_lost_for_half_the_period_and_while_it_would_have_lasted() -> (
    None
):
    later = (1.0 - 0.6**5) / -log(0.6)  # months of the five later ones that it would have lasted
    assert moved(Stake.ENDS_REVENUE, 0.4, 1.0, 6.0) == pytest.approx(-100.0 * (0.5 + later))


def test_a_value_that_begins_lasts_from_the_middle_of_the_period_on() -> None:
    assert moved(Stake.ADDS_REVENUE, 0.4, 2.0, 6.0) == pytest.approx(100.0 * 5.0)


def test_an_amount_is_moved_once_however_long_the_horizon() -> None:
    assert moved(Stake.COSTS, 0.4, 1.0, 6.0) == -100.0
    assert moved(Stake.MAKES_SALE, 0.4, 1.0, 60.0) == 100.0


def test_a_horizon_of_half_the_period_sees_half_the_events() -> None:
    assert moved(Stake.LOSES_SALE, 0.4, 12.0, 6.0) == -50.0
    assert moved(Stake.ENDS_REVENUE, 0.4, 12.0, 6.0) == -100.0 * 0.5 * 3.0


def test_the_formula_is_the_mean_of_simulated_customers() -> None:
    """Leaving within each month with the same chance, at any time of it; kept ones go on so."""
    draws, chance, horizon = np.random.default_rng(0), 0.3, 6
    stays = draws.random((200_000, horizon)) > chance
    at = draws.random((200_000, horizon))
    first = np.where(stays.all(axis=1), horizon, stays.argmin(axis=1))
    constant = -np.log1p(-chance)  # the hazard: later months are reckoned continuously
    lasts = np.minimum(draws.exponential(1.0 / constant, 200_000), horizon - 1.0)
    gone = first == 0
    lost = np.where(gone, 1.0 - at[:, 0] + lasts, 0.0)[gone].mean()
    assert moved(Stake.ENDS_REVENUE, chance, 1.0, horizon) == pytest.approx(-100.0 * lost, rel=0.01)


@each_stake
@given(chance=CHANCE, period=MONTHS, horizon=MONTHS)
def test_nobody_loses_more_months_than_there_are(
    stake: Stake, chance: float, period: float, horizon: float
) -> None:
    times = abs(moved(stake, chance, period, horizon)) / 100.0
    assert 0.0 <= times <= (horizon if stake.is_monthly else 1.0) + 1e-9


@each_stake
@given(chance=CHANCE, period=MONTHS, horizon=MONTHS)
def test_a_longer_horizon_moves_no_less(
    stake: Stake, chance: float, period: float, horizon: float
) -> None:
    short = abs(moved(stake, chance, period, horizon))
    assert abs(moved(stake, chance, period, 1.5 * horizon)) >= short - 1e-9


@given(period=MONTHS)
def test_horizons_just_above_and_below_the_period_agree(period: float) -> None:
    for stake in Stake:
        below, above = (moved(stake, 0.3, period, period * each) for each in (1 - 1e-7, 1 + 1e-7))
        assert below == pytest.approx(above, rel=1e-5)


def test_who_would_surely_leave_anyway_is_worth_half_a_period() -> None:
    assert moved(Stake.ENDS_REVENUE, 1.0, 1.0, 6.0) == pytest.approx(-50.0, abs=6.0)
    assert moved(Stake.ENDS_REVENUE, 0.0, 1.0, 6.0) == pytest.approx(-550.0, rel=1e-6)
