"""One component in money: what its event moves, what actions change of it, and which of them pay.

The effects of actions on one event add up, but never take its probability below 0 or above 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum

import numpy as np

from tracer_ray.composites.consultation import Consultation, Event
from tracer_ray.composites.definition import Action, Composite
from tracer_ray.composites.draws import effect_draws, probability_draws
from tracer_ray.composites.money import Holding
from tracer_ray.composites.request import value_of
from tracer_ray.errors import RequestError
from tracer_ray.prediction.requests import Request
from tracer_ray.rows import FloatArray


@dataclass(frozen=True)
class Outlook:
    """A component's event, and what is at stake with it."""

    component: str
    event: Event
    holding: Holding

    def expected(self) -> float:
        """What the event brings (+) or takes (-) in expectation, nothing being done."""
        return float(self.holding.expected(np.array(self.event.probability)))

    def expected_draws(self) -> FloatArray:
        """The same for each draw of the probability."""
        return self.holding.expected(probability_draws(self.component, self.event))

    def probability_after(self, actions: Sequence[Action]) -> float:
        """The probability of the event after some actions."""
        effect = np.array(fsum(each.effect or 0.0 for each in actions))
        return float(_after(np.array(self.event.probability), effect))

    def impact(self, actions: Sequence[Action]) -> float:
        """What some actions bring in expectation, their costs not counted."""
        before, after = self.event.probability, self.probability_after(actions)
        return float(self.holding.impact(np.array(before), np.array(after)))

    def impact_draws(self, actions: Sequence[Action]) -> FloatArray:
        """The same for each draw of the probability and of the effects."""
        before = probability_draws(self.component, self.event)
        effects = [effect_draws(each) for each in sorted(actions, key=lambda each: each.name)]
        return self.holding.impact(before, _after(before, np.sum([0.0 * before, *effects], axis=0)))

    def net(self, actions: Sequence[Action]) -> float:
        """What some actions bring in expectation, less what they cost."""
        return self.impact(actions) - fsum(each.cost for each in actions)

    def best(self, actions: Sequence[Action]) -> tuple[Action, ...]:
        """The combination with the highest net, the smallest one where several have it.

        None at all where nothing brings more than it costs.
        """
        sizes = range(len(actions) + 1)
        sets = (chosen for size in sizes for chosen in combinations(actions, size))
        return max(sets, key=self.net)


def outlook_of(
    composite: Composite, name: str, said: Consultation, request: Request
) -> Outlook | str:
    """A component in money, or why there is none."""
    component = composite.component(name)
    if not said.is_answered:
        return f"{name} gives no answer: {said.reason}"
    if said.event is None:
        return f"{name} gives no probability"
    if component.stake is None:
        return f"nothing is known to be at stake with {name}: state its stake in the composite"
    try:
        value = value_of(composite, name, request)
    except RequestError as error:
        return str(error)
    if value is None:
        return f"no value of {name} is known: give it in values.{name}"
    months = float(composite.goal.months)
    period = months if component.period_months is None else component.period_months
    share = composite.goal.share(component.stake, composite.margin)
    return Outlook(name, said.event, Holding(component.stake, value * share, period, months))


def _after(before: FloatArray, effect: FloatArray) -> FloatArray:
    return np.clip(before * (1.0 + effect), 0.0, 1.0)
