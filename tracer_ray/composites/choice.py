"""What is decided for one component: which of its actions pay, and whether to move its price."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum

import numpy as np

from tracer_ray.composites.consultation import Amount, PriceMove
from tracer_ray.composites.definition import Action, Composite
from tracer_ray.composites.draws import amount_draws, interval_of
from tracer_ray.composites.objective import Metric
from tracer_ray.composites.outlook import Outlook
from tracer_ray.rows import FloatArray

PRICE_CHANGE = "price change"


@dataclass(frozen=True)
class Impact:
    """What something brings: gross, its cost, and the 90 % interval of what is left.

    `confidence` is the share of draws in which something is left.
    """

    gross: float
    cost: float
    interval: tuple[float, float]
    confidence: float

    @property
    def net(self) -> float:
        """What is left after the cost."""
        return self.gross - self.cost

    @classmethod
    def of(cls, gross: float, cost: float, draws: FloatArray) -> "Impact":
        """The impact whose gross may be any of these draws."""
        left = draws - cost
        return cls(gross, cost, interval_of(left), float(np.mean(left > 0.0)))


@dataclass(frozen=True)
class Protocol:
    """An action to take, and what it adds to the others; `detail` says what it changes."""

    action: str
    component: str
    impact: Impact
    detail: Mapping[str, float]


@dataclass(frozen=True)
class PassedOver:
    """An action that is not recommended, and why."""

    action: str
    component: str
    reason: str


@dataclass(frozen=True)
class Choice:
    """What is decided for a component, and what its protocols bring together, costs not counted.

    `draws` are of that gross, None where nothing is recommended; `actions` are those of the
    composite that are taken.
    """

    protocols: tuple[Protocol, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    gross: float = 0.0
    draws: FloatArray | None = None
    actions: tuple[Action, ...] = ()


def choose_nothing(actions: tuple[Action, ...], why: str) -> Choice:
    """No action at all, because nothing can be reckoned."""
    passed = tuple(PassedOver(a.name, a.component, f"not estimated: {why}") for a in actions)
    return Choice(passed_over=passed)


def choose_actions(outlook: Outlook, actions: tuple[Action, ...]) -> Choice:
    """The combination of actions on one event that leaves the most."""
    taken = outlook.best(tuple(each for each in actions if each.effect is not None))
    left = (each for each in actions if each not in taken)
    passed = tuple(
        PassedOver(each.name, outlook.component, _why_not(outlook, each, taken)) for each in left
    )
    if not taken:
        return Choice(passed_over=passed)
    return Choice(
        tuple(_protocols(outlook, taken)),
        passed,
        outlook.impact(taken),
        outlook.impact_draws(taken),
        taken,
    )


def choose_price(composite: Composite, name: str, move: PriceMove) -> Choice:
    """Moving to the best price, where that brings more of what the objective counts."""
    amount = _over_the_horizon(composite, name, move)
    if isinstance(amount, Amount) and amount.value > 0.0:
        draws, gross = amount_draws(name, amount), amount.value
        detail = {"price": move.current, "price_after": move.best}
        protocol = Protocol(PRICE_CHANGE, name, Impact.of(gross, 0.0, draws), detail)
        return Choice((protocol,), (), gross, draws)
    metric = composite.goal.metric
    why = (
        f"moving to {move.best:.4g} brings {amount.value:.2f} {metric}"
        if isinstance(amount, Amount)
        else f"not estimated: {amount}"
    )
    return Choice(passed_over=(PassedOver(PRICE_CHANGE, name, why),))


def _protocols(outlook: Outlook, taken: tuple[Action, ...]) -> Iterator[Protocol]:
    for action in taken:
        others = tuple(each for each in taken if each is not action)
        gross = outlook.impact(taken) - outlook.impact(others)
        draws = outlook.impact_draws(taken) - outlook.impact_draws(others)
        detail = {
            "probability": outlook.event.probability,
            "probability_after": outlook.probability_after([action]),
        }
        impact = Impact.of(gross, action.cost, draws)
        yield Protocol(action.name, outlook.component, impact, detail)


def _why_not(outlook: Outlook, action: Action, taken: tuple[Action, ...]) -> str:
    if action.effect is None:
        return "not estimated: no effect is stated"
    gross = fsum([outlook.impact((*taken, action)), -outlook.impact(taken)])
    beside = " beside what is recommended" if taken else ""
    return f"it brings {gross:.2f}{beside} and costs {action.cost:.2f}"


def _over_the_horizon(composite: Composite, name: str, move: PriceMove) -> Amount | str:
    """What the best price brings over the objective's months, or why that can't be told."""
    metric, period = composite.goal.metric, composite.component(name).period_months
    if metric is Metric.LOSS:
        return "a price changes what is sold, and not a loss"
    if metric not in move.impacts:
        return "no cost of one unit is known"
    if period is None:
        return "the composite does not say how many months one row covers"
    one, rows = move.impacts[metric], composite.goal.months / period
    return Amount(rows * one.value, rows * one.low, rows * one.high)
