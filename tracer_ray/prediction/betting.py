"""Odds, and what a bet at them is worth to somebody who believes our probabilities."""

from dataclasses import dataclass

from tracer_ray.errors import RequestError

MINIMUM_EDGE = 0.03  # expected profit per unit staked below which no side is recommended
ASSUMED_ODDS = -110.0  # American, on both sides: what most books offer on a balanced line

OVER, UNDER, NO_EDGE = "OVER", "UNDER", "NO_EDGE"


@dataclass(frozen=True)
class Market:
    """Decimal odds for both sides of a line; `is_assumed` where a side was not given."""

    over: float
    under: float
    is_assumed: bool


@dataclass(frozen=True)
class Bet:
    """What to do, and the probability and expected profit per unit of the better side."""

    recommendation: str
    confidence: float
    expected_value: float


def decimal_odds(odds: float) -> float:
    """Odds as the payout per unit staked, stake included.

    American odds are 100 or more, or -100 or less; decimal ones lie between 1 and 100. Raises
    RequestError for anything else.

    >>> decimal_odds(150), decimal_odds(-200), decimal_odds(1.91)
    (2.5, 1.5, 1.91)
    """
    if odds >= 100.0:
        return 1.0 + odds / 100.0
    if odds <= -100.0:
        return 1.0 - 100.0 / odds
    if odds > 1.0:
        return odds
    raise RequestError(
        f"odds {odds:g}: expected American odds (100 or more, -100 or less) such as -110, "
        "or decimal odds above 1 such as 1.91"
    )


def market(over_odds: float | None, under_odds: float | None) -> Market:
    """The odds of both sides; a side without odds is taken at -110, and the market says so."""
    over, under = (ASSUMED_ODDS if odds is None else odds for odds in (over_odds, under_odds))
    is_assumed = over_odds is None or under_odds is None
    return Market(decimal_odds(over), decimal_odds(under), is_assumed)


def expected_value(win: float, lose: float, odds: float) -> float:
    """Expected profit per unit staked at decimal odds; what neither wins nor loses is returned.

    >>> expected_value(0.5, 0.4, 2.0)
    0.1
    """
    return round(win * (odds - 1.0) - lose, 12)


def judge(over: float, under: float, odds: Market) -> Bet:
    """The side with the higher expected value; recommended from an edge of 0.03 upward.

    >>> judge(0.6, 0.4, market(2.0, 2.0))
    Bet(recommendation='OVER', confidence=0.6, expected_value=0.2)
    >>> judge(0.5, 0.5, market(None, None)).recommendation
    'NO_EDGE'
    """
    of_over = expected_value(over, under, odds.over)
    of_under = expected_value(under, over, odds.under)
    side, chance, worth = (OVER, over, of_over) if of_over >= of_under else (UNDER, under, of_under)
    if worth < MINIMUM_EDGE:
        return Bet(NO_EDGE, max(over, under), worth)
    return Bet(side, chance, worth)
