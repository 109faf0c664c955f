"""What to do, over all components: the best combination, what it brings, what is passed over.

Components add up: what is done about one event is taken to change no other one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum

import numpy as np

from tracer_ray.composites.choice import (
    Choice,
    Impact,
    PassedOver,
    Protocol,
    choose_actions,
    choose_nothing,
    choose_price,
)
from tracer_ray.composites.consultation import Consultation
from tracer_ray.composites.definition import Action, Composite
from tracer_ray.composites.outlook import Outlook, outlook_of
from tracer_ray.prediction.requests import Request


@dataclass(frozen=True)
class Advice:
    """What to do; `total` is None where nothing is recommended.

    `outlooks` has what is at stake with each component, `unvalued` why that can't be told of the
    others; `taken` are the recommended actions by component.
    """

    protocols: tuple[Protocol, ...]
    passed_over: tuple[PassedOver, ...]
    total: Impact | None
    outlooks: Mapping[str, Outlook]
    unvalued: Mapping[str, str]
    taken: Mapping[str, tuple[Action, ...]]


def advise(composite: Composite, said: Mapping[str, Consultation], request: Request) -> Advice:
    """The best combination of a composite's actions, given what its components say."""
    names = sorted(composite.names)
    found = {name: outlook_of(composite, name, said[name], request) for name in names}
    outlooks = {name: each for name, each in found.items() if isinstance(each, Outlook)}
    unvalued = {name: each for name, each in found.items() if isinstance(each, str)}
    on_events = {
        name: choose_actions(outlooks[name], composite.actions_on(name))
        if name in outlooks
        else choose_nothing(composite.actions_on(name), unvalued[name])
        for name in names
    }
    choices = [*on_events.values(), *_on_prices(composite, said)]
    protocols = [each for choice in choices for each in choice.protocols]
    passed_over = [each for choice in choices for each in choice.passed_over]
    return Advice(
        tuple(sorted(protocols, key=lambda each: (-each.impact.net, each.action, each.component))),
        tuple(sorted(passed_over, key=lambda each: (each.action, each.component))),
        _total(choices),
        outlooks,
        unvalued,
        {name: choice.actions for name, choice in on_events.items()},
    )


def _on_prices(composite: Composite, said: Mapping[str, Consultation]) -> Iterator[Choice]:
    for name in sorted(composite.names):
        move = said[name].price
        if move:
            yield choose_price(composite, name, move)


def _total(choices: list[Choice]) -> Impact | None:
    """What all that is recommended brings together."""
    draws = [each.draws for each in choices if each.draws is not None]
    if not draws:
        return None
    gross = fsum(choice.gross for choice in choices)
    cost = fsum(action.cost for choice in choices for action in choice.actions)
    return Impact.of(gross, cost, np.sum(draws, axis=0))
