"""Seeded draws of what is not known exactly: probabilities, effects, and what a price brings.

They are a Latin hypercube (McKay, Beckman and Conover 1979): of each quantity evenly spread
quantiles, in an order drawn by its name. The same name always gets the same draws, so an answer
does not depend on the order of components, and two answers about other values or costs can be
compared draw by draw.
"""

from functools import cache, lru_cache
from statistics import NormalDist

import numpy as np

from tracer_ray.composites.consultation import Amount, Event
from tracer_ray.composites.definition import Action
from tracer_ray.rows import FloatArray
from tracer_ray.splits import stable_hash

DRAWS = 4_000
COVERAGE = 0.9
_END = 1.6448536269514722  # of a 90 % interval, in standard deviations of a normal distribution


def probability_draws(component: str, event: Event) -> FloatArray:
    """The probability and what else it may be: normal about it, within 0 and 1."""
    error = event.error or 0.0
    return np.clip(event.probability + error * _normal(f"probability {component}"), 0.0, 1.0)


def effect_draws(action: Action) -> FloatArray:
    """The effect and what else it may be, within its possible values."""
    effect = action.effect or 0.0
    low, high = action.effect_interval or (effect, effect)
    return np.maximum(_about(Amount(effect, low, high), f"effect {action.name}"), -1.0)


def amount_draws(component: str, amount: Amount) -> FloatArray:
    """An amount of money and what else it may be."""
    return _about(amount, f"amount {component}")


def interval_of(draws: FloatArray) -> tuple[float, float]:
    """The ends of the middle 90 % of draws."""
    low, high = np.quantile(draws, [(1.0 - COVERAGE) / 2.0, (1.0 + COVERAGE) / 2.0])
    return float(low), float(high)


def _about(amount: Amount, name: str) -> FloatArray:
    """Two half normal distributions, one to each side, whose 90 % interval is the stated one."""
    scores = _normal(name) / _END
    above, below = amount.high - amount.value, amount.value - amount.low
    return amount.value + np.where(scores > 0.0, above, below) * scores


@lru_cache(256)
def _normal(name: str) -> FloatArray:
    scores = np.random.default_rng(stable_hash(name)).permutation(_quantiles())
    scores.setflags(write=False)
    return scores


@cache
def _quantiles() -> FloatArray:
    """The normal scores in the middle of equally likely intervals."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((draw + 0.5) / DRAWS) for draw in range(DRAWS)])
