"""The risk of an entity: how likely each event is, and what is expected to be lost and gained."""

from collections.abc import Mapping, Sequence
from math import fsum

import numpy as np

from tracer_ray.composites.advice import Advice
from tracer_ray.composites.consultation import Consultation, Event
from tracer_ray.composites.definition import Composite
from tracer_ray.composites.draws import interval_of
from tracer_ray.composites.outlook import Outlook

_DECIMALS = 6


def assess_risk(
    composite: Composite, said: Mapping[str, Consultation], advice: Advice
) -> dict[str, object]:
    """The highest risk, and the expected loss and gain over the horizon, nothing being done.

    The risk of an event that brings money is no risk, and does not count for the level.
    """
    events = {name: event for name in sorted(said) if (event := said[name].event)}
    gains = {each.blueprint for each in composite.components if each.stake and each.stake.is_gain}
    ranked = [(each.risk_share, each.risk) for name, each in events.items() if name not in gains]
    outlooks = advice.outlooks.values()
    return {
        "level": max(ranked, default=(0.0, ""))[1] or None,
        "expected_loss": _together([o for o in outlooks if not o.holding.stake.is_gain], -1.0),
        "expected_gain": _together([o for o in outlooks if o.holding.stake.is_gain], 1.0),
        "by_component": [_at_stake(name, event, advice) for name, event in events.items()],
    }


def rounded(value: float) -> float:
    """A number as it is shown, never -0.0.

    >>> rounded(0.1 + 0.2), rounded(-1e-9)
    (0.3, 0.0)
    """
    return round(value, _DECIMALS) + 0.0


def _together(outlooks: Sequence[Outlook], sign: float) -> dict[str, object] | None:
    """What several events bring or take together, with its 90 % interval; None of none."""
    if not outlooks:
        return None
    total = sign * fsum(each.expected() for each in outlooks)
    draws = np.sum([each.expected_draws() for each in outlooks], axis=0)
    low, high = interval_of(sign * draws)
    return {"amount": rounded(total), "interval": [rounded(low), rounded(high)]}


def _at_stake(name: str, event: Event, advice: Advice) -> dict[str, object]:
    """An event, and what it moves in expectation, before and after what is recommended."""
    facts: dict[str, object] = {
        "component": name,
        "probability": event.probability,
        "probability_error": None if event.error is None else rounded(event.error),
        "risk": event.risk or None,
    }
    if name in advice.unvalued:
        return facts | {"expected": None, "expected_after": None, "reason": advice.unvalued[name]}
    outlook = advice.outlooks[name]
    expected, impact = outlook.expected(), outlook.impact(advice.taken[name])
    return facts | {"expected": rounded(expected), "expected_after": rounded(expected + impact)}
