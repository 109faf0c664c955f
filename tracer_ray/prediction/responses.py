"""What a declared response says in an answer: elasticity, best price, impacts, curve or refusal."""

from dataclasses import replace
from math import isfinite

import numpy as np

from tracer_ray.blueprint import Source
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.next_rows import NextRows
from tracer_ray.prediction.outputs import DECIMALS
from tracer_ray.prediction.questions import Question
from tracer_ray.response.optimum import Market, best_price, impacts, response_curve
from tracer_ray.response.pooling import Elasticity
from tracer_ray.response.records import ANYBODY, EntityResponse, ResponseLevel
from tracer_ray.rows import FloatArray

_IMPACTS = {
    "volume": Source.VOLUME_IMPACT,
    "revenue": Source.REVENUE_IMPACT,
    "profit": Source.PROFIT_IMPACT,
}


def with_prices(loaded: LoadedRelease, rows: NextRows) -> NextRows:
    """The rows with the newest known price of their entity where none is given."""
    response = loaded.blueprint.response
    if response is None:
        return rows
    views = rows.views
    prices = _filled(loaded, views.numbers[response.price], views.entities.tolist())
    return replace(rows, views=replace(views, numbers={**views.numbers, response.price: prices}))


def respond(
    loaded: LoadedRelease, question: Question, price: float, quantity: float
) -> dict[Source, object]:
    """What is said of moving away from a price at which a quantity is expected."""
    known = response_of(loaded, question.owner)
    said: dict[Source, object] = {
        Source.CURRENT_PRICE: _number(price),
        Source.ELASTICITY_LEVEL: known.level.value,
        Source.ELASTICITY_REASON: known.reason,
        Source.REFUSAL: _refusal(known, price) or None,
    }
    if known.level is ResponseLevel.REFUSED:
        return said
    elasticity = Elasticity(known.elasticity, known.error, known.low, known.high, 0.0)
    said |= {
        Source.ELASTICITY: _number(known.elasticity),
        Source.ELASTICITY_ERROR: _number(known.error),
        Source.ELASTICITY_INTERVAL: [_number(known.low), _number(known.high)],
    }
    if said[Source.REFUSAL]:
        return said
    given = question.controls.cost
    cost = given if given is not None else known.last_cost if isfinite(known.last_cost) else None
    market = Market(price, quantity, known.price_low, known.price_high, cost)
    best = best_price(market, elasticity.value)
    moved = impacts(market, elasticity, best.price)
    return said | {
        Source.BEST_PRICE: _number(best.price),
        Source.BEST_PRICE_REASON: best.reason + _outside(market),
        Source.RESPONSE_CURVE: response_curve(market, elasticity),
        **{_IMPACTS[name]: impact for name, impact in moved.items()},
    }


def response_of(loaded: LoadedRelease, owner: str) -> EntityResponse:
    """What the release knows of an entity's response; that of nobody in particular for others."""
    return loaded.responses.get(owner, loaded.responses[ANYBODY])


def _filled(loaded: LoadedRelease, prices: FloatArray, owners: list[str]) -> FloatArray:
    newest = [response_of(loaded, owner).last_price for owner in owners]
    return np.where(np.isfinite(prices), prices, np.array(newest, np.float64))


def _refusal(known: EntityResponse, price: float) -> str:
    if known.refusal or price > 0.0:
        return known.refusal
    return "no current price is known; give one"


def _outside(market: Market) -> str:
    """A warning where today's own price was not observed."""
    if market.low <= market.price <= market.high:
        return ""
    return f"; today's price {market.price:.4g} is outside that range"


def _number(value: float) -> float | None:
    return round(value, DECIMALS) if isfinite(value) else None
