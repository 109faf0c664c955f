"""What an elasticity says of prices: the best one within a range, and what moving there brings.

Relative to today's quantity q at price p, a price r p sells q r^e. Such a quantity is monotone in
the elasticity e, and so are revenue and profit, so the ends of e's interval give the ends of
theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracer_ray.response.pooling import Elasticity

CURVE_POINTS = 10
_DECIMALS = 6


@dataclass(frozen=True)
class Market:
    """Where an entity stands: today's price, the quantity expected at it, and one unit's cost.

    `low` and `high` are the ends of the observed range of prices.
    """

    price: float
    quantity: float
    low: float
    high: float
    cost: float | None = None


@dataclass(frozen=True)
class BestPrice:
    """The price with the highest expected revenue, or profit where a cost is known, and why."""

    price: float
    reason: str


def best_price(market: Market, elasticity: float) -> BestPrice:
    """The best price within the observed range, for a negative elasticity.

    Profit is highest at cost * e / (1 + e) where e < -1 (Lerner 1934); revenue has no optimum of
    its own under a constant elasticity, so it is highest at an end of the range.

    >>> best_price(Market(3.0, 100.0, low=2.0, high=5.0, cost=2.0), -3.0).price
    3.0
    >>> best_price(Market(3.0, 100.0, low=2.0, high=5.0), -3.0).price
    2.0
    """
    goal = "revenue" if market.cost is None else "profit"
    edge = f"an end of the observed range {market.low:.4g} to {market.high:.4g}"
    if elasticity >= -1.0:
        why = "demand is inelastic: a higher price loses fewer sales than it gains per sale"
        return BestPrice(market.high, f"highest expected {goal}, at {edge}; {why}")
    if market.cost is None:
        why = "demand is elastic and no cost is known: revenue rises as the price falls"
        return BestPrice(market.low, f"highest expected {goal}, at {edge}; {why}")
    price = market.cost * elasticity / (1.0 + elasticity)
    if not market.low <= price <= market.high:
        kept = min(max(price, market.low), market.high)
        why = f"profit would be highest at {price:.4g}, where no price was observed"
        return BestPrice(kept, f"highest expected {goal}, at {edge}; {why}")
    return BestPrice(price, f"highest expected {goal}, inside the observed range")


def impacts(market: Market, elasticity: Elasticity, price: float) -> dict[str, dict[str, object]]:
    """What moving to `price` changes of volume, revenue and (with a cost) profit, by their names.

    Each as a share and as an amount per row, with the ends of their 90 % intervals. A share of
    profit is left out where there is none today.
    """
    ratio, cost = price / market.price, market.cost
    quantity = market.quantity
    revenue = quantity * market.price
    found = {
        "volume": _impact(lambda e: quantity * ratio**e, quantity, elasticity),
        "revenue": _impact(lambda e: revenue * ratio ** (1.0 + e), revenue, elasticity),
    }
    if cost is not None:
        profit = quantity * (market.price - cost)
        found["profit"] = _impact(
            lambda e: quantity * ratio**e * (price - cost), profit, elasticity
        )
    return found


def response_curve(market: Market, elasticity: Elasticity) -> list[dict[str, object]]:
    """Ten prices over the observed range, each with its expected quantity and revenue.

    The interval is that of the quantity, from the elasticity's error alone.
    """
    return [
        _point(market, elasticity, price)
        for price in np.linspace(market.low, market.high, CURVE_POINTS).tolist()
    ]


def _point(market: Market, elasticity: Elasticity, price: float) -> dict[str, object]:
    ratio = price / market.price
    quantity = market.quantity * ratio**elasticity.value
    ends = sorted(market.quantity * ratio**each for each in (elasticity.low, elasticity.high))
    return {
        "price": round(price, _DECIMALS),
        "quantity": round(quantity, _DECIMALS),
        "revenue": round(quantity * price, _DECIMALS),
        "interval": [round(end, _DECIMALS) for end in ends],
    }


def _impact(
    value_at: Callable[[float], float], today: float, elasticity: Elasticity
) -> dict[str, object]:
    change = value_at(elasticity.value) - today
    ends = sorted(value_at(each) - today for each in (elasticity.low, elasticity.high))
    is_share = today > 0.0
    return {
        "change": round(change / today, _DECIMALS) if is_share else None,
        "interval": [round(end / today, _DECIMALS) for end in ends] if is_share else None,
        "amount": round(change, _DECIMALS),
        "amount_interval": [round(end, _DECIMALS) for end in ends],
    }
