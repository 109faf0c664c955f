"""Odds, expected values and recommendations, with values worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.errors import RequestError
from tracer_ray.prediction.betting import MINIMUM_EDGE, Market, decimal_odds, judge, market

CHANCES = st.floats(0.0, 0.5)
ODDS = st.floats(1.01, 50.0)


@pytest.mark.parametrize(
    ("odds", "decimal"),
    [(-110, 1 + 100 / 110), (100, 2.0), (-100, 2.0), (250, 3.5), (1.91, 1.91), (99.5, 99.5)],
)
def test_american_and_decimal_odds_are_told_apart_by_their_size(
    odds: float, decimal: float
) -> None:
    assert decimal_odds(odds) == pytest.approx(decimal)


@pytest.mark.parametrize("odds", [0.0, 1.0, 0.5, -1.91, -99.0, float("nan")])
def test_what_is_neither_is_an_error_that_shows_both_forms(odds: float) -> None:
    with pytest.raises(RequestError, match=r"-110, or decimal odds above 1 such as 1\.91"):
        decimal_odds(odds)


def test_without_odds_110_is_assumed_and_said() -> None:
    assumed = market(None, None)
    assert assumed.is_assumed
    assert assumed.over == assumed.under == pytest.approx(210 / 110)
    assert market(None, 1.8) == Market(assumed.over, 1.8, True)
    assert not market(2.0, 1.8).is_assumed


def test_a_push_returns_the_stake() -> None:
    """Win 0.5 at 2.1: 0.5 * 1.1 = 0.55; lose 0.3; the push of 0.2 costs nothing: 0.25."""
    bet = judge(0.5, 0.3, Market(2.1, 2.1, False))
    assert (bet.recommendation, bet.confidence) == ("OVER", 0.5)
    assert bet.expected_value == pytest.approx(0.25)


def test_the_less_likely_side_is_recommended_when_its_odds_pay_for_it() -> None:
    """Over: 0.6 * 0.3 - 0.4 < 0; under: 0.4 * 2 - 0.6 = 0.2."""
    bet = judge(0.6, 0.4, Market(1.3, 3.0, False))
    assert (bet.recommendation, bet.confidence) == ("UNDER", 0.4)
    assert bet.expected_value == pytest.approx(0.2)


def test_below_the_minimum_edge_there_is_no_edge() -> None:
    """0.53 * (210 / 110) - 1 = 0.0118, less than 0.03."""
    bet = judge(0.53, 0.47, market(None, None))
    assert (bet.recommendation, bet.confidence) == ("NO_EDGE", 0.53)
    assert bet.expected_value == pytest.approx(0.53 * 210 / 110 - 1)


@given(over=CHANCES, under=CHANCES, over_odds=ODDS, under_odds=ODDS)
def test_exchanging_over_and_under_exchanges_the_recommendation(
    over: float, under: float, over_odds: float, under_odds: float
) -> None:
    bet = judge(over, under, Market(over_odds, under_odds, False))
    other = judge(under, over, Market(under_odds, over_odds, False))
    assert other.expected_value == bet.expected_value
    assert (bet.recommendation == "NO_EDGE") == (bet.expected_value < MINIMUM_EDGE)
    assert (other.recommendation == "NO_EDGE") == (bet.recommendation == "NO_EDGE")
