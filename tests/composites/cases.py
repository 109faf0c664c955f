"""Composites and consultations for tests of what is reckoned, without a release."""

from dataclasses import replace

from tracer_ray.composites.consultation import (
    Amount,
    Consultation,
    Event,
    PriceMove,
    Status,
)
from tracer_ray.composites.definition import Action, Component, Composite
from tracer_ray.decision import Stake

LEAVES, BUYS, OWES, PRICE = "leaves", "buys", "owes", "price"


def composite(*actions: Action, objective: str = "maximize_revenue_6_months") -> Composite:
    """One component per kind of stake, and one with a price."""
    margin = 0.5 if "profit" in objective else None
    components = (
        Component(LEAVES, Stake.ENDS_REVENUE, 100.0, 1.0),
        Component(BUYS, Stake.ADDS_REVENUE, 20.0, 2.0),
        Component(OWES, Stake.COSTS, 1000.0),
        Component(PRICE, None, None, 0.25),
    )
    return Composite("everything", objective, components, actions, margin)


def said(
    leaves: float = 0.4, buys: float = 0.1, owes: float = 0.05, error: float = 0.01
) -> dict[str, Consultation]:
    """What the components of `composite` answer."""
    move = PriceMove(3.0, 2.5, "an end", {"revenue": Amount(10.0, 4.0, 15.0)})
    return {
        LEAVES: event(leaves, error, "high", 1.0),
        BUYS: event(buys, error, "high", 1.0),
        OWES: event(owes, error, "medium", 0.5),
        PRICE: Consultation(Status.ANSWERED, "", {"optimal_price": 2.5}, None, move),
    }


def event(probability: float, error: float | None, risk: str, share: float) -> Consultation:
    """A component that answers with a probability."""
    found = Event(probability, error, risk, share)
    return Consultation(Status.ANSWERED, "", {"probability": probability}, found)


def silent(each: Consultation, status: Status = Status.FAILED) -> Consultation:
    """The component, not answering."""
    return replace(each, status=status, reason="no luck", answer=None, event=None, price=None)
